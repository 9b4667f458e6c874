import { expect, test } from 'vitest'
import { limits, type PinIndex } from '../../base/index.ts'
import { ServedMemory } from './served-memory.ts'

const pins = (...list: number[]) => list as PinIndex[]
const HOUR_MS = 3_600_000

test('the pins of the last answers within the hours, newest first, each once', () => {
  const memory = new ServedMemory<PinIndex>()
  memory.remember('u', 0, pins(1, 2))
  memory.remember('u', HOUR_MS, pins(3, 4))
  memory.remember('u', 2 * HOUR_MS, pins(4, 5))
  const of = (requests: number, hours: number) => memory.of('u', 2 * HOUR_MS, { requests, hours })
  expect(of(9, 9)).toEqual([4, 5, 3, 1, 2])
  expect(of(2, 9)).toEqual([4, 5, 3])
  expect(of(9, 2)).toEqual([4, 5, 3])
  expect(of(9, 0)).toEqual([])
  expect(of(0, 9)).toEqual([])
  expect(memory.of('another', 0, { requests: 9, hours: 9 })).toEqual([])
})

test('a user that is deleted is forgotten', () => {
  const memory = new ServedMemory<PinIndex>()
  memory.remember('u', 0, pins(1))
  memory.forget('u')
  expect(memory.of('u', 0, { requests: 9, hours: 9 })).toEqual([])
})

test('it is bounded: the longest unanswered user leaves first, the oldest answers too', () => {
  const memory = new ServedMemory<PinIndex>(2)
  memory.remember('a', 0, pins(1))
  memory.remember('b', 0, pins(2))
  memory.remember('a', 0, pins(3))
  memory.remember('c', 0, pins(4))
  const window = { requests: 100, hours: 1 }
  expect(['a', 'b', 'c'].map((user) => memory.of(user, 0, window))).toEqual([[3, 1], [], [4]])
  for (let n = 0; n < 200; n++) memory.remember('a', 0, pins(n))
  expect(memory.of('a', 0, window)).toHaveLength(limits.servedAnswersMax)
})
