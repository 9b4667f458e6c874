/**
 * The deep ranker as it serves. The first layer is a sum of what user, pin and features bring to it
 * (it is linear up to its ReLU): the pins' parts are computed for the whole table when a model is
 * opened, the user's once a request, so that of the 544 inputs a candidate only pays for its
 * features. The sum is the same as in training, in another order.
 *
 * Memory: 4 · hidden[0] bytes a row of the pins' table (512 MiB for 262,144 rows of 512), which
 * threads share.
 */
import {
  assert,
  f32Array,
  type Interner,
  pinwheelError,
  sharedAllocator,
} from '../../../base/index.ts'
import { Gemm, OnnxProgram } from '../../onnx/index.ts'
import { FactorReader, type PinFactorsMemory, pinFactorsMemory } from '../../pin-factors/index.ts'
import { modelVersion } from '../../registry/model-version.ts'
import { aboveGraph } from './above-graph.ts'
import { type DeepHead, deepWeights } from './deep-file.ts'
import { type JobMemory, ScoringJob } from './scoring-job.ts'

/** What threads share of a model; plain data, so that it can be sent to them. */
export type DeepMemory = {
  readonly version: string
  readonly head: DeepHead
  /** [userRows, hidden[0]], biases and all. */
  readonly users: Float32Array
  /** [pinRows, hidden[0]] */
  readonly pins: Float32Array
  readonly ofFeatures: Float32Array
  readonly above: readonly Float32Array[]
  readonly factors?: PinFactorsMemory
}

/** Rows of a pass: what a layer leaves then stays in a core's cache. */
const CHUNK = 512
/** From so many rows on another thread is asked for help: fewer are done before it comes. */
const HELP_ROWS = 4 * CHUNK
/** Rows of parts that are looked for together. */
const AHEAD = 16
/** Rows of a product when the tables are multiplied. */
const TABLE_CHUNK = 8_192

/**
 * `pins` finds numbers of this host's pins. MODEL_UNFIT when the bytes are damaged, are of other
 * features than `features`, or have factors of which it knows no pin.
 */
export async function deepMemory(
  bytes: Uint8Array,
  features: readonly string[],
  pins: Pick<Interner, 'find'> = { find: () => -1 },
): Promise<DeepMemory> {
  const version = modelVersion(bytes)
  const weights = deepWeights(bytes)
  const { head, factors } = weights
  if (head.features.join() !== features.join()) {
    const reason = `its features are ${head.features.length} others: ${head.features.join(', ')}`
    throw pinwheelError('MODEL_UNFIT', { name: version, reason })
  }
  const ofPins = factors && pinFactorsMemory(factors, (pin) => pins.find(pin))
  if (ofPins?.rowOf.length === 0) {
    const reason = 'none of the pins of its factors is known here; it learned from other data'
    throw pinwheelError('MODEL_UNFIT', { name: version, reason })
  }
  const gemm = new Gemm(1)
  const users = await firstParts(gemm, head, weights.users, weights.ofUser)
  const first = head.hidden[0]!
  for (let i = 0; i < users.length; i++) users[i]! += weights.biases[i % first]!
  return {
    version,
    head,
    users,
    pins: await firstParts(gemm, head, weights.pins, weights.ofPin),
    ofFeatures: weights.ofFeatures,
    above: weights.above,
    ...(ofPins && { factors: ofPins }),
  }
}

/** table · weights */
async function firstParts(
  gemm: Gemm,
  { width, hidden }: DeepHead,
  table: Float32Array,
  weights: Float32Array,
): Promise<Float32Array> {
  const first = hidden[0]!
  const rows = table.length / width
  const parts = f32Array(sharedAllocator, rows * first)
  const b = { rows: width, columns: first, values: weights }
  for (let from = 0; from < rows; from += TABLE_CHUNK) {
    const some = Math.min(TABLE_CHUNK, rows - from)
    const values = table.subarray(from * width, (from + some) * width)
    const product = await gemm.multiply({ a: { rows: some, columns: width, values }, b })
    parts.set(product.values, from * first)
  }
  return parts
}

/** Asks another thread that has the same model to take part in a job, if one has the time. */
export type CallForHelp = (job: JobMemory) => void

export type DeepOpening = {
  /** In whole numbers where training left their ranges, unless this says otherwise. */
  readonly precision?: 'float32'
  readonly onJob?: CallForHelp
}

export class DeepModel {
  readonly version: string
  readonly inputs: readonly string[]
  readonly factors?: FactorReader
  readonly #memory: DeepMemory
  readonly #program: OnnxProgram
  readonly #bound: Bound
  readonly #onJob: CallForHelp | undefined
  #job: ScoringJob | undefined
  /** Settles when nobody uses the memory. */
  #last: Promise<unknown> = Promise.resolve()

