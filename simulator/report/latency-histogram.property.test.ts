import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LATENCY_MS_MAX, LatencyHistogram, latencySummary } from './latency-histogram.ts'

const latency = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 5_000, noNaN: true }),
  fc.double({ min: 0, max: LATENCY_MS_MAX, noNaN: true }),
)
const latencies = fc.array(latency, { maxLength: 200 })
const share = fc.double({ min: 0, max: 1, noNaN: true })

function of(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

test('a percentile is one of the values, wrong by a 256th or by a microsecond at most', () => {
  fc.assert(
    fc.property(latencies, share, (values, q) => {
      const sorted = [...values].sort((a, b) => a - b)
      const told = of(values).quantile(q)
      const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0
      // Values are rounded to microseconds, then to the middle of a bucket of whole ones.
      expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact / 256 + 0.001)
    }),
  )
})

test('the merged histogram is that of the union, however it was split', () => {
  fc.assert(
    fc.property(latencies, latencies, latencies, share, (a, b, c, q) => {
      const merged = of(a)
      const rest = of(c)
      rest.merge(of(b))
      merged.merge(rest)
      const union = of([...b, ...c, ...a])
      expect(merged.count).toBe(union.count)
      expect(merged.quantile(q)).toBe(union.quantile(q))
      expect(latencySummary(merged)).toEqual(latencySummary(union))
    }),
  )
})

test('a mean of percentiles is no percentile: why they are merged', () => {
  const calm = of(Array.from({ length: 990 }, () => 1))
  const stalled = of(Array.from({ length: 10 }, () => 900))
  const merged = of([])
  merged.merge(calm)
  merged.merge(stalled)
  expect(merged.quantile(0.9)).toBeCloseTo(1, 2)
  expect((calm.quantile(0.9) + stalled.quantile(0.9)) / 2).toBeGreaterThan(400)
})

test('quantiles ascend, the last is the maximum, and more than the most is counted as it', () => {
  fc.assert(
    fc.property(latencies, share, share, (values, p, q) => {
      const histogram = of(values)
      const [low, high] = p < q ? [p, q] : [q, p]
      expect(histogram.quantile(low)).toBeLessThanOrEqual(histogram.quantile(high))
      expect(histogram.quantile(1)).toBe(Math.max(0, ...values))
    }),
  )
  const endless = of([1, 1e12, 2e12])
  expect([endless.count, endless.quantile(0.5) > 4e6, endless.max]).toEqual([3, true, 2e12])
})

test('every value is in one bucket; buckets ascend and do not overlap', () => {
  fc.assert(
    fc.property(latencies, (values) => {
      const buckets = of(values).buckets()
      for (const [n, { low, high, count }] of buckets.entries()) {
        expect(low).toBeLessThan(high)
        if (n > 0) expect(low).toBeGreaterThanOrEqual(buckets[n - 1]!.high)
        // At a border a value belongs to either, as binary fractions round.
        const near = (edge: number) => (value: number) => Math.abs(value - edge) < 1e-9 * edge
        const inside = values.filter((value) => value >= low && value < high).length
        const atBorder = values.filter((value) => near(low)(value) || near(high)(value)).length
        expect(Math.abs(inside - count)).toBeLessThanOrEqual(atBorder)
      }
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
    }),
  )
})
