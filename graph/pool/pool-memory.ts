/**
 * The memory that a pool and its threads share: control words, the ring of waiting cells, and the
 * cells. A cell is one query and its answer.
 *
 * Memory: `cells` times (`queryWords` + `answerWords`) words, committed by the system where touched.
 */
import { pinwheelError } from '../../base/index.ts'

/** Control words, each on a cache line of its own. */
export const control = Object.freeze({
  /** Cells ever put into the ring, and ever taken from it. */
  head: 0,
  tail: 16,
  /** Raised when threads have something to look at; they sleep on it. */
  asked: 32,
  /** Raised when a cell is done; the pool waits for it. */
  ended: 48,
  /** Views shown. */
  shown: 64,
  /** 1: threads end. */
  stop: 80,
})
const CONTROL_WORDS = 96

/** States of a cell; TAKEN + t: thread t walks. */
export const FREE = 0
export const WAITING = 1
export const DONE = 2
export const TAKEN = 16

export type PoolShape = {
  readonly cells: number
  readonly queryWords: number
  readonly answerWords: number
}

export type PoolMemory = PoolShape & {
  readonly buffer: SharedArrayBuffer
  readonly control: Int32Array
  /** Numbers of cells; its length is a power of two. */
  readonly ring: Int32Array
  readonly states: Int32Array
  /** 1: the query of this cell is to end where it is. */
  readonly cuts: Int32Array
}

/** Lays a pool's memory out, in new memory or where it was sent from. GRAPH_MEMORY. */
export function poolMemory(shape: PoolShape, sent?: SharedArrayBuffer): PoolMemory {
  const { cells, queryWords, answerWords } = shape
  const ringWords = 2 ** Math.ceil(Math.log2(cells))
  const head = CONTROL_WORDS + evenUp(ringWords) + 2 * evenUp(cells)
  const bytes = 4 * (head + cells * (queryWords + answerWords))
  const buffer = sent ?? allocate(bytes)
  let at = 0
  const words = (length: number) => {
    const array = new Int32Array(buffer, at * 4, length)
    at += evenUp(length)
    return array
  }
  const [controlWords, ring, states, cuts] = [
    words(CONTROL_WORDS),
    words(ringWords),
    words(cells),
    words(cells),
  ]
  return { ...shape, buffer, control: controlWords, ring, states, cuts }
}

/** The place of a cell's query, then of its answer: bytes. */
export function queryOf(memory: PoolMemory, cell: number): number {
  const { buffer, cells, queryWords, answerWords } = memory
  return buffer.byteLength - 4 * (cells - cell) * (queryWords + answerWords)
}

export function answerOf(memory: PoolMemory, cell: number): number {
  return queryOf(memory, cell) + 4 * memory.queryWords
}

function allocate(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes)
  } catch (error) {
    const reason = 'the system refused the cells of a pool'
    throw pinwheelError('GRAPH_MEMORY', { bytes, reason }, error)
  }
}

/** Numbers of eight bytes lie behind any of these. */
function evenUp(words: number): number {
  return words + (words & 1)
}
