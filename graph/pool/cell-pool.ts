/**
 * Threads, the cells that hold what they are asked, and what becomes of both: what a pool does
 * whatever its threads compute. `README.md` has the laws.
 *
 * It lives on its caller's thread and does little there: it has a query's words written, and an
 * answer's read when a thread says that one is done. Deadlines are watched here too; whoever is too
 * busy to watch is too busy to hear the answer.
 */
import type { Worker } from 'node:worker_threads'
import type { Clock } from '../../base/index.ts'
import {
  answerOf,
  control,
  DONE,
  FREE,
  type PoolMemory,
  type PoolShape,
  poolMemory,
  queryOf,
  TAKEN,
  WAITING,
} from './pool-memory.ts'
import { putWaiting } from './waiting-ring.ts'

/** One query: how it is written, how its answer is read. */
export type CellJob<Answer> = {
  /** Called at once; what it throws leaves the cell free. */
  readonly write: (buffer: SharedArrayBuffer, at: number) => void
  /** May throw the error that the answer is. */
  readonly read: (buffer: SharedArrayBuffer, at: number) => Answer
  /** Its reason becomes the query's. */
  readonly signal?: AbortSignal | undefined
  /** After so long the query is cut; `late` is its answer if no thread had it. */
  readonly deadline?: { readonly ms: number; readonly clock: Clock; readonly late: () => Answer }
}

export type CellPoolOptions = PoolShape & {
  readonly threads: number
  readonly start: (thread: number) => Worker
  /** What is thrown when no cell is free, when the pool is closed, when threads died. */
  readonly full: (cells: number) => Error
  readonly closed: () => Error
  readonly lost: (count: number, cause: unknown) => Error
}

type Asked = {
  readonly read: () => void
  readonly reject: (reason: unknown) => void
  /** Ends the watch over deadline and signal. */
  readonly unwatch: () => void
  /** Threads that died of it. */
  deaths: number
  /** Its caller has been told, though a thread may still hold it. */
  told: boolean
}

/** So many threads may die of one query. */
const DEATHS_MAX = 2
/** So many may die one after another with nothing to do, before no more are started. */
const STILLBORN_MAX = 3

export class CellPool {
  readonly memory: PoolMemory
  readonly #options: CellPoolOptions
  readonly #free: number[]
  readonly #asked = new Map<number, Asked>()
  readonly #workers: (Worker | undefined)[] = []
  #closing: PromiseWithResolvers<void> | undefined
  /** Why there are no threads any more. */
  #broken: unknown
  /** Threads that died one after another without having taken a query. */
  #stillborn = 0
  #replaced = 0

  /** Threads come with `open`, as they are started with the memory. GRAPH_MEMORY. */
  constructor(options: CellPoolOptions) {
    this.#options = options
    const { cells } = options
    this.memory = poolMemory(options)
    this.#free = Array.from({ length: cells }, (_, i) => cells - 1 - i)
  }

