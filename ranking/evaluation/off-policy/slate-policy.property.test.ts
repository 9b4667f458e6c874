import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import {
  chancesByPosition,
  chancesOf,
  drawSlate,
  slatePoolMax,
  softmaxPolicy,
} from './slate-policy.ts'

const pool = fc
  .array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 6 })
  .map((scores) => Float64Array.from(scores))
const options = fc.record({
  temperature: fc.constantFrom(0.1, 1, 5),
  uniform: fc.constantFrom(0, 0.05, 1),
})
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0)

/** Every order of the first `places`, by hand. */
function orders(count: number, places: number): number[][] {
  if (places === 0) return [[]]
  return orders(count, places - 1).flatMap((order) =>
    Array.from({ length: count }, (_, i) => i)
      .filter((i) => !order.includes(i))
      .map((i) => [...order, i]),
  )
}

test('the next item has its softmax and its share of uniform chance, among those left', () => {
  fc.assert(
    fc.property(pool, options, fc.nat(5), ({ length }, { temperature, uniform }, gone) => {
      const scores = Float64Array.from({ length }, (_, i) => Math.sin(3 * i) * 4)
      const taken = new Uint8Array(length)
      if (length > 1) taken[gone % length] = 1
      const chances = new Float64Array(length)
      softmaxPolicy({ temperature, uniform }).next(scores, taken, chances)
      const left = [...scores.keys()].filter((i) => taken[i] === 0)
      const total = sum(left.map((i) => Math.exp(scores[i]! / temperature)))
      for (const i of scores.keys()) {
        const softmax = Math.exp(scores[i]! / temperature) / total
        const expected = taken[i] ? 0 : (1 - uniform) * softmax + uniform / left.length
        expect(chances[i]).toBeCloseTo(expected, 12)
      }
    }),
  )
})

test('lists have the probabilities stated: all of them together 1', () => {
  fc.assert(
    fc.property(pool, options, fc.integer({ min: 1, max: 3 }), (scores, given, places) => {
      const policy = softmaxPolicy(given)
      const lists = orders(scores.length, Math.min(places, scores.length))
      const chances = lists.map((list) => chancesOf(policy, scores, Uint32Array.from(list)))
      const whole = chances.map((chance) => chance.reduce((a, b) => a * b, 1))
      expect(sum(whole)).toBeCloseTo(1, 9)
      // At its position an item has what the lists that put it there have.
      for (const [position, row] of chancesByPosition(policy, scores, places).entries()) {
        expect(sum(row)).toBeCloseTo(1, 9)
        for (const [item, chance] of row.entries()) {
          const there = whole.filter((_, n) => lists[n]![position] === item)
          expect(chance).toBeCloseTo(sum(there), 9)
        }
      }
    }),
  )
})

test('what is drawn has its probability, and comes as often', () => {
  const policy = softmaxPolicy()
  const scores = Float64Array.of(2, 1, 0, -1, -3)
  const byPosition = chancesByPosition(policy, scores, 3)
  const times = 20_000
  const random = new Random(11)
  const counts = byPosition.map((row) => row.map(() => 0))
  for (let n = 0; n < times; n++) {
    const { slate, givenAbove } = drawSlate(policy, scores, { places: 3, random })
    expect(new Set(slate).size).toBe(3)
    if (n < 100) expect(chancesOf(policy, scores, slate)).toEqual(givenAbove)
    for (const [position, item] of slate.entries()) counts[position]![item]!++
  }
  // Fifteen frequencies of a binomial: five deviations leave one run in a hundred thousand.
  for (const [position, row] of byPosition.entries()) {
    for (const [item, chance] of row.entries()) {
      const deviation = Math.sqrt((chance * (1 - chance)) / times)
      expect(Math.abs(counts[position]![item]! / times - chance)).toBeLessThan(5 * deviation)
    }
  }
})

test('scores of any size leave each its share, and a whole pool can be drawn', () => {
  const policy = softmaxPolicy({ uniform: 0.05 })
  const scores = Float64Array.of(1e308, -1e308, 700, 0)
  const { slate, givenAbove } = drawSlate(policy, scores, { places: 9, random: new Random(1) })
  expect([...slate].sort()).toEqual([0, 1, 2, 3])
  for (const [place, chance] of givenAbove.entries()) {
    expect(chance).toBeGreaterThanOrEqual(0.05 / (4 - place))
    expect(chance).toBeLessThanOrEqual(1)
  }
})

test('a pool beyond its bound, and scores that are none, are mistakes of the caller', () => {
  const asked = { places: 1, random: new Random(1) }
  const many = new Float64Array(slatePoolMax + 1)
  expect(() => drawSlate(softmaxPolicy(), many, asked)).toThrow('at most 200')
  expect(() => drawSlate(softmaxPolicy(), Float64Array.of(Number.NaN), asked)).toThrow('finite')
  expect(() => chancesByPosition(softmaxPolicy(), new Float64Array(200), 4)).toThrow('few enough')
  expect(chancesByPosition(softmaxPolicy(), new Float64Array(0), 4)).toEqual([])
})
