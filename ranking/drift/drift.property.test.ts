import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { featureNames, features } from '../features/feature-matrix.ts'
import {
  driftReport,
  driftRowsMin,
  joinRows,
  summariesOf,
  taughtSummaries,
} from './drift-report.ts'
import { binShares, summaryOf } from './feature-summary.ts'
import { ScoredRows } from './scored-rows.ts'
import { stabilityIndex } from './stability-index.ts'

const value = fc.oneof(
  fc.constantFrom(0, 0.5, 1),
  fc.float({ min: -1, max: 23, noNaN: true }).map(Math.fround),
)
const values = fc.array(value, { minLength: 1, maxLength: 80 }).map((v) => Float32Array.from(v))
const shares = (count: number) =>
  fc.array(fc.nat(9), { minLength: count, maxLength: count }).map((counts) => {
    const sum = counts.reduce((total, n) => total + n, 0)
    return counts.map((n) => (sum === 0 ? 1 / count : n / sum))
  })
const normal = (count: number, seed: number, mean = 0, deviation = 1) => {
  const random = new Random(seed)
  return Float32Array.from({ length: count }, () => mean + deviation * random.normal())
}

describe('the stability index', () => {
  test('is 0 for equal shares, otherwise above, and the same both ways; finite whatever is empty', () => {
    fc.assert(
      fc.property(shares(6), shares(6), (was, is) => {
        expect(stabilityIndex(was, was)).toBe(0)
        const index = stabilityIndex(was, is)
        expect(Number.isFinite(index)).toBe(true)
        expect(index).toBeGreaterThanOrEqual(0)
        expect(stabilityIndex(is, was)).toBeCloseTo(index, 12)
      }),
    )
    expect(stabilityIndex([1, 0], [0, 1])).toBeGreaterThan(5)
  })

  test('by hand: a half that became three quarters', () => {
    expect(stabilityIndex([0.5, 0.5], [0.75, 0.25])).toBeCloseTo(0.25 * Math.log(3), 12)
  })

  test('grows with a shift, and with a spread', () => {
    const was = summaryOf(normal(20_000, 1), 0)
    const of = (mean: number, deviation: number) =>
      stabilityIndex(was.shares, binShares(normal(20_000, 2, mean, deviation), was.edges))
    const shifts = [0, 0.2, 0.4, 0.8, 1.6].map((mean) => of(mean, 1))
    expect(shifts).toEqual(shifts.toSorted((a, b) => a - b))
    // Between normal distributions it is about the square of the shift: .1 and .25 are a third and
    // a half of a deviation.
    expect(shifts[0]!).toBeLessThan(0.005)
    expect(of(1 / 3, 1)).toBeCloseTo(0.1, 1)
    const spreads = [1, 1.3, 1.7, 2.5].map((deviation) => of(0, deviation))
    expect(spreads).toEqual(spreads.toSorted((a, b) => a - b))
  })
})

