/**
 * Candidates to be scored, in memory that threads share: whoever has the same model takes the next
 * chunk, so that a thread with nothing to do helps the one that was asked. What a chunk's scores
 * are does not depend on who made them.
 *
 * One owner begins jobs, one after the other, in the same memory. Between jobs there is no chunk to
 * take, so a helper that comes late finds nothing, or takes part in the next job as it is.
 */
import { assert } from '../../../base/index.ts'

/** Words of `control`. */
const control = { next: 0, count: 1, user: 2, isDone: 3 } as const
/** Beyond every chunk: nothing is left to take. */
const NOTHING = 2 ** 30
/** How long a helper may be at a chunk before its owner does it anew, ms. */
const PATIENCE_MS = 500

export type JobMemory = {
  /** Of the model that scores. */
  readonly version: string
  /** next, count, user, then by chunk whether it is done. */
  readonly control: Int32Array
  readonly pins: Uint32Array
  readonly matrix: Float32Array
  readonly scores: Float32Array
}

export class ScoringJob {
  readonly memory: JobMemory
  readonly #chunk: number

  constructor(memory: JobMemory, chunk: number) {
    this.memory = memory
    this.#chunk = chunk
  }

  /** Room for at least `rows` rows of `width` features. */
  static create(version: string, rows: number, width: number, chunk: number): ScoringJob {
    const chunks = Math.ceil(rows / chunk)
    const shared = (words: number) => new SharedArrayBuffer(4 * words)
    const memory = {
      version,
      control: new Int32Array(shared(control.isDone + chunks)),
      pins: new Uint32Array(shared(chunks * chunk)),
      matrix: new Float32Array(shared(chunks * chunk * width)),
      scores: new Float32Array(shared(chunks * chunk)),
    }
    memory.control[control.next] = NOTHING
    return new ScoringJob(memory, chunk)
  }

  get capacity(): number {
    return this.memory.pins.length
  }

  /** Candidates of the job, once a chunk of it was taken. */
  get count(): number {
    return Atomics.load(this.memory.control, control.count)
  }

  get user(): number {
    return Atomics.load(this.memory.control, control.user) >>> 0
  }

  get #chunks(): number {
    return Math.ceil(this.count / this.#chunk)
  }

  /** Puts a job there; `take` gives its chunks from now on. */
  begin(user: number, pins: Uint32Array, matrix: Float32Array): void {
    const { memory } = this
    assert(pins.length <= this.capacity, 'a job has room')
    memory.pins.set(pins)
    memory.matrix.set(matrix)
    memory.control.fill(0, control.isDone)
    Atomics.store(memory.control, control.count, pins.length)
    Atomics.store(memory.control, control.user, user | 0)
    Atomics.store(memory.control, control.next, 0)
  }

  /** Where the next chunk begins that nobody has taken; undefined when there is none. */
  take(): number | undefined {
    const from = Atomics.add(this.memory.control, control.next, 1) * this.#chunk
    return from < this.count ? from : undefined
  }

  /** Its scores are in `scores`. */
  done(from: number): void {
    const word = control.isDone + from / this.#chunk
    Atomics.store(this.memory.control, word, 1)
    Atomics.notify(this.memory.control, word)
  }

  /**
   * Ends a job of which every chunk was taken: the beginnings of those that a helper took and did
   * not do in time. Where there are such, the memory is not to be used again: that helper may yet
   * write to it.
   */
  async end(): Promise<number[]> {
    const words = this.memory.control
    const chunks = this.#chunks
    const late: number[] = []
    for (let chunk = 0; chunk < chunks; chunk++) {
      const wait = Atomics.waitAsync(words, control.isDone + chunk, 0, PATIENCE_MS)
      if ((await wait.value) === 'timed-out') late.push(chunk * this.#chunk)
    }
    Atomics.store(words, control.next, NOTHING)
    return late
  }
}
