import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scatter } from './scatter.ts'

const counts = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 31 }))

test('rank undoes number, and both stay inside', () => {
  fc.assert(
    fc.property(counts, fc.nat(), fc.nat(2 ** 31), (count, seed, place) => {
      const scatter = new Scatter(count, seed)
      const rank = place % count
      const number = scatter.number(rank)
      expect(number).toBeGreaterThanOrEqual(0)
      expect(number).toBeLessThan(count)
      expect(scatter.rank(number)).toBe(rank)
    }),
  )
})

test('every number is taken once', () => {
  const scatter = new Scatter(1_000, 5)
  const numbers = Array.from({ length: 1_000 }, (_, rank) => scatter.number(rank))
  expect(new Set(numbers).size).toBe(1_000)
  // Neighbouring ranks lie a third of the range apart on average; 1 would mean no scatter at all.
  const apart = numbers.slice(1).map((number, i) => Math.abs(number - numbers[i]!))
  expect(apart.reduce((a, b) => a + b) / apart.length).toBeGreaterThan(250)
})
