import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowsFrom } from '../algebra/index.ts'
import { fitCosineNeighbours } from './item-neighbours.ts'
import { fitRp3Beta } from './rp3beta.ts'
import { UserNeighbours } from './user-neighbours.ts'

const ITEMS = 9
const manyRows = fc.array(fc.uniqueArray(fc.nat(ITEMS - 1), { minLength: 1 }), {
  minLength: 2,
  maxLength: 12,
})
const usersOf = (rows: readonly (readonly number[])[], item: number) =>
  rows.flatMap((row, user) => (row.includes(item) ? [user] : []))
const best = (scores: readonly number[], k: number, own: number) =>
  [...scores.keys()]
    .filter((item) => item !== own && scores[item]! > 0)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, k)

function expectWeights(found: Float64Array, scores: readonly number[], kept: readonly number[]) {
  for (let item = 0; item < ITEMS; item++) {
    expect(found[item]).toBeCloseTo(kept.includes(item) ? scores[item]! : 0, 9)
  }
}

test('RP3beta and the cosine are what their papers say, the best few of each item', () => {
  const law = fc.property(manyRows, fc.integer({ min: 1, max: 9 }), (rows, neighbours) => {
    const alpha = 0.6
    const beta = 0.5
    const rp3 = fitRp3Beta(rowsFrom(rows), ITEMS, { alpha, beta, neighbours })
    const plain = fitCosineNeighbours(rowsFrom(rows), ITEMS, { neighbours, inverseFrequency: 0 })
    const weighed = fitCosineNeighbours(rowsFrom(rows), ITEMS, { neighbours, inverseFrequency: 1 })
    const idf = rows.map((row) => Math.log(1 + ITEMS / row.length))
    const dot = (a: number, b: number, gain: (user: number) => number) =>
      usersOf(rows, a)
        .filter((user) => rows[user]!.includes(b))
        .reduce((sum, user) => sum + gain(user), 0)
    for (let item = 0; item < ITEMS; item++) {
      const weights = (model: { score(history: number[], into: Float64Array): void }) => {
        const into = new Float64Array(ITEMS)
        model.score([item], into)
        return into
      }
      const by = (weight: (other: number) => number) =>
        Array.from({ length: ITEMS }, (_, other) => weight(other) || 0)
      const degree = (other: number) => usersOf(rows, other).length
      const walks = by((other) => {
        const steps = dot(item, other, (user) => rows[user]!.length ** -alpha)
        return (degree(item) ** -alpha * steps) / degree(other) ** beta
      })
      expectWeights(weights(rp3), walks, best(walks, neighbours, item))
      const cosine = (gain: (user: number) => number) =>
        by((other) => {
          const size = dot(item, item, gain) * dot(other, other, gain)
          return dot(item, other, gain) / Math.sqrt(size)
        })
      const same = cosine(() => 1)
      expectWeights(weights(plain), same, best(same, neighbours, item))
      const rare = cosine((user) => idf[user]! ** 2)
      expectWeights(weights(weighed), rare, best(rare, neighbours, item))
    }
  })
  fc.assert(law, { numRuns: 60, seed: 3 })
})

test('user neighbours: the nearest by cosine add it to what they have, oneself never', () => {
  const law = fc.property(manyRows, fc.integer({ min: 1, max: 5 }), (rows, neighbours) => {
    const model = new UserNeighbours(rowsFrom(rows), ITEMS, { neighbours })
    rows.forEach((row, user) => {
      const cosines = rows.map((other, n) => {
        const common = other.filter((item) => row.includes(item)).length
        return n === user ? 0 : common / Math.sqrt(row.length * other.length)
      })
      const nearest = [...cosines.keys()]
        .filter((n) => cosines[n]! > 0)
        .sort((a, b) => cosines[b]! - cosines[a]! || a - b)
        .slice(0, neighbours)
      const into = new Float64Array(ITEMS)
      model.score(Uint32Array.from(row), user, into)
      for (let item = 0; item < ITEMS; item++) {
        const theirs = nearest.filter((n) => rows[n]!.includes(item))
        expect(into[item]).toBeCloseTo(
          theirs.reduce((sum, n) => sum + cosines[n]!, 0),
          9,
        )
      }
    })
  })
  fc.assert(law, { numRuns: 80, seed: 4 })
})
