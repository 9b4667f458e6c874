import { expect, test } from 'vitest'
import { Interner, Random, systemClock } from '../../base/index.ts'
import { rowsFrom } from '../algebra/index.ts'
import type { UserBatch } from '../models/batch-model.ts'
import { Gemm } from '../onnx/index.ts'
import { type Choice, choiceKey, chooseBest, fitChoice } from './choose.ts'
import type { Dataset } from './dataset.ts'
import { ranked } from './ranker.ts'

const random = new Random(2)
const ITEMS = 40
/** Each user likes one of four groups of items. */
function grouped(users: number): Dataset {
  const rows = Array.from({ length: users }, (_, user) => {
    const group = Array.from({ length: ITEMS / 4 }, (_, n) => 4 * n + (user % 4))
    return random.shuffle(group).slice(0, 8)
  })
  const [train, test] = [
    rowsFrom(rows.map((row) => row.slice(2))),
    rowsFrom(rows.map((r) => r.slice(0, 2))),
  ]
  const names = { users: new Interner(), items: new Interner() }
  return { format: 'lightgcn', users, items: ITEMS, train, query: train, test, names }
}
const options = () => {
  const tools = { gemm: new Gemm(1), clock: systemClock, threads: 1, seed: 1 }
  return { seed: 1, at: 5, tools }
}

test('the best is at least as good on the fold as any model alone, and finds the groups', async () => {
  const data = grouped(60)
  const { parts, fold, dropped } = await chooseBest(data, options())
  const { best, ...alone } = fold
  expect(Object.keys(alone).sort()).toEqual([
    'co-occurrence',
    'ease',
    'gf-cf',
    'ials',
    'low-pass',
    'rp3beta',
    'softmax-factors',
  ])
  expect(best).toBeGreaterThanOrEqual(Math.max(...Object.values(alone)))
  expect(parts.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12)
  expect(dropped).toEqual({})
  const model = await fitChoice({ parts }, data, options().tools)
  const none = new Set<number>()
  for await (const { user, top } of ranked(model, data, [0, 1, 2, 3], 4, () => none)) {
    expect(top.map((item) => item % 4)).toEqual([user, user, user, user])
  }
})

test('what would not fit is left out of the best, and told', { timeout: 30_000 }, async () => {
  const { parts, dropped } = await chooseBest({ ...grouped(24), items: 41_000 }, options())
  expect(Object.keys(dropped).sort()).toEqual(['ease', 'gf-cf', 'low-pass'])
  for (const reason of Object.values(dropped)) expect(reason).toContain('41000 items')
  for (const { model } of parts) expect(dropped).not.toHaveProperty(model)
})

test('a choice of one part is that model', async () => {
  const data = grouped(40)
  const settings = { alpha: 0.6, beta: 0.5, neighbours: 400 }
  const part = { model: 'rp3beta', weight: 1, settings } as const
  const { tools } = options()
  const score = async (choice: Pick<Choice, 'parts'>) => {
    const histories = [data.query.items.slice(0, 6)]
    const model = await fitChoice(choice, data, tools)
    return Array.from((await model.score({ users: [0], histories })).values)
  }
  const alone = await score({ parts: [part] })
  const half = { ...part, weight: 0.5 }
  const blended = await score({ parts: [half, half] })
  const order = (scores: number[]) =>
    [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b)
  expect(order(blended).slice(0, 8)).toEqual(order(alone).slice(0, 8))
  expect(alone).not.toEqual(blended)
})

test('a choice is known again by its data, its fold and the length of lists, not by the test', () => {
  const data = grouped(20)
  const at = { seed: 1, at: 5 }
  const key = choiceKey(data, at)
  expect(choiceKey({ ...data, test: rowsFrom([]) }, at)).toBe(key)
  expect(choiceKey(data, { ...at, at: 6 })).not.toBe(key)
  expect(choiceKey(data, { ...at, seed: 2 })).not.toBe(key)
  const items = data.train.items.slice()
  items[3] = (items[3]! + 4) % ITEMS
  expect(choiceKey({ ...data, train: { ...data.train, items } }, at)).not.toBe(key)
})

test('what a user saved twice a model is told once, oldest first', async () => {
  const told: number[][] = []
  const model = {
    score: async ({ histories }: UserBatch) => {
      for (const history of histories) told.push([...history])
      return { columns: ITEMS, values: new Float32Array(ITEMS * histories.length) }
    },
  }
  const data = { ...grouped(2), query: rowsFrom([[3, 1, 3, 2, 1], [7]]) }
  const counts: number[] = []
  for await (const { top } of ranked(model, data, [0, 1], ITEMS, () => new Set())) {
    counts.push(top.length)
  }
  expect(counts).toEqual([ITEMS - 3, ITEMS - 1])
  expect(told).toEqual([[3, 1, 2], [7]])
})
