/** Against closed forms, sums done by hand and counted frequencies. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { chiSquareTail, goodnessOfFit } from './chi-square.ts'
import { holm } from './holm.ts'
import { studentBound, studentTail } from './student.ts'
import { pairedT, welchT } from './t-test.ts'

const ts = [0.01, 0.3, 1, 2.5, 7, 40, 1_000]
/** Of 1, 2 and 4 degrees the tail is elementary. */
const tails: readonly (readonly [number, (t: number) => number])[] = [
  [1, (t) => (2 / Math.PI) * Math.atan(1 / t)],
  [2, (t) => 1 - t / Math.sqrt(2 + t * t)],
  [4, (t) => 1 - (t / Math.sqrt(4 + t * t)) * (1 + 2 / (4 + t * t))],
]

describe('Student’s t', () => {
  test.each(tails)('of %d degrees has its closed form', (degrees, tail) => {
    // The closed forms lose digits far out, where they take 1 from 1.
    for (const t of ts) expect(studentTail(t, degrees)).toBeCloseTo(tail(t), 13)
    expect(studentTail(-2, degrees)).toBe(studentTail(2, degrees))
  })
  // Of 1 and 2 degrees closed forms, else the tables of any textbook.
  test.each([
    [1, Math.tan(0.475 * Math.PI)],
    [2, 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2))],
    [4, 2.776445105],
    [19, 2.093024054],
    [1e9, 1.959963985],
  ])('of %d degrees is within its 95 %% bound', (degrees, bound) => {
    expect(studentBound(0.05, degrees) / bound).toBeCloseTo(1, 5)
    if (degrees < 1e6) expect(studentBound(0.05, degrees) / bound).toBeCloseTo(1, 9)
  })
  test('bound and tail undo each other', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 100_000 }),
        (tail, degrees) => {
          expect(studentTail(studentBound(tail, degrees), degrees) / tail).toBeCloseTo(1, 8)
        },
      ),
    )
  })
})

describe('chi-square', () => {
  test('of even degrees is a sum of Poisson terms', () => {
    for (const x of [0.001, 1, 5, 30, 300]) {
      expect(chiSquareTail(x, 2) / Math.exp(-x / 2)).toBeCloseTo(1, 12)
      const six = Math.exp(-x / 2) * (1 + x / 2 + (x / 2) ** 2 / 2)
      expect(chiSquareTail(x, 6) / six).toBeCloseTo(1, 11)
    }
    expect(chiSquareTail(0, 3)).toBe(1)
  })
  test('of one degree is a normal number squared', () => {
    expect(chiSquareTail(1.959963984540054 ** 2, 1)).toBeCloseTo(0.05, 12)
  })
  test('of counts, by hand: 60 and 40 where halves were expected', () => {
    // (10² + 10²) / 50 = 4, a normal number of 2.
    const { chiSquare, p } = goodnessOfFit([60, 40], [0.5, 0.5])
    expect(chiSquare).toBe(4)
    expect(p).toBeCloseTo(0.0455002639, 9)
    expect(goodnessOfFit([0, 0], [0.5, 0.5])).toEqual({ chiSquare: 0, p: 1 })
  })
})

describe('paired differences', () => {
  test('by hand: 1 to 5', () => {
    // Deviation √2.5, of the mean √.5; t = 3 / √.5 = √18 of 4 degrees.
    const { mean, standardError, interval, p, degrees } = pairedT([1, 2, 3, 4, 5])
    expect([mean, degrees]).toEqual([3, 4])
    expect(standardError).toBeCloseTo(Math.SQRT1_2, 12)
    expect(interval[0]).toBeCloseTo(3 - 2.776445105 * Math.SQRT1_2, 8)
    expect(interval[1]).toBeCloseTo(3 + 2.776445105 * Math.SQRT1_2, 8)
    expect(p).toBeCloseTo(1 - Math.sqrt(18 / 22) * (1 + 2 / 22), 12)
  })
  test('p is below .05 where the interval leaves out 0, and there alone', () => {
    const values = fc.array(fc.double({ min: -3, max: 5, noNaN: true }), { minLength: 2 })
    fc.assert(
      fc.property(values, (differences) => {
        const { interval, p } = pairedT(differences)
        // At the bound itself rounding decides.
        if (Math.abs(p - 0.05) > 1e-9) expect(p < 0.05).toBe(interval[0] > 0 || interval[1] < 0)
      }),
    )
  })
  test('none at all, and one that is always the same', () => {
    expect(pairedT([0, 0, 0])).toMatchObject({ mean: 0, interval: [0, 0], p: 1 })
    expect(pairedT([2, 2, 2])).toMatchObject({ mean: 2, interval: [2, 2], p: 0 })
  })
  test('one pair has no spread', () => {
    expect(() => pairedT([1])).toThrow(expect.objectContaining({ code: 'EVALUATION_DATA' }))
    const groups = { treated: [1, 2], control: [1] }
    expect(() => welchT(groups)).toThrow(expect.objectContaining({ code: 'EVALUATION_DATA' }))
  })
  test('the interval leaves out the truth once in twenty times', () => {
    const random = new Random(7)
    const times = 8_000
    let missed = 0
    for (let n = 0; n < times; n++) {
      const { interval } = pairedT(Array.from({ length: 4 }, () => 2 + 3 * random.normal()))
      if (interval[0] > 2 || interval[1] < 2) missed++
    }
    // Four deviations of a binomial: .0097. A normal bound instead of t's would miss .145.
    expect(Math.abs(missed / times - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / times))
  })
})

test('Welch, by hand: groups of unlike spread and size', () => {
  // Means 4 and 10; squared errors 1/3 (of 3) and 10 (of 2: deviation √20).
  const treated = [3, 4, 5]
  const control = [10 - Math.sqrt(10), 10 + Math.sqrt(10)]
  const { mean, standardError, degrees } = welchT({ treated, control })
  expect(mean).toBeCloseTo(-6, 12)
  expect(standardError ** 2).toBeCloseTo(1 / 3 + 10, 12)
  expect(degrees).toBeCloseTo((1 / 3 + 10) ** 2 / (1 / 9 / 2 + 100), 12)
})

describe('Holm', () => {
  test('by hand', () => {
    // .005 four times, .01 three times, .03 twice; .04 is not below the one before it.
    const corrected = holm([0.01, 0.04, 0.03, 0.005])
    for (const [i, p] of [0.03, 0.06, 0.06, 0.02].entries()) expect(corrected[i]).toBeCloseTo(p, 12)
    expect(holm([])).toEqual([])
    expect(holm([0.6, 0.7])).toEqual([1, 1])
  })
  test('lies between the values given and Bonferroni’s, and keeps their order', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 12 }), (given) => {
        const corrected = holm(given)
        for (const [i, one] of given.entries()) {
          expect(corrected[i]).toBeGreaterThanOrEqual(one)
          expect(corrected[i]).toBeLessThanOrEqual(Math.min(1, one * given.length))
          for (const [j, other] of given.entries()) {
            if (one < other) expect(corrected[i]).toBeLessThanOrEqual(corrected[j]!)
          }
        }
      }),
    )
  })
})
