import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { areaUnderCurve } from '../../training/area-under-curve.ts'
import { aucOf, SortedRows } from './auc.ts'
import { meanDrawn, userInterval } from './user-bootstrap.ts'

const row = fc.record({
  score: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -3, max: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -Infinity) },
  ),
  saved: fc.boolean(),
  weight: fc.nat(3),
})
const rows = fc.array(row, { maxLength: 40 })
type Row = { readonly score: number; readonly saved: boolean; readonly weight: number }
const scoresOf = (all: readonly Row[]) => all.map(({ score }) => score)
const labelsOf = (all: readonly Row[]) => Uint8Array.from(all, ({ saved }) => (saved ? 1 : 0))

/** Every pair looked at. */
function byPairs(all: readonly Row[]): number {
  let [pairs, right] = [0, 0]
  for (const a of all.filter(({ saved }) => saved)) {
    for (const b of all.filter(({ saved }) => !saved)) {
      const weight = a.weight * b.weight
      pairs += weight
      if (a.score > b.score) right += weight
      else if (a.score === b.score) right += weight / 2
    }
  }
  return right / pairs
}

describe('AUC', () => {
  test('is the weighed share of pairs in the right order', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const found = new SortedRows(scoresOf(all), labelsOf(all)).auc((i) => all[i]!.weight)
        const expected = byPairs(all)
        if (Number.isNaN(expected)) expect(found).toBeNaN()
        else expect(found).toBeCloseTo(expected, 12)
      }),
    )
  })
  test('is what the training of rankers computes, where all are numbers', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const finite = all.filter(({ score }) => Number.isFinite(score))
        const other = areaUnderCurve(
          Float64Array.from(scoresOf(finite)),
          Float64Array.from(labelsOf(finite)),
        )
        const found = aucOf(scoresOf(finite), labelsOf(finite))
        if (Number.isNaN(other)) expect(found).toBeNaN()
        else expect(found).toBeCloseTo(other, 12)
      }),
    )
  })
  test('minds the order alone', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const scores = scoresOf(all)
        const saved = labelsOf(all)
        expect(
          aucOf(
            scores.map((score) => 5 + 2 * score ** 3),
            saved,
          ),
        ).toEqual(aucOf(scores, saved))
      }),
    )
  })
  test('by hand: perfect, reversed, all alike, of one class', () => {
    const saved = Uint8Array.of(1, 1, 0)
    expect(aucOf([3, 2, 1], saved)).toBe(1)
    expect(aucOf([1, 2, 3], saved)).toBe(0)
    expect(aucOf([7, 7, 7], saved)).toBe(0.5)
    expect(aucOf([1, 3, 2], saved)).toBe(0.5)
    expect(aucOf([1, 2, 3], Uint8Array.of(1, 1, 1))).toBeNaN()
    expect(aucOf([], new Uint8Array(0))).toBeNaN()
  })
  test('a score that is not a number is in the wrong place in all of its pairs', () => {
    const saved = Uint8Array.of(1, 0)
    expect(aucOf([Number.NaN, -Infinity], saved)).toBe(0)
    expect(aucOf([Infinity, Number.NaN], saved)).toBe(0)
    expect(aucOf([Number.NaN, Number.NaN], saved)).toBe(0)
    expect(aucOf([1, Number.NaN, 0], Uint8Array.of(1, 0, 0))).toBe(0.5)
  })
})

describe('resampled users', () => {
  const values = Array.from({ length: 200 }, (_, i) => (i % 5) / 4)
  test('the interval of a mean is as wide as its normal approximation', () => {
    const [low, high] = userInterval(values.length, 3, meanDrawn(values))
    // Deviation of the values is .354, of their mean .025; a resampled bound is off by some 10 %.
    const half = (1.96 * Math.sqrt(0.125)) / Math.sqrt(values.length)
    expect((high - low) / 2).toBeGreaterThan(0.85 * half)
    expect((high - low) / 2).toBeLessThan(1.15 * half)
    expect((high + low) / 2).toBeCloseTo(0.5, 1)
  })
  test('the same seed draws the same users, each time as many as there are', () => {
    const draws: string[] = []
    const keep = (drawn: Uint32Array) => {
      expect(drawn.reduce((a, b) => a + b, 0)).toBe(10)
      draws.push(drawn.join())
      return drawn[0]!
    }
    const first = userInterval(10, 4, keep)
    const before = draws.splice(0)
    expect(userInterval(10, 4, keep)).toEqual(first)
    expect(draws).toEqual(before)
    draws.splice(0)
    userInterval(10, 5, keep)
    expect(draws).not.toEqual(before)
  })
})
