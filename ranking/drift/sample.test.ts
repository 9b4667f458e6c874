import { expect, test } from 'vitest'
import type { Ranking } from '../pipeline/stage.ts'
import { SAMPLED_ROWS, sampleEffect } from './sample.ts'
import { ScoredRows } from './scored-rows.ts'

const LIMIT = 20

/** Candidate c of 40 was scored where it is even; its row is [c, -c]. The slate runs backwards. */
function answered(slate: readonly number[], scored = new ScoredRows()) {
  const indices = Uint32Array.from({ length: 20 }, (_, row) => 2 * row)
  const matrix = Float32Array.from(indices, (c) => c).slice()
  const rows = Float32Array.from([...matrix].flatMap((c) => [c, -c]))
  const features = { names: ['a', 'b'], matrix: rows, indices }
  const ranking = { services: { scored }, features, model: 'm', slate, request: { limit: LIMIT } }
  const ran = sampleEffect.run(ranking as unknown as Ranking)
  return { ran, scored, rows: scored.all().flatMap(({ matrix }) => [...matrix]) }
}

test('some rows of the answer are kept, evenly over its ranks, each its own', () => {
  const slate = Array.from({ length: 20 }, (_, rank) => 38 - 2 * rank)
  const { ran, rows } = answered(slate)
  expect(ran).toBe(true)
  const kept = rows.filter((_, i) => i % 2 === 0)
  expect(rows.filter((_, i) => i % 2 === 1)).toEqual(kept.map((c) => -c))
  expect(kept).toHaveLength(SAMPLED_ROWS)
  expect([kept[0], kept.at(-1)]).toEqual([38, 4])
})

test('a short answer is kept whole, an empty one is nothing; what was reserved is not shown', () => {
  expect(answered([6, 2]).rows).toEqual([6, -6, 2, -2])
  expect(answered([]).rows).toEqual([])
  const reserve = Array.from({ length: 19 }, () => 10)
  const { rows } = answered([...Array.from({ length: LIMIT }, () => 4), ...reserve])
  expect(new Set(rows)).toEqual(new Set([4, -4]))
})

test('where no model scored, or nobody wants to know, it declines', () => {
  const ranking = (over: object) => ({ services: {}, slate: [0], ...over }) as unknown as Ranking
  expect(sampleEffect.run(ranking({}))).toBe(false)
  expect(sampleEffect.run(ranking({ services: { scored: new ScoredRows() } }))).toBe(false)
})