describe('a summary', () => {
  test('does not depend on the order of the rows; shares sum to 1, edges ascend', () => {
    fc.assert(
      fc.property(values, fc.nat(), (given, seed) => {
        const summary = summaryOf(given, 0)
        const shuffled = new Random(seed).shuffle([...given])
        expect(summaryOf(Float32Array.from(shuffled), 0)).toEqual(summary)
        expect(summary.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
        expect(summary.shares.length).toBe(summary.edges.length + 1)
        expect([...new Set(summary.edges)].sort((a, b) => a - b)).toEqual(summary.edges)
        expect(summary.edges.length).toBeLessThanOrEqual(16)
        expect(binShares(given, summary.edges)).toEqual(summary.shares)
        expect(stabilityIndex(summary.shares, binShares(given, summary.edges))).toBe(0)
      }),
    )
  })

  test('knows of mean, deviation and default', () => {
    const { count, mean, deviation, atDefault } = summaryOf(Float32Array.of(0, 4, 0, 4), 0)
    expect({ count, mean, deviation, atDefault }).toEqual({
      ...{ count: 4, mean: 2, deviation: 2, atDefault: 0.5 },
    })
  })

  test.each([
    { what: 'constant', taught: [7], asked: [7.5, 6.5] },
    { what: 'mostly nothing', taught: [0, 0, 0, 0, 0, 0, 0, 1, 2, 3], asked: [0.1, -0.1, 3.5] },
    { what: 'spread', taught: Array.from({ length: 50 }, (_, n) => n), asked: [-1, 50] },
  ])('of what is $what tells what lies beside it', ({ taught, asked }) => {
    const { edges, shares: was } = summaryOf(Float32Array.from(taught), 0)
    for (const other of asked) {
      const is = binShares(Float32Array.of(other), edges)
      expect(was[is.indexOf(1)], `${other}`).toBe(0)
      expect(stabilityIndex(was, is)).toBeGreaterThan(5)
    }
  })
})

describe('a report', () => {
  const width = featureNames.length
  const matrixOf = (rows: number, seed: number) => normal(rows * width, seed)
  const halves = (matrix: Float32Array, rows: number) => [
    [{ version: 'a', matrix: matrix.subarray(0, rows * width) }],
    [{ version: 'a', matrix: matrix.subarray(rows * width) }],
  ]

  test('of two threads is that of one that had all their rows, in any order', () => {
    const taught = summariesOf(matrixOf(500, 1))
    const matrix = matrixOf(400, 2)
    const whole = driftReport(taught, { matrix })
    expect(whole.map(({ name }) => name).sort()).toEqual([...featureNames].sort())
    const [first, second] = halves(matrix, 150)
    for (const threads of [
      [first!, second!],
      [second!, first!],
    ]) {
      const [joined, ...others] = joinRows(threads)
      expect(others).toEqual([])
      expect(driftReport(taught, joined!)).toEqual(whole)
    }
  })

  test('puts first what drifted most, and says how it was and is', () => {
    const taught = summariesOf(matrixOf(2_000, 1))
    const matrix = matrixOf(1_000, 2)
    const [column, unknown] = [3, features[3]!.default]
    for (let row = 0; row < 1_000; row += 2) matrix[row * width + column] = unknown
    const [most, next] = driftReport(taught, { matrix })
    expect(most?.name).toBe(featureNames[column])
    expect(most?.drift).toBeGreaterThan(0.25)
    expect(most?.taught.atDefault).toBe(0)
    expect(most?.asked.atDefault).toBeCloseTo(0.5, 2)
    expect(next?.drift).toBeLessThan(0.1)
  })

  test('has nothing of few rows, nor of a feature that nobody was taught', () => {
    const taught = summariesOf(matrixOf(500, 1))
    const report = (rows: number) => driftReport(taught, { matrix: matrixOf(rows, 2) }).length
    expect([report(driftRowsMin - 1), report(driftRowsMin)]).toEqual([0, width])
    expect(driftReport({}, { matrix: matrixOf(driftRowsMin, 2) })).toEqual([])
    expect(summariesOf(new Float32Array(0))).toEqual({})
  })
})

test('what was drawn is not among what was taught', () => {
  const width = featureNames.length
  const features = normal(5 * width, 1)
  const shown = [0, 2, 3].flatMap((row) => [...features.slice(row * width, (row + 1) * width)])
  const taught = taughtSummaries({ features, drawn: Uint8Array.of(0, 1, 0, 0, 1) })
  expect(taught).toEqual(summariesOf(Float32Array.from(shown)))
})

describe('the rows that are kept', () => {
  test('are the last of each model, of the models that were asked last', () => {
    const kept = new ScoredRows({ rows: 3, models: 2 })
    const take = (version: string, ...of: number[]) => {
      for (const n of of) kept.take(version, Float32Array.of(n, -n))
    }
    const all = () =>
      Object.fromEntries(
        kept.all().map(({ version, matrix }) => [version, [...matrix].filter((n) => n > 0).sort()]),
      )
    take('a', 1, 2)
    expect(all()).toEqual({ a: [1, 2] })
    take('b', 5)
    take('a', 3, 4)
    expect(all()).toEqual({ a: [2, 3, 4], b: [5] })
    take('c', 6)
    expect(all()).toEqual({ a: [2, 3, 4], c: [6] })
  })
})
