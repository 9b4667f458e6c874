/**
 * The deep ranker as it serves. The first layer is a sum of what user, pin and features bring to it
 * (it is linear up to its ReLU): the pins' parts are computed for the whole table when a model is
 * opened, the user's once a request, so that of the 544 inputs a candidate only pays for its
 * features. The sum is the same as in training, in another order.
 *
 * Memory: 4 · hidden[0] bytes a row of the pins' table (512 MiB for 262,144 rows of 512), which
 * threads share.
 */
import { assert, f32Array, pinwheelError, sharedAllocator } from '../../../base/index.ts'
import { Gemm, type OnnxGraph, OnnxProgram } from '../../onnx/index.ts'
import { modelVersion } from '../../registry/model-version.ts'
import { type DeepHead, deepWeights } from './deep-file.ts'

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
}

/** Rows of a pass: what a layer leaves then stays in a core's cache. */
const CHUNK = 512
/** Rows of a product when the tables are multiplied. */
const TABLE_CHUNK = 8_192

/** MODEL_UNFIT when the bytes are damaged, or are of other features than `features`. */
export async function deepMemory(
  bytes: Uint8Array,
  features: readonly string[],
): Promise<DeepMemory> {
  const version = modelVersion(bytes)
  const weights = deepWeights(bytes)
  const { head } = weights
  if (head.features.join() !== features.join()) {
    const reason = `its features are ${head.features.length} others: ${head.features.join(', ')}`
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

export class DeepModel {
  readonly version: string
  readonly inputs: readonly string[]
  readonly #memory: DeepMemory
  readonly #program: OnnxProgram
  readonly #bound: Bound
  /** Settles when nobody uses the memory. */
  #last: Promise<unknown> = Promise.resolve()

  private constructor(memory: DeepMemory, program: OnnxProgram, bound: Bound) {
    this.version = memory.version
    this.inputs = memory.head.features
    this.#memory = memory
    this.#program = program
    this.#bound = bound
  }

  /** `threads` of onnxruntime's own. */
  static async open(memory: DeepMemory, threads = 1): Promise<DeepModel> {
    const { hidden, features } = memory.head
    const [first, inputs] = [hidden[0]!, features.length + 1]
    const bound = {
      first: new Float32Array(CHUNK * first),
      features: new Float32Array(CHUNK * inputs),
      'of features': new Float32Array(inputs * first),
      score: new Float32Array(CHUNK),
    }
    bound['of features'].set(memory.ofFeatures)
    const program = await OnnxProgram.open(aboveGraph(memory), bound, threads)
    return new DeepModel(memory, program, bound)
  }

  /**
   * The log-odds that a user saves each of some pins that they are shown: by the hashes of outside
   * ids, and rows of features [pins, features]. A score does not depend on the other pins of the
   * call. Log-odds, since probabilities near 0 and 1 would round to ties.
   */
  score(user: number, pins: Uint32Array, matrix: Float32Array): Promise<Float32Array> {
    // One call after the other: they share the memory that onnxruntime reads.
    const answer = this.#last.then(() => this.#score(user, pins, matrix))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async close(): Promise<void> {
    await this.#last
    await this.#program.close()
  }

  async #score(user: number, pins: Uint32Array, matrix: Float32Array): Promise<Float32Array> {
    const { head, users } = this.#memory
    const { hidden, userRows, features } = head
    const first = hidden[0]!
    assert(matrix.length === pins.length * features.length, 'there is a row for each pin')
    const bound = this.#bound
    const mine = (user & (userRows - 1)) * first
    bound['of features'].set(users.subarray(mine, mine + first), features.length * first)
    const scores = new Float32Array(pins.length)
    for (let from = 0; from < pins.length; from += CHUNK) {
      const some = Math.min(CHUNK, pins.length - from)
      this.#fill(pins, matrix, from, some)
      await this.#program.run()
      scores.set(bound.score.subarray(0, some), from)
    }
    return scores
  }

  /** Parts of pins, and their features with a 1 behind, which brings in the user's part. */
  #fill(pins: Uint32Array, matrix: Float32Array, from: number, some: number): void {
    const { head, pins: parts } = this.#memory
    const { hidden, pinRows, features } = head
    const bound = this.#bound
    const first = hidden[0]!
    const width = features.length
    for (let i = 0; i < some; i++) {
      const at = (pins[from + i]! & (pinRows - 1)) * first
      bound.first.set(parts.subarray(at, at + first), i * first)
      const to = i * (width + 1)
      for (let f = 0; f < width; f++) bound.features[to + f] = matrix[(from + i) * width + f]!
      bound.features[to + width] = 1
    }
  }
}

type Bound = Readonly<Record<'first' | 'features' | 'of features' | 'score', Float32Array>>

/** From what user and pin bring, and features, to the score. */
function aboveGraph({ head, above }: DeepMemory): OnnxGraph {
  const { hidden, features } = head
  const first = hidden[0]!
  const sizes = [...hidden, 1]
  const tensor = (name: string, dims: readonly number[], values: Float32Array) => {
    return { name, dims, values }
  }
  const layers = above.length / 2
  const nodes: OnnxGraph['nodes'][number][] = [
    { operator: 'Gemm', inputs: ['features', 'of features', 'first'], output: 'sum 0' },
    { operator: 'Relu', inputs: ['sum 0'], output: 'layer 0' },
  ]
  for (let l = 1; l <= layers; l++) {
    const inputs = [`layer ${l - 1}`, `weights ${l}`, `biases ${l}`]
    nodes.push({ operator: 'Gemm', inputs, output: l < layers ? `sum ${l}` : 'score' })
    if (l < layers) nodes.push({ operator: 'Relu', inputs: [`sum ${l}`], output: `layer ${l}` })
  }
  return {
    name: 'deep ranker',
    inputs: [
      { name: 'first', dims: [CHUNK, first] },
      { name: 'features', dims: [CHUNK, features.length + 1] },
      { name: 'of features', dims: [features.length + 1, first] },
    ],
    outputs: [{ name: 'score', dims: [CHUNK, 1] }],
    nodes,
    tensors: [
      ...above.map((values, i) => {
        const l = 1 + Math.floor(i / 2)
        const dims = i % 2 === 0 ? [sizes[l - 1]!, sizes[l]!] : [sizes[l]!]
        return tensor(`${i % 2 === 0 ? 'weights' : 'biases'} ${l}`, dims, values)
      }),
    ],
    metadata: {},
  }
}
