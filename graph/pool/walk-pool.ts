/**
 * Threads that walk, and the queries given to them: `README.md` has the laws.
 *
 * The pool lives on its caller's thread and does little there: it writes a query's words, and reads
 * an answer's when a thread says that one is done. Deadlines are watched here too; whoever is too
 * busy to watch is too busy to hear the answer.
 */
import { Worker } from 'node:worker_threads'
import { assert, type Clock, pinwheelError, systemClock } from '../../base/index.ts'
import { desks } from '../graph-store.ts'
import type { GraphView, ViewMemory } from '../graph-view.ts'
import { nothing } from '../walk/walk.ts'
import { type PoolAnswer, readAnswer } from './answer-words.ts'
import {
  answerOf,
  control,
  DONE,
  FREE,
  type PoolMemory,
  poolMemory,
  queryOf,
  TAKEN,
  WAITING,
} from './pool-memory.ts'
import { checkRoom, type PoolQuery, writeQuery } from './query-words.ts'
import { putWaiting } from './waiting-ring.ts'
import type { ThreadSetup } from './walk-thread.ts'

export type WalkPoolOptions = {
  readonly threads: number
  /** The first thread's desk in the graph's memory; the others follow. 0 is a caller's own. */
  readonly firstDesk: number
  /** Queries that wait or are walked, at most. */
  readonly cells: number
  /** Words of a query: 3 a seed, 1 an excluded pin, 30 beside. */
  readonly queryWords: number
  /** Words of an answer: 4 a pin, with parts 5 a pin and 2 a part, 16 beside. */
  readonly answerWords: number
  readonly clock: Clock
  /** Starts a thread; tests start others. */
  readonly start: (setup: ThreadSetup) => Worker
}

/** Of a thread: graphs, counters and queries lie outside of it. */
const HEAP_MB = 256

export const walkPoolDefaults: WalkPoolOptions = Object.freeze({
  threads: 2,
  firstDesk: 1,
  cells: 64,
  queryWords: 131_072,
  answerWords: 262_144,
  clock: systemClock,
  start: (setup: ThreadSetup) =>
    new Worker(new URL('./walk-thread.ts', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    }),
})

export type AskedQuery = PoolQuery & {
  /** After so long the query ends with what it has. */
  readonly deadlineMs?: number
  /** Its reason becomes the query's. */
  readonly signal?: AbortSignal
}

