/**
 * A network in training: its weights, a program that computes loss and gradients, and one that
 * answers without dropout over the same weights. A step is: gather the embeddings that the batch
 * reads, draw the masks, run, let every weight follow its gradient.
 *
 * Law: equal network, batches, seed and threads give equal bits; step n draws the same masks
 * whenever it is reached, so a training that was cut off goes on to the same bits.
 */
import { assert, pinwheelError, Random, threefry } from '../../../base/index.ts'
import { type Numbers, type OnnxGraph, OnnxProgram } from '../../onnx/index.ts'
import { DenseParameters } from './dense-parameters.ts'
import { EmbeddingTable } from './embedding-table.ts'
import { gradients } from './gradients.ts'
import { KernelMemory } from './kernel-memory.ts'
import { Layers, type Network } from './layers.ts'
import { onnxGraph } from './onnx-graph.ts'
import { type Optimiser, stepOf } from './optimiser.ts'
import { sizeOf } from './tape.ts'

export type TrainerOptions = {
  /** Of a batch. */
  readonly rows: number
  readonly optimiser: Optimiser
  readonly seed: number
  /** Of onnxruntime. */
  readonly threads: number
}

export class Trainer {
  readonly options: TrainerOptions
  readonly parameters: DenseParameters
  readonly tables: ReadonlyMap<string, EmbeddingTable>
  readonly #network: Network
  readonly #memory: Record<string, Numbers>
  readonly #masks: readonly { readonly values: Float32Array; readonly share: number }[]
  readonly #maskMemory: KernelMemory
  readonly #training: OnnxProgram
  readonly #serving: OnnxProgram
  #steps = 0

  private constructor(parts: TrainerParts) {
    this.options = parts.options
    this.parameters = parts.parameters
    this.tables = parts.tables
    this.#network = parts.network
    this.#memory = parts.memory
    this.#masks = parts.masks
    this.#maskMemory = parts.maskMemory
    this.#training = parts.training
    this.#serving = parts.serving
  }

  /** MODEL_TOO_LARGE before anything is reserved, MODEL_UNFIT when onnxruntime refuses it. */
  static async open(network: Network, options: TrainerOptions): Promise<Trainer> {
    return new Trainer(await trainerParts(network, options))
  }

  /** Steps taken. */
  get steps(): number {
    return this.#steps
  }

  /** The next batch's numbers by an input's name, row after row; the caller's to fill. */
  input(name: string): Float32Array {
    const values = this.#memory[name]
    assert(values instanceof Float32Array, `${name} is an input of numbers`)
    return values
  }

  /** The same of an input of whole numbers. */
  index(name: string): BigInt64Array {
    const values = this.#memory[name]
    assert(values instanceof BigInt64Array, `${name} is an input of whole numbers`)
    return values
  }

  table(name: string): EmbeddingTable {
    const table = this.tables.get(name)
    assert(table !== undefined, `${name} is a table of the network`)
    return table
  }

  /** An answer to the batch, after `answer`. */
  output(name: string): Float32Array {
    return this.input(`answer ${name}`)
  }

  /**
   * One step over the batch that was filled in; its loss before the step. `share` of the learning
   * rate. TRAINING_DIVERGED when the loss is not finite: nothing has moved.
   */
  async step(share = 1): Promise<number> {
    const number = this.#steps + 1
    const { seed, optimiser } = this.options
    for (const table of this.tables.values()) table.gather()
    this.#drawMasks(seed, number)
    await this.#training.run()
    const loss = this.input('loss')[0]!
    if (!Number.isFinite(loss)) {
      throw pinwheelError('TRAINING_DIVERGED', { step: number, loss, rate: optimiser.rate })
    }
    this.parameters.step(stepOf(optimiser, number, share))
    for (const table of this.tables.values()) {
      table.step(stepOf(optimiser, number, share * (table.shape.speed ?? 1)))
    }
    this.#steps = number
    return loss
  }

  /** Answers to the batch that was filled in, without dropout; its loss, too. */
  async answer(): Promise<number> {
    for (const table of this.tables.values()) table.gather()
    await this.#serving.run()
    return this.output('loss')[0]!
  }

  /** Everything that a step changes: what a checkpoint keeps, in a fixed order. */
  get state(): readonly Float32Array[] {
    const tables = [...this.tables.values()].flatMap(({ state }) => Object.values(state))
    return [...Object.values(this.parameters.state), ...tables]
  }

  /** What it has learned. */
  get weights(): readonly Float32Array[] {
    const tables = [...this.tables.values()].map(({ state }) => state.table)
    return [this.parameters.state.weights, ...tables]
  }