  private constructor(
    memory: DeepMemory,
    program: OnnxProgram,
    bound: Bound,
    onJob: CallForHelp | undefined,
  ) {
    this.version = memory.version
    this.inputs = memory.head.features
    if (memory.factors) this.factors = new FactorReader(memory.factors)
    this.#memory = memory
    this.#program = program
    this.#bound = bound
    this.#onJob = onJob
  }

  /** KERNEL_MISSING. */
  static async open(memory: DeepMemory, opening: DeepOpening = {}): Promise<DeepModel> {
    const { hidden, features, ranges } = memory.head
    const [first, inputs] = [hidden[0]!, features.length + 1]
    const bound = {
      first: new Float32Array(CHUNK * first),
      features: new Float32Array(CHUNK * inputs),
      'of features': new Float32Array(inputs * first),
      score: new Float32Array(CHUNK),
    }
    bound['of features'].set(memory.ofFeatures)
    const graph = aboveGraph(memory, CHUNK, opening.precision === 'float32' ? undefined : ranges)
    const program = await OnnxProgram.open(graph, bound, 1)
    return new DeepModel(memory, program, bound, opening.onJob)
  }

  /**
   * The log-odds that a user saves each of some pins that they are shown: by the hashes of outside
   * ids, and rows of features [pins, features]. A score does not depend on the other pins of the
   * call. Log-odds, since probabilities near 0 and 1 would round to ties.
   */
  score(user: number, pins: Uint32Array, matrix: Float32Array): Promise<Float32Array> {
    return this.#inTurn(() => this.#score(user, pins, matrix))
  }

  /** Takes chunks of another thread's job as long as there are any. */
  help(memory: JobMemory): Promise<void> {
    return this.#inTurn(async () => {
      if (memory.version === this.version) await this.#work(new ScoringJob(memory, CHUNK))
    })
  }

  async close(): Promise<void> {
    await this.#last
    await this.#program.close()
  }

  /** One call after the other: they share the memory that onnxruntime reads. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(work)
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async #score(user: number, pins: Uint32Array, matrix: Float32Array): Promise<Float32Array> {
    const width = this.inputs.length
    assert(matrix.length === pins.length * width, 'there is a row for each pin')
    let job = this.#job
    if (!job || job.capacity < pins.length) {
      job = ScoringJob.create(this.version, pins.length, width, CHUNK)
    }
    // Kept for the next call if this one ends well: else a helper may yet write to it.
    this.#job = undefined
    job.begin(user, pins, matrix)
    if (pins.length >= HELP_ROWS) this.#onJob?.(job.memory)
    await this.#work(job)
    const late = await job.end()
    for (const from of late) await this.#chunk(job, from)
    if (late.length === 0) this.#job = job
    return job.memory.scores.slice(0, pins.length)
  }

  async #work(job: ScoringJob): Promise<void> {
    for (let from = job.take(); from !== undefined; from = job.take()) {
      await this.#chunk(job, from)
      job.done(from)
    }
  }

  async #chunk(job: ScoringJob, from: number): Promise<void> {
    const { head, users } = this.#memory
    const first = head.hidden[0]!
    const mine = (job.user & (head.userRows - 1)) * first
    const bound = this.#bound
    bound['of features'].set(users.subarray(mine, mine + first), head.features.length * first)
    const some = Math.min(CHUNK, job.count - from)
    this.#fill(job.memory, from, some)
    await this.#program.run()
    job.memory.scores.set(bound.score.subarray(0, some), from)
  }

  /** Parts of pins, and their features with a 1 behind, which brings in the user's part. */
  #fill({ pins, matrix }: JobMemory, from: number, some: number): void {
    const { head, pins: parts } = this.#memory
    const { hidden, pinRows, features } = head
    const bound = this.#bound
    const first = hidden[0]!
    const width = features.length
    let seen = 0
    for (let i = 0; i < some; i++) {
      // A row is far from the last one: the first words of a few are waited for together.
      if (i % AHEAD === 0) {
        const end = Math.min(some, i + AHEAD)
        for (let j = i; j < end; j++) seen += parts[(pins[from + j]! & (pinRows - 1)) * first]!
      }
      const at = (pins[from + i]! & (pinRows - 1)) * first
      bound.first.set(parts.subarray(at, at + first), i * first)
      const to = i * (width + 1)
      for (let f = 0; f < width; f++) bound.features[to + f] = matrix[(from + i) * width + f]!
      bound.features[to + width] = 1
    }
    // Overwritten by the run, and there so that what is only looked at is read at all.
    bound.score[0] = seen
  }
}

type Bound = Readonly<Record<'first' | 'features' | 'of features' | 'score', Float32Array>>