type Asked = {
  readonly resolve: (answer: PoolAnswer) => void
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

export class WalkPool {
  readonly #options: WalkPoolOptions
  readonly #memory: PoolMemory
  readonly #free: number[]
  readonly #asked = new Map<number, Asked>()
  readonly #workers: (Worker | undefined)[] = []
  #view: ViewMemory
  #closing: PromiseWithResolvers<void> | undefined
  /** Why there are no threads any more. */
  #broken: unknown
  /** Threads that died one after another without having taken a query. */
  #stillborn = 0
  #replaced = 0

  /** The view lies in memory that threads share. KERNEL_MISSING and GRAPH_MEMORY come later. */
  constructor(view: GraphView, given: Partial<WalkPoolOptions> = {}) {
    const options = checked({ ...walkPoolDefaults, ...given })
    this.#options = options
    this.#view = sent(view)
    const { cells, queryWords, answerWords } = options
    this.#memory = poolMemory({ cells, queryWords, answerWords })
    this.#free = Array.from({ length: cells }, (_, i) => cells - 1 - i)
    for (let thread = 0; thread < options.threads; thread++) this.#start(thread)
    void this.#listen()
  }

  /** Queries that wait or are walked, and threads replaced so far. */
  get stats(): { readonly inFlight: number; readonly replaced: number } {
    return { inFlight: this.#asked.size, replaced: this.#replaced }
  }

  /**
   * Walks as `walk` does. A deadline ends it with what it has, `cutShort`. WALK_OPTIONS,
   * WALK_POOL_FULL, WALK_POOL_CLOSED, WALK_QUERY_LARGE, WALK_THREAD_LOST, or the signal's reason.
   */
  async walk(query: AskedQuery): Promise<PoolAnswer> {
    const { queryWords, answerWords, cells } = this.#options
    query.signal?.throwIfAborted()
    checkDeadline(query.deadlineMs)
    if (this.#broken) throw this.#broken
    if (this.#closing) throw pinwheelError('WALK_POOL_CLOSED')
    checkRoom(query, queryWords, answerWords)
    const cell = this.#free.at(-1)
    if (cell === undefined) throw pinwheelError('WALK_POOL_FULL', { count: cells })
    // What is no query throws here, and the cell stays free.
    writeQuery(this.#memory.buffer, queryOf(this.#memory, cell), query)
    this.#free.pop()
    Atomics.store(this.#memory.cuts, cell, 0)
    const { promise, resolve, reject } = Promise.withResolvers<PoolAnswer>()
    const unwatch = this.#watch(cell, query)
    this.#asked.set(cell, { resolve, reject, unwatch, deaths: 0, told: false })
    if (this.#asked.size === 1) for (const worker of this.#workers) worker?.ref()
    putWaiting(this.#memory, cell)
    this.#wake(1)
    return promise
  }

  /** Queries taken from now on walk this view. The old epoch is freed when its last walk ends. */
  show(view: GraphView): void {
    this.#view = sent(view)
    for (const worker of this.#workers) worker?.postMessage(this.#view)
    Atomics.add(this.#memory.control, control.shown, 1)
    this.#wake()
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #wake(threads?: number): void {
    Atomics.add(this.#memory.control, control.asked, 1)
    Atomics.notify(this.#memory.control, control.asked, threads)
  }

  /** Minds deadline and signal, until the function returned is called. */
  #watch(cell: number, { deadlineMs, signal, options }: AskedQuery): () => void {
    if (deadlineMs === undefined && !signal) return () => {}
    const over = new AbortController()
    const late = () => {
      // It was answered while the timer's message was on its way; the cell may be another's.
      if (over.signal.aborted) return
      const waits = Atomics.load(this.#memory.states, cell) === WAITING
      this.#cut(cell)
      // A thread that has it answers soon with what it found.
      if (!waits) return
      const { epoch } = this.#view
      this.#tell(cell, ({ resolve }) => resolve({ ...nothing(options?.parts, true), epoch }))
    }
    const aborted = () => {
      this.#cut(cell)
      this.#tell(cell, ({ reject }) => reject(signal?.reason))
    }
    signal?.addEventListener('abort', aborted, { signal: over.signal })
    if (deadlineMs !== undefined) {
      this.#options.clock.sleep(deadlineMs, over.signal).then(late, () => {})
    }
    return () => over.abort()
  }

  #cut(cell: number): void {
    Atomics.store(this.#memory.cuts, cell, 1)
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
    Atomics.store(this.#memory.states, cell, FREE)
    this.#asked.delete(cell)
    this.#free.push(cell)
    if (this.#asked.size > 0) return
    // An idle pool keeps no process alive.
    for (const worker of this.#workers) worker?.unref()
    if (this.#closing) this.#stop()
  }

  /** Collects what threads say is done, until the pool has stopped. */
  async #listen(): Promise<void> {
    const { control: words } = this.#memory
    while (Atomics.load(words, control.stop) === 0) {
      const ended = Atomics.load(words, control.ended)
      this.#collect()
      await Atomics.waitAsync(words, control.ended, ended).value
    }
  }

  #collect(): void {
    const { states, buffer } = this.#memory
    for (const cell of this.#asked.keys()) {
      if (Atomics.load(states, cell) !== DONE) continue
      this.#stillborn = 0
      this.#tell(cell, ({ resolve, reject }) => {
        try {
          resolve(readAnswer(buffer, answerOf(this.#memory, cell)))
        } catch (error) {
          reject(error)
        }
      })
      this.#end(cell)
    }
  }

  #start(thread: number): void {
    const { firstDesk, cells, queryWords, answerWords, start } = this.#options
    const worker = start({
      thread,
      desk: firstDesk + thread,
      shape: { cells, queryWords, answerWords },
      buffer: this.#memory.buffer,
      view: this.#view,
      shown: Atomics.load(this.#memory.control, control.shown),
    })
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
    if (Atomics.load(this.#memory.control, control.stop) === 1) {
      if (this.#workers.every((worker) => !worker)) this.#closing?.resolve()
      return
    }
    this.#collect()
    const { states } = this.#memory
    const held = [...this.#asked].filter(([cell]) => Atomics.load(states, cell) === TAKEN + thread)
    this.#stillborn = held.length === 0 ? this.#stillborn + 1 : 0
    for (const [cell, asked] of held) {
      asked.deaths++
      if (asked.deaths === DEATHS_MAX) {
        const error = lost(DEATHS_MAX, cause)
        this.#tell(cell, ({ reject }) => reject(error))
      }
      if (asked.told) this.#end(cell)
      else putWaiting(this.#memory, cell)
    }
    if (this.#stillborn === STILLBORN_MAX) this.#break(cause)
    else {
      this.#replaced++
      this.#start(thread)
      this.#wake()
    }
  }

  /** No thread will come up: nothing that waits is left waiting. */
  #break(cause: unknown): void {
    const error = lost(STILLBORN_MAX, cause)
    this.#broken = error
    for (const cell of [...this.#asked.keys()]) {
      this.#tell(cell, ({ reject }) => reject(error))
      this.#end(cell)
    }
    this.#stop()
  }

  /** Threads end when they have looked up; `close` waits for them. */
  #stop(): void {
    const { control: words } = this.#memory
    Atomics.store(words, control.stop, 1)
    // Who waits for their end must not be left without a reason to go on.
    for (const worker of this.#workers) worker?.ref()
    this.#wake()
    Atomics.add(words, control.ended, 1)
    Atomics.notify(words, control.ended)
    if (this.#workers.every((worker) => !worker)) this.#closing?.resolve()
  }
}

function sent(view: GraphView): ViewMemory {
  const isShared = view.frozen.pinOffset.buffer instanceof SharedArrayBuffer
  assert(isShared, 'the graph lies in memory that threads share: sharedStore or wasmStore')
  return view.memory()
}

/** A timer holds no more. */
const DEADLINE_MS_MAX = 2 ** 31 - 1

function checkDeadline(deadlineMs: number | undefined): void {
  if (deadlineMs === undefined || (deadlineMs >= 0 && deadlineMs <= DEADLINE_MS_MAX)) return
  const expected = `from 0 to ${DEADLINE_MS_MAX}`
  throw pinwheelError('WALK_OPTIONS', { option: 'deadlineMs', value: deadlineMs, expected })
}

function checked(options: WalkPoolOptions): WalkPoolOptions {
  const whole = (option: keyof WalkPoolOptions, low: number, high: number) => {
    const value = options[option] as number
    if (Number.isInteger(value) && value >= low && value <= high) return
    const expected = `a whole number from ${low} to ${high}`
    throw pinwheelError('WALK_OPTIONS', { option, value: String(value), expected })
  }
  whole('threads', 1, desks.count - 1)
  whole('firstDesk', 0, desks.count - options.threads)
  whole('cells', 1, 4096)
  whole('queryWords', 1024, 2 ** 24)
  whole('answerWords', 1024, 2 ** 24)
  const even = (words: number) => words + (words & 1)
  const { queryWords, answerWords } = options
  return { ...options, queryWords: even(queryWords), answerWords: even(answerWords) }
}

function lost(count: number, cause: unknown) {
  const reason = cause instanceof Error ? cause.message : 'ended from outside'
  return pinwheelError('WALK_THREAD_LOST', { count, reason }, cause)
}
