/**
 * Running ONNX models: the sole importer of onnxruntime-node. `run` is synchronous inside an
 * immediate, so sessions belong on worker threads. Rows are padded to a few fixed sizes: a row's
 * score never depends on how many others came along.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { pinwheelError, unbroken } from '../../base/index.ts'

const paddedRows = [16, 64, 256, 1024, 2048, 8192]

export class OnnxSession {
  readonly #session: InferenceSession
  readonly #input: string
  readonly #output: string
  readonly width: number

  private constructor(session: InferenceSession, width: number) {
    this.#session = session
    this.#input = session.inputNames[0]!
    this.#output = session.outputNames[0]!
    this.width = width
  }

  /**
   * Opens a model of one float input [rows, width] and one output. MODEL_UNFIT says what is wrong.
   */
  static async open(bytes: Uint8Array, name: string, width: number): Promise<OnnxSession> {
    const unfit = (reason: string, cause?: unknown) =>
      pinwheelError('MODEL_UNFIT', { name, reason }, cause)
    let session: InferenceSession
    try {
      session = await unbroken(() => {
        return InferenceSession.create(bytes, {
          executionProviders: ['cpu'],
          intraOpNumThreads: 1,
          interOpNumThreads: 1,
          graphOptimizationLevel: 'all',
          logSeverityLevel: 3,
        })
      })
    } catch (error) {
      throw unfit(error instanceof Error ? error.message : String(error), error)
    }
    if (session.inputNames.length !== 1 || session.outputNames.length !== 1) {
      throw unfit(
        `it has inputs ${session.inputNames.join(', ')} and outputs ${session.outputNames.join(', ')}; one of each is expected`,
      )
    }
    const opened = new OnnxSession(session, width)
    try {
      await opened.#try()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw unfit(`it does not score rows of ${width} features: ${reason}`, error)
    }
    return opened
  }

  /** A trial: what does not fit is found when a file is opened, not at the first request. */
  async #try(): Promise<void> {
    const rows = new Float32Array(2 * this.width).fill(0.5, 0, this.width)
    const [alone] = await this.run(rows, 1)
    const [accompanied] = await this.run(rows.fill(1, this.width), 2)
    // Such a score could not be kept, compared or explained.
    if (!Object.is(alone, accompanied)) {
      throw new Error('the score of a row depends on the other rows')
    }
  }

  /** One score for each of `rows` rows of `width` numbers. */
  async run(matrix: Float32Array, rows: number): Promise<Float32Array> {
    const scores = new Float32Array(rows)
    const most = paddedRows.at(-1)!
    for (let from = 0; from < rows; from += most) {
      const count = Math.min(most, rows - from)
      const padded = paddedRows.find((size) => size >= count)!
      const input = new Float32Array(padded * this.width)
      input.set(matrix.subarray(from * this.width, (from + count) * this.width))
      const feeds = { [this.#input]: new Tensor('float32', input, [padded, this.width]) }
      const result = (await unbroken(() => this.#session.run(feeds)))[this.#output]
      const data = result?.data
      if (!(data instanceof Float32Array) || data.length !== padded) {
        throw new Error(`${padded} rows gave ${data?.length ?? 'no'} scores`)
      }
      scores.set(data.subarray(0, count), from)
    }
    return scores
  }
}
