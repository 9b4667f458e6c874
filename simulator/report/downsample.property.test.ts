/** Fewer points: no peak is lost, none is invented, and time does not run backwards. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { downsample } from './downsample.ts'

const lines = fc
  .array(fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 })), {
    minLength: 1,
    maxLength: 700,
  })
  .map((values) => ({
    at: values.map((_, n) => n * 2),
    series: [
      {
        name: 's',
        values,
        low: values.map((value) => value && value - 1),
        high: values.map((value) => value && value + 1),
      },
    ],
  }))
const numbers = (values: readonly (number | null)[]) => values.filter((value) => value !== null)

test('at most as many as asked for, extremes kept, values real, time ascending', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 4, max: 200 }), (given, most) => {
      const { at, series, perBucket } = downsample(given, most)
      const [{ values, low, high }] = series as [Required<(typeof series)[0]>]
      const before = given.series[0]!
      expect(at.length).toBeLessThanOrEqual(Math.max(most, given.at.length > most ? 0 : most))
      for (const column of [values, low, high]) expect(column).toHaveLength(at.length)
      expect([...at].sort((a, b) => a - b)).toEqual(at)
      const real = new Set(before.values)
      expect(values.every((value) => real.has(value))).toBe(true)
      if (numbers(before.values).length > 0) {
        expect(Math.max(...numbers(values))).toBe(Math.max(...numbers(before.values)))
        expect(Math.min(...numbers(values))).toBe(Math.min(...numbers(before.values)))
      }
      // An interval never shrinks.
      values.forEach((value, n) => {
        if (value === null || low[n] === null) return
        expect(low[n]).toBeLessThanOrEqual(value)
        expect(high[n]).toBeGreaterThanOrEqual(value)
      })
      if (given.at.length <= most) expect(perBucket).toBe(1)
    }),
    { seed: 14, numRuns: 300 },
  )
})

test('one peak in a hundred thousand values is drawn at its place, to a bucket', () => {
  const values = Array.from({ length: 100_000 }, (_, n) => (n === 65_432 ? 9 : 1))
  const { at, series, perBucket } = downsample({
    at: [...values.keys()],
    series: [{ name: 's', values }],
  })
  const peak = series[0]!.values.indexOf(9)
  expect(Math.abs(at[peak]! - 65_432)).toBeLessThan(perBucket)
})

test('a bucket without values is a gap', () => {
  const values = [1, 2, null, null, 3, 4]
  const { series } = downsample({ at: [0, 1, 2, 3, 4, 5], series: [{ name: 's', values }] }, 4)
  expect(series[0]!.values).toEqual([1, 2, 3, 4])
  const gaps = [1, 2, 3, null, null, null]
  const gapped = downsample({ at: [0, 1, 2, 3, 4, 5], series: [{ name: 's', values: gaps }] }, 4)
  expect(gapped.series[0]!.values).toEqual([1, 3, null, null])
})
