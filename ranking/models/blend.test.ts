import fc from 'fast-check'
import { expect, test } from 'vitest'
import { weightsOf } from '../evaluation/choose.ts'
import type { BatchModel } from './batch-model.ts'
import { Blend, standardised, weighted } from './blend.ts'

const fixed = (values: readonly number[], columns: number): BatchModel => ({
  score: async () => ({ columns, values: Float64Array.from(values) }),
})
const none = [new Uint32Array(0), new Uint32Array(0)]

test('a row has mean 0 and deviation 1 over what is not in the history', () => {
  const values = Float64Array.of(3, 1, 4, 100, 5, 9)
  const { values: row } = standardised({ columns: 6, values }, [Uint32Array.of(3)])
  const others = Array.from(row).filter((_, item) => item !== 3)
  const mean = others.reduce((a, b) => a + b) / 5
  expect(mean).toBeCloseTo(0, 12)
  expect(others.reduce((sum, z) => sum + z * z, 0) / 5).toBeCloseTo(1, 12)
  expect([...row.keys()].sort((a, b) => row[b]! - row[a]!)).toEqual([3, 5, 4, 2, 0, 1])
})

test('scores that are all alike say nothing', () => {
  const { values } = standardised({ columns: 3, values: Float64Array.of(2, 2, 2) }, none.slice(1))
  expect(Array.from(values)).toEqual([0, 0, 0])
})

test('a model’s scale and level do not matter, its weight does', async () => {
  const row = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 5, maxLength: 5 })
  const law = fc.asyncProperty(row, row, fc.constantFrom(0.01, 3, 700), async (a, b, scale) => {
    const batch = { users: [0], histories: none.slice(1) }
    const blended = async (first: readonly number[]) => {
      const parts = [fixed(first, 5), fixed(b, 5)]
      const blend = new Blend(parts.map((model, i) => ({ model, weight: i === 0 ? 0.6 : 0.4 })))
      return (await blend.score(batch)).values
    }
    const plain = await blended(a)
    const scaled = await blended(a.map((score) => score * scale + 11))
    for (const [i, score] of plain.entries()) expect(scaled[i]).toBeCloseTo(score, 4)
  })
  await fc.assert(law)
})

test('a score that is not a number is not one in the blend', () => {
  const bad = { columns: 2, values: Float64Array.of(Number.NaN, 1) }
  const good = { columns: 2, values: Float64Array.of(1, 2) }
  expect(weighted([good, bad], [1, 1]).values[0]).toBeNaN()
})

test('weights: every split, each once, the first model alone before all', () => {
  expect(weightsOf(2, 2)).toEqual([
    [2, 0],
    [1, 1],
    [0, 2],
  ])
  const splits = weightsOf(4, 5)
  expect(new Set(splits.map(String)).size).toBe(56)
  expect(splits.every((weights) => weights.reduce((a, b) => a + b) === 5)).toBe(true)
  expect(splits[0]).toEqual([5, 0, 0, 0])
})
