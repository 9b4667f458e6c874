/**
 * An ONNX graph run again and again over the same memory: inputs are read and outputs are written
 * where they lie, so a step of training copies nothing.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { pinwheelError, unbroken } from '../../base/index.ts'
import { type OnnxGraph, onnxModel } from './model-builder.ts'

export type Numbers = Float32Array | Float64Array | BigInt64Array
/** Where the numbers of each input and output lie, by name; sizes are the graph's. */
export type Bindings = Readonly<Record<string, Numbers>>

export class OnnxProgram {
  readonly #session: InferenceSession
  readonly #feeds: Record<string, Tensor>
  readonly #fetches: Record<string, Tensor>

  private constructor(session: InferenceSession, graph: OnnxGraph, memory: Bindings) {
    this.#session = session
    this.#feeds = tensors(graph.inputs, memory)
    this.#fetches = tensors(graph.outputs, memory)
  }

  /**
   * `threads` of onnxruntime's own; the last bits may depend on how many. MODEL_UNFIT when
   * onnxruntime refuses the graph.
   */
  static async open(graph: OnnxGraph, memory: Bindings, threads: number): Promise<OnnxProgram> {
    try {
      const session = await unbroken(() => {
        return InferenceSession.create(onnxModel(graph), {
          executionProviders: ['cpu'],
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          graphOptimizationLevel: 'all',
          logSeverityLevel: 3,
        })
      })
      return new OnnxProgram(session, graph, memory)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw pinwheelError('MODEL_UNFIT', { name: graph.name, reason }, error)
    }
  }

  /** Computes every output from what the inputs hold now. Keeps the thread until it is done. */
  async run(): Promise<void> {
    await unbroken(() => this.#session.run(this.#feeds, this.#fetches))
  }

  async close(): Promise<void> {
    await unbroken(() => this.#session.release())
  }
}

function tensors(values: OnnxGraph['inputs'], memory: Bindings): Record<string, Tensor> {
  const entries = values.map(({ name, type = 'float32', dims }) => {
    const numbers = memory[name]
    if (!numbers) throw new RangeError(`no memory is bound to ${name}`)
    const sizes = dims.map((size) => {
      if (typeof size === 'string') throw new RangeError(`${name} has an open size, ${size}`)
      return size
    })
    return [name, new Tensor(type, numbers, sizes)] as const
  })
  return Object.fromEntries(entries)
}