  open(): void {
    for (let thread = 0; thread < this.#options.threads; thread++) this.#start(thread)
    void this.#listen()
  }

  /** Queries that wait or are computed, and threads replaced so far. */
  get stats(): { readonly inFlight: number; readonly replaced: number } {
    return { inFlight: this.#asked.size, replaced: this.#replaced }
  }

  /** Throws what says that no query is taken any more. */
  checkOpen(): void {
    if (this.#broken) throw this.#broken
    if (this.#closing) throw this.#options.closed()
  }

  /** Asks; the errors of the options, what `write` and `read` throw, or the signal's reason. */
  async ask<Answer>(job: CellJob<Answer>): Promise<Answer> {
    job.signal?.throwIfAborted()
    this.checkOpen()
    const cell = this.#free.at(-1)
    if (cell === undefined) throw this.#options.full(this.#options.cells)
    // What is no query throws here, and the cell stays free.
    job.write(this.memory.buffer, queryOf(this.memory, cell))
    this.#free.pop()
    Atomics.store(this.memory.cuts, cell, 0)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const read = () => {
      try {
        resolve(job.read(this.memory.buffer, answerOf(this.memory, cell)))
      } catch (error) {
        reject(error)
      }
    }
    const unwatch = this.#watch(cell, job, { resolve, reject })
    this.#asked.set(cell, { read, reject, unwatch, deaths: 0, told: false })
    if (this.#asked.size === 1) for (const worker of this.#workers) worker?.ref()
    putWaiting(this.memory, cell)
    this.wake(1)
    return promise
  }

  /** To every thread there is. */
  post(message: unknown): void {
    for (const worker of this.#workers) worker?.postMessage(message)
  }

  /** Takes no more queries and ends when those it has are answered; aborted, they are cut short. */
  async close(signal?: AbortSignal): Promise<void> {
    const cut = () => {
      for (const cell of this.#asked.keys()) this.#cut(cell)
    }
    signal?.addEventListener('abort', cut)
    if (!this.#closing) {
      this.#closing = Promise.withResolvers()
      if (this.#asked.size === 0) this.#stop()
    }
    if (signal?.aborted) cut()
    await this.#closing.promise
    signal?.removeEventListener('abort', cut)
  }

  wake(threads?: number): void {
    Atomics.add(this.memory.control, control.asked, 1)
    Atomics.notify(this.memory.control, control.asked, threads)
  }

  /** Minds deadline and signal, until the function returned is called. */
  #watch<Answer>(
    cell: number,
    { deadline, signal }: CellJob<Answer>,
    { resolve, reject }: Pick<PromiseWithResolvers<Answer>, 'resolve' | 'reject'>,
  ): () => void {
    if (!deadline && !signal) return () => {}
    const over = new AbortController()
    const late = () => {
      // It was answered while the timer's message was on its way; the cell may be another's.
      if (over.signal.aborted) return
      const waits = Atomics.load(this.memory.states, cell) === WAITING
      this.#cut(cell)
      // A thread that has it answers soon with what it found.
      if (waits) this.#tell(cell, () => resolve(deadline!.late()))
    }
    const aborted = () => {
      this.#cut(cell)
      this.#tell(cell, () => reject(signal?.reason))
    }
    signal?.addEventListener('abort', aborted, { signal: over.signal })
    if (deadline) deadline.clock.sleep(deadline.ms, over.signal).then(late, () => {})
    return () => over.abort()
  }

  #cut(cell: number): void {
    Atomics.store(this.memory.cuts, cell, 1)
  }

  /** Tells the caller; the cell stays in use until no thread has it. */
  #tell(cell: number, how: (asked: Asked) => void): void {
    const asked = this.#asked.get(cell)
    if (!asked || asked.told) return
    asked.told = true
    asked.unwatch()
    how(asked)
  }

  #end(cell: number): void {
    Atomics.store(this.memory.states, cell, FREE)
    this.#asked.delete(cell)
    this.#free.push(cell)
    if (this.#asked.size > 0) return
    // An idle pool keeps no process alive.
    for (const worker of this.#workers) worker?.unref()
    if (this.#closing) this.#stop()
  }

  /** Collects what threads say is done, until the pool has stopped. */
  async #listen(): Promise<void> {
    const { control: words } = this.memory
    while (Atomics.load(words, control.stop) === 0) {
      const ended = Atomics.load(words, control.ended)
      this.#collect()
      await Atomics.waitAsync(words, control.ended, ended).value
    }
  }

  #collect(): void {
    for (const cell of this.#asked.keys()) {
      if (Atomics.load(this.memory.states, cell) !== DONE) continue
      this.#stillborn = 0
      this.#tell(cell, ({ read }) => read())
      this.#end(cell)
    }
  }

  #start(thread: number): void {
    const worker = this.#options.start(thread)
    let cause: unknown
    worker.once('error', (error) => {
      cause = error
    })
    worker.once('exit', () => this.#died(thread, cause))
    if (this.#asked.size === 0) worker.unref()
    this.#workers[thread] = worker
  }

  #died(thread: number, cause: unknown): void {
    this.#workers[thread] = undefined
    if (Atomics.load(this.memory.control, control.stop) === 1) {
      if (this.#workers.every((worker) => !worker)) this.#closing?.resolve()
      return
    }
    this.#collect()
    const { states } = this.memory
    const held = [...this.#asked].filter(([cell]) => Atomics.load(states, cell) === TAKEN + thread)
    this.#stillborn = held.length === 0 ? this.#stillborn + 1 : 0
    for (const [cell, asked] of held) {
      asked.deaths++
      if (asked.deaths === DEATHS_MAX) {
        const error = this.#options.lost(DEATHS_MAX, cause)
        this.#tell(cell, ({ reject }) => reject(error))
      }
      if (asked.told) this.#end(cell)
      else putWaiting(this.memory, cell)
    }
    if (this.#stillborn === STILLBORN_MAX) this.#break(cause)
    else {
      this.#replaced++
      this.#start(thread)
      this.wake()
    }
  }

  /** No thread will come up: nothing that waits is left waiting. */
  #break(cause: unknown): void {
    const error = this.#options.lost(STILLBORN_MAX, cause)
    this.#broken = error
    for (const cell of [...this.#asked.keys()]) {
      this.#tell(cell, ({ reject }) => reject(error))
      this.#end(cell)
    }
    this.#stop()
  }

  /** Threads end when they have looked up; `close` waits for them. */
  #stop(): void {
    const { control: words } = this.memory
    Atomics.store(words, control.stop, 1)
    // Who waits for their end must not be left without a reason to go on.
    for (const worker of this.#workers) worker?.ref()
    this.wake()
    Atomics.add(words, control.ended, 1)
    Atomics.notify(words, control.ended)
    if (this.#workers.every((worker) => !worker)) this.#closing?.resolve()
  }
}
