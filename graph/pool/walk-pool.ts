/**
 * Threads that walk, and the queries given to them: cells of walks over a view that can be changed.
 */
import { Worker } from 'node:worker_threads'
import { assert, type Clock, pinwheelError, systemClock } from '../../base/index.ts'
import { desks } from '../graph-store.ts'
import type { GraphView, ViewMemory } from '../graph-view.ts'
import { nothing } from '../walk/walk.ts'
import { type PoolAnswer, readAnswer } from './answer-words.ts'
import { CellPool } from './cell-pool.ts'
import { control } from './pool-memory.ts'
import { checkRoom, type PoolQuery, writeQuery } from './query-words.ts'
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

export class WalkPool {
  readonly #options: WalkPoolOptions
  readonly #cells: CellPool
  #view: ViewMemory

  /** The view lies in memory that threads share. KERNEL_MISSING and GRAPH_MEMORY come later. */
  constructor(view: GraphView, given: Partial<WalkPoolOptions> = {}) {
    const options = checked({ ...walkPoolDefaults, ...given })
    this.#options = options
    this.#view = sent(view)
    this.#cells = new CellPool({
      ...options,
      start: (thread) => this.#start(thread),
      full: (count) => pinwheelError('WALK_POOL_FULL', { count }),
      closed: () => pinwheelError('WALK_POOL_CLOSED'),
      lost,
    })
    this.#cells.open()
  }

  /** Queries that wait or are walked, and threads replaced so far. */
  get stats(): { readonly inFlight: number; readonly replaced: number } {
    return this.#cells.stats
  }

  /**
   * Walks as `walk` does. A deadline ends it with what it has, `cutShort`. WALK_OPTIONS,
   * WALK_POOL_FULL, WALK_POOL_CLOSED, WALK_QUERY_LARGE, WALK_THREAD_LOST, or the signal's reason.
   */
  async walk(query: AskedQuery): Promise<PoolAnswer> {
    const { queryWords, answerWords, clock } = this.#options
    const { deadlineMs, signal, options } = query
    signal?.throwIfAborted()
    checkDeadline(deadlineMs)
    this.#cells.checkOpen()
    checkRoom(query, queryWords, answerWords)
    const late = () => ({ ...nothing(options?.parts, true), epoch: this.#view.epoch })
    return this.#cells.ask({
      write: (buffer, at) => writeQuery(buffer, at, query),
      read: readAnswer,
      signal,
      ...(deadlineMs !== undefined && { deadline: { ms: deadlineMs, clock, late } }),
    })
  }

  /** Queries taken from now on walk this view. The old epoch is freed when its last walk ends. */
  show(view: GraphView): void {
    this.#view = sent(view)
    this.#cells.post(this.#view)
    Atomics.add(this.#cells.memory.control, control.shown, 1)
    this.#cells.wake()
  }

  /** Takes no more queries and ends when those it has are answered; aborted, they are cut short. */
  close(signal?: AbortSignal): Promise<void> {
    return this.#cells.close(signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #start(thread: number): Worker {
    const { firstDesk, cells, queryWords, answerWords, start } = this.#options
    const { buffer, control: words } = this.#cells.memory
    return start({
      thread,
      desk: firstDesk + thread,
      shape: { cells, queryWords, answerWords },
      buffer,
      view: this.#view,
      shown: Atomics.load(words, control.shown),
    })
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
