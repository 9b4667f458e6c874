/**
 * The ring of cells that wait: one writer, many takers, no locks.
 *
 * A taker changes the state of the cell at the tail from WAITING to its own, and only then moves
 * the tail; who finds that cell no longer waiting moves the tail for it. So a thread may die at any
 * point: before the change nothing has happened, after it the cell's state tells who had it. (The
 * helping of Michael & Scott, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent
 * Queue Algorithms", PODC 1996.)
 */
import { assert } from '../../base/index.ts'
import { control, type PoolMemory, TAKEN, WAITING } from './pool-memory.ts'

/** Puts a cell in whose query is written. The pool's thread alone. */
export function putWaiting(memory: PoolMemory, cell: number): void {
  const { control: words, ring, states } = memory
  passTaken(memory)
  const head = Atomics.load(words, control.head)
  const inside = (head - Atomics.load(words, control.tail)) | 0
  assert(inside < ring.length, 'the ring has room for every cell')
  Atomics.store(ring, head & (ring.length - 1), cell)
  Atomics.store(states, cell, WAITING)
  Atomics.store(words, control.head, (head + 1) | 0)
}

/** Moves the tail over cells that were taken by threads which died before they moved it. */
function passTaken({ control: words, ring, states }: PoolMemory): void {
  for (;;) {
    const tail = Atomics.load(words, control.tail)
    if (tail === Atomics.load(words, control.head)) return
    const cell = Atomics.load(ring, tail & (ring.length - 1))
    if (Atomics.load(states, cell) === WAITING) return
    Atomics.compareExchange(words, control.tail, tail, (tail + 1) | 0)
  }
}

/** Takes the next cell for thread `thread`, or -1 when none waits. */
export function takeWaiting(memory: PoolMemory, thread: number): number {
  const { control: words, ring, states } = memory
  for (;;) {
    const tail = Atomics.load(words, control.tail)
    if (tail === Atomics.load(words, control.head)) return -1
    const cell = Atomics.load(ring, tail & (ring.length - 1))
    const found = Atomics.compareExchange(states, cell, WAITING, TAKEN + thread)
    Atomics.compareExchange(words, control.tail, tail, (tail + 1) | 0)
    if (found === WAITING) return cell
  }
}
