/** Every cell that waits is taken once, wherever a taker dies. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { control, FREE, type PoolMemory, poolMemory, TAKEN, WAITING } from './pool-memory.ts'
import { putWaiting, takeWaiting } from './waiting-ring.ts'

const shape = { cells: 5, queryWords: 2, answerWords: 2 }
const DEAD = 9

/** What a taker does before it dies: it changes the state and no more. */
function dieTaking({ control: words, ring, states }: PoolMemory): number {
  const tail = Atomics.load(words, control.tail)
  if (tail === Atomics.load(words, control.head)) return -1
  const cell = ring[tail & (ring.length - 1)]!
  const found = Atomics.compareExchange(states, cell, WAITING, TAKEN + DEAD)
  return found === WAITING ? cell : -1
}

/** Cells in the order of their turns. */
function drain(memory: PoolMemory): number[] {
  const taken: number[] = []
  for (let cell = takeWaiting(memory, 0); cell >= 0; cell = takeWaiting(memory, 0)) taken.push(cell)
  return taken
}

test('in the order they were put', () => {
  const memory = poolMemory(shape)
  for (let round = 0; round < 50; round++) {
    for (const cell of [3, 0, 4]) putWaiting(memory, cell)
    expect(drain(memory)).toEqual([3, 0, 4])
    expect(takeWaiting(memory, 0)).toBe(-1)
    memory.states.fill(FREE)
  }
})

test('once each, though takers die between taking and moving on', () => {
  const step = fc.constantFrom('put', 'take', 'die')
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const memory = poolMemory(shape)
      const free = new Set([0, 1, 2, 3, 4])
      const waiting = new Set<number>()
      const put = (cell: number) => {
        putWaiting(memory, cell)
        free.delete(cell)
        waiting.add(cell)
      }
      for (const kind of steps) {
        const [next] = free
        if (kind === 'put' && next !== undefined) put(next)
        if (kind === 'take') {
          const cell = takeWaiting(memory, 1)
          expect(waiting.delete(cell)).toBe(cell >= 0)
          if (cell < 0) continue
          memory.states[cell] = FREE
          free.add(cell)
        }
        if (kind === 'die') {
          const cell = dieTaking(memory)
          // Its pool puts it in again.
          if (cell >= 0) put(cell)
        }
      }
      expect(drain(memory).sort()).toEqual([...waiting].sort())
    }),
  )
})
