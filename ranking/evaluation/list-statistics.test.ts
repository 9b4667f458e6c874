import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { rowsFrom } from '../algebra/index.ts'
import { giniOf, ListStatistics } from './list-statistics.ts'

// Items 0 to 4 are had by 4, 2, 1, 1 and 0 of four users.
const train = rowsFrom([
  [0, 1],
  [0, 1],
  [0, 2],
  [0, 3],
])
const statistics = () => new ListStatistics(train, 5, [0, 1, 2, 3], new Random(1))
const none = new Set<number>()

test('by hand: two lists over five items', () => {
  const lists = statistics()
  lists.add(0, [0, 1], none)
  lists.add(1, [0, 3], none)
  const { coverage, gini, popularityOverlap, novelty, intraListDistance } = lists.figures()
  expect(coverage).toBe(3 / 5)
  // Shown 0, 0, 1, 1 and 2 times: 2 (3 + 4 + 10) / (5 * 4) - 6 / 5.
  expect(gini).toBeCloseTo(0.5, 12)
  // 0 and 1 are the most popular two.
  expect(popularityOverlap).toBe(3 / 4)
  // 0 has no information, 1 has one bit, 3 has two.
  expect(novelty).toBeCloseTo(3 / 4, 12)
  const cosine = (common: number, a: number, b: number) => common / Math.sqrt(a * b)
  const pairs = [1 - cosine(2, 4, 2), 1 - cosine(1, 4, 1)]
  expect(intraListDistance).toBeCloseTo((pairs[0]! + pairs[1]!) / 2, 12)
})

test('what is popular is what the user does not have yet', () => {
  const lists = statistics()
  lists.add(0, [2, 3], new Set([0, 1]))
  expect(lists.figures().popularityOverlap).toBe(1)
})

test('an item that nobody has is as unexpected as one that one user has; no pairs, no distance', () => {
  const lists = statistics()
  lists.add(0, [4], none)
  lists.add(1, [], none)
  expect(lists.figures()).toMatchObject({ novelty: 2, intraListDistance: undefined })
})

test('the Gini index is 0 where all are alike, and nearly 1 where one has everything', () => {
  expect(giniOf(Uint32Array.of(3, 3, 3))).toBeCloseTo(0, 12)
  expect(giniOf(Uint32Array.of(0, 0, 0, 8))).toBeCloseTo(3 / 4, 12)
  expect(giniOf(new Uint32Array(4))).toBe(0)
})
