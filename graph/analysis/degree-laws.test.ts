import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { degreeLaws, fitTail, gini, percentile } from './degree-laws.ts'

const someDegrees = fc.array(fc.integer({ min: 1, max: 60 }), {
  minLength: 1,
  maxLength: 80,
  size: 'max',
})

describe('figures by their definition', () => {
  test('Gini: mean absolute difference over twice the mean', () => {
    fc.assert(
      fc.property(someDegrees, (degrees) => {
        let difference = 0
        for (const a of degrees) for (const b of degrees) difference += Math.abs(a - b)
        const n = degrees.length
        const mean = degrees.reduce((a, b) => a + b, 0) / n
        const ascending = Uint32Array.from(degrees).sort()
        expect(gini(ascending)).toBeCloseTo(difference / n / n / (2 * mean), 10)
      }),
    )
  })
  test('percentiles, share of the top tenth, zeros left out', () => {
    const laws = degreeLaws(Uint32Array.from({ length: 31 }, (_, i) => i))
    expect(laws).toMatchObject({ nodes: 30, mean: 15.5, p10: 3, median: 15, p90: 27, max: 30 })
    expect(laws.topTenthShare).toBeCloseTo((28 + 29 + 30) / 465, 12)
    expect(percentile([4], 0.5)).toBe(4)
    expect(degreeLaws(new Uint32Array(3))).toMatchObject({ nodes: 0, mean: 0, gini: 0, max: 0 })
  })
  test('the slope of Zipf is that of the law which made the degrees', () => {
    for (const slope of [0.5, 1]) {
      const degrees = Uint32Array.from({ length: 5000 }, (_, i) => 1e8 / (i + 1) ** slope)
      expect(degreeLaws(degrees).zipfSlope).toBeCloseTo(-slope, 3)
    }
  })
})

describe('the tail', () => {
  /** Whole numbers of a power law from `from` on, by inversion; below it a plain bump. */
  const sample = (exponent: number, from: number, seed: number) => {
    const random = new Random(seed)
    const tail = Array.from({ length: 20_000 }, () =>
      Math.floor((from - 0.5) * (1 - random.unit()) ** (-1 / (exponent - 1)) + 0.5),
    )
    const bump = Array.from({ length: 20_000 }, () => 1 + random.below(from - 1))
    return Uint32Array.from([...tail, ...bump]).sort()
  }
  test.each([2.2, 2.5, 3.5])('finds exponent %d and where the tail begins', (exponent) => {
    const found = fitTail(sample(exponent, 12, 5))!
    expect(Math.abs(found.exponent - exponent)).toBeLessThan(4 * found.standardError)
    // A neighbouring exponent would be seen.
    expect(4 * found.standardError).toBeLessThan(0.15)
    expect(found.from).toBeGreaterThanOrEqual(12)
    expect(found.from).toBeLessThan(24)
    expect(found.distance).toBeLessThan(0.02)
  })
  test('is not told of a few nodes, or of equal ones', () => {
    expect(fitTail(Uint32Array.of(1, 2, 3))).toBeUndefined()
    expect(fitTail(new Uint32Array(100).fill(7))).toBeUndefined()
  })
})