  /** Goes on after `steps` steps, with lists as long as `state`'s. */
  restore(steps: number, state: readonly Float32Array[]): void {
    const mine = this.state
    assert(
      mine.length === state.length && mine.every(({ length }, i) => length === state[i]!.length),
      'a state is of the same network',
    )
    mine.forEach((list, i) => {
      list.set(state[i]!)
    })
    this.#steps = steps
  }

  /** What it has learned as an ONNX graph of any number of rows; embeddings are inputs. */
  graph(name: string, outputs: readonly string[], metadata: Record<string, string>): OnnxGraph {
    const layers = new Layers(this.options.rows, false)
    const built = this.#network(layers)
    const fixed = new Map(
      layers.parameters.map((shape) => [shape.name, this.parameters.get(shape.name).values]),
    )
    const wanted = outputs.map((output) => [output, built.outputs[output]!] as const)
    return onnxGraph(Object.fromEntries(wanted), { name, fixed, openRows: true, metadata })
  }

  async close(): Promise<void> {
    await Promise.all([this.#training.close(), this.#serving.close()])
  }

  #drawMasks(seed: number, step: number): void {
    const key = new Uint32Array(2)
    this.#masks.forEach(({ values, share }, i) => {
      threefry(seed | 0, i, step, 0x6d61736b, key)
      const threshold = Math.round(share * 2 ** 32)
      const { kernel } = this.#maskMemory
      kernel.dropout(values.byteOffset, values.length, key[0]!, threshold, 1 / (1 - share))
    })
  }
}

type TrainerParts = {
  readonly network: Network
  readonly options: TrainerOptions
  readonly parameters: DenseParameters
  readonly tables: ReadonlyMap<string, EmbeddingTable>
  readonly memory: Record<string, Numbers>
  readonly masks: readonly { readonly values: Float32Array; readonly share: number }[]
  readonly maskMemory: KernelMemory
  readonly training: OnnxProgram
  readonly serving: OnnxProgram
}

async function trainerParts(network: Network, options: TrainerOptions): Promise<TrainerParts> {
  const { rows, seed, threads } = options
  const layers = new Layers(rows, true)
  const { loss } = network(layers)
  const random = new Random(seed).split('start')
  const parameters = new DenseParameters(layers.parameters, random)
  const tables = new Map(
    layers.tables.map((shape) => [shape.name, new EmbeddingTable(shape, random)]),
  )
  const maskSizes = layers.masks.map(({ value }) => sizeOf(value.dims))
  const maskMemory = new KernelMemory('the masks', maskSizes)
  const masks = layers.masks.map(({ value, share }) => {
    return { name: value.name, values: maskMemory.floats(sizeOf(value.dims)), share }
  })
  const memory: Record<string, Numbers> = { loss: new Float32Array(1) }
  for (const { value, isIndex } of layers.inputs) {
    const size = sizeOf(value.dims)
    memory[value.name] = isIndex ? new BigInt64Array(size) : new Float32Array(size)
  }
  for (const { name, values } of masks) memory[name] = values
  for (const { name } of layers.parameters) memory[name] = parameters.get(name).values
  for (const [name, table] of tables) memory[name] = table.gathered
  // What has a gradient: weights, and the rows of tables that a batch reads.
  const learned = [...layers.parameters, ...layers.tables]
  const slopes = gradients(
    loss,
    learned.map(({ value }) => value),
  )
  const outputs: Record<string, (typeof slopes)[number]> = { loss }
  learned.forEach(({ name }, i) => {
    outputs[`by ${name}`] = slopes[i]!
    memory[`by ${name}`] = tables.get(name)?.gradient ?? parameters.get(name).gradient
  })
  const graph = onnxGraph(outputs, { name: 'a step of training' })
  return {
    network,
    options,
    parameters,
    tables,
    memory,
    masks,
    maskMemory,
    training: await OnnxProgram.open(graph, memory, threads),
    serving: await servingProgram(network, options, memory),
  }
}

/** Over the same weights, so that it always answers by what was learned last. */
function servingProgram(
  network: Network,
  { rows, threads }: TrainerOptions,
  memory: Record<string, Numbers>,
): Promise<OnnxProgram> {
  const layers = new Layers(rows, false)
  const { loss, outputs } = network(layers)
  const answers = Object.entries({ ...outputs, loss }).map(([name, value]) => {
    memory[`answer ${name}`] = new Float32Array(sizeOf(value.dims))
    return [`answer ${name}`, value] as const
  })
  const graph = onnxGraph(Object.fromEntries(answers), { name: 'answers while training' })
  return OnnxProgram.open(graph, memory, threads)
}
