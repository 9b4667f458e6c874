import { expect, test } from 'vitest'
import { Oracle } from './oracle.ts'
import { faults, scheduleOf } from './schedule.ts'

test('a schedule is a function of its seed, and all kinds come round', () => {
  expect(scheduleOf(17)).toEqual(scheduleOf(17))
  const all = Array.from({ length: 100 }, (_, seed) => scheduleOf(seed))
  for (const fault of faults) {
    const count = all.filter(([first]) => first!.fault === fault).length
    expect(count).toBeGreaterThanOrEqual(Math.floor(100 / faults.length))
  }
  const pairs = all.filter(({ length }) => length === 2)
  expect(pairs.length).toBeGreaterThan(25)
  for (const [first, second] of pairs) expect(first!.fault).not.toBe(second!.fault)
})

test('what was acknowledged must be there once, what was not at most once', () => {
  const oracle = new Oracle()
  const event = (n: number) => ({ user: 'u', pin: 'p', event: `e${n}` })
  for (const n of [1, 2, 3]) oracle.sent(event(n))
  for (const n of [1, 2]) oracle.acknowledge(event(n))
  const judged = (count: number) => oracle.judge('user', 'u', count)?.what
  expect([1, 2, 3, 4].map(judged)).toEqual(['lost', undefined, undefined, 'doubled'])
  expect(judged(Number.NaN)).toBe('lost')
  expect(oracle.judge('pin', 'p', 1)).toEqual({ what: 'lost', about: 'pin p has 1, not 2 to 3' })
  oracle.acknowledge(event(3))
  expect(judged(2)).toBe('lost')
  expect(oracle.acknowledged).toBe(3)
})

test('actions out of order and a pin twice in a feed are seen', () => {
  const oracle = new Oracle()
  expect(oracle.judgeOrder('u', [1, 2, 2, 5])).toBeUndefined()
  expect(oracle.judgeOrder('u', [1, 5, 2])?.what).toBe('disordered')
  oracle.judgeFeed('u', ['a', 'b'])
  expect(oracle.violations).toEqual([])
  oracle.judgeFeed('u', ['a', 'b', 'a'])
  expect(oracle.violations).toEqual([{ what: 'repeated', about: 'feed of u: a b a' }])
})
