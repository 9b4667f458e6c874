import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Random, systemClock } from '../../../base/index.ts'
import { rowOf } from '../../algebra/index.ts'
import type { Dataset } from '../dataset.ts'
import { evaluate, evaluateModel } from '../evaluate.ts'
import { compareMeasured, evaluateAgainst } from '../evaluate-against.ts'
import { evaluateRanker } from '../evaluate-ranker.ts'
import { openDataset } from '../interactions/index.ts'
import { compareLabels, labelFigures, measureLabels } from './label-measure.ts'
import { catalogueModel, type LabelledRanker, questionOf, rankerOf } from './labelled-ranker.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-labelled-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const USERS = 60
const ITEMS = 30
const random = new Random(4)
/** Who likes the colour of an item rates it 5, else 1; all see items of both colours. */
function ratings(): string[] {
  return Array.from({ length: USERS }, (_, user) => {
    const seen = random.shuffle(Array.from({ length: ITEMS }, (_, item) => item)).slice(0, 20)
    return seen.map((item, n) => `${user}\t${item}\t${item % 2 === user % 2 ? 5 : 1}\t${1000 * n}`)
  }).flat()
}
function file(rows: readonly string[], name = 'd.inter'): string {
  const path = join(scratch, name)
  writeFileSync(
    path,
    `user_id:token\titem_id:token\trating:float\ttimestamp:float\n${rows.join('\n')}`,
  )
  return path
}
const place = { dataset: file(ratings()), format: 'recbole', save: 'rating>=4' }
const options = { ...place, at: 5, clock: systemClock }
const measuring = { at: 5, seed: 1, clock: systemClock }
const colour = (data: Dataset, pin: number) => Number(data.names.items.id(pin)) % 2
const taste = (data: Dataset, user: number) => Number(data.names.users.id(user)) % 2

/** Knows the truth. */
const oracle = (data: Dataset): LabelledRanker => ({
  score: async (questions) =>
    questions.map(({ user, pins }) =>
      Float64Array.from(pins, (pin) => (colour(data, pin) === taste(data, user) ? 1 : 0)),
    ),
})

describe('a ranker behind the port', () => {
  test('that knows the truth has AUC 1; its opposite 0; one that knows nothing one half', async () => {
    const data = await openDataset(place)
    const truth = oracle(data)
    const against: LabelledRanker = {
      score: async (asked) => (await truth.score(asked)).map((row) => Array.from(row, (x) => -x)),
    }
    const nothing: LabelledRanker = {
      score: async (asked) => asked.map(({ pins }) => new Float64Array(pins.length)),
    }
    const figures = async (ranker: LabelledRanker) =>
      (await evaluateRanker(ranker, data, measuring)).figures
    expect((await figures(truth)).labels).toMatchObject({
      auc: 1,
      aucInterval: [1, 1],
      pooledAuc: 1,
      testRows: USERS * 4,
    })
    expect((await figures(against)).labels).toMatchObject({ auc: 0, pooledAuc: 0 })
    expect((await figures(nothing)).labels).toMatchObject({ auc: 0.5, pooledAuc: 0.5 })
    expect(Number((await figures(truth)).raw['ndcg@5'])).toBeGreaterThan(
      Number((await figures(against)).raw['ndcg@5']),
    )
  })

  test('is told the time of each pin and the past with labels, and nothing of the test', async () => {
    const data = await openDataset(place)
    const { future, past } = data.split!
    let asked = 0
    await measureLabels(
      {
        score: async (questions) =>
          questions.map(({ user, pins, times, past: told }) => {
            asked++
            const [from, to] = [future.offsets[user]!, future.offsets[user + 1]!]
            expect(pins).toEqual(future.items.subarray(from, to))
            expect(times).toEqual(future.times.subarray(from, to))
            expect(told.items).toHaveLength(past.offsets[user + 1]! - past.offsets[user]!)
            expect(new Set(told.saved).size).toBe(2)
            expect(Math.max(...told.times)).toBeLessThanOrEqual(times[0]!)
            return times
          }),
      },
      data,
    )
    expect(asked).toBe(USERS)
  })

  test('that is a model in an adapter measures as the model', async () => {
    const data = await openDataset(place)
    const counts = new Float64Array(data.items)
    for (const item of data.train.items) counts[item]!++
    const popular: LabelledRanker = {
      score: async (questions) =>
        questions.map(({ pins }) => Array.from(pins, (pin) => counts[pin]!)),
    }
    const { measured, figures } = await evaluateRanker(popular, data, measuring)
    const model = await evaluateModel('popularity', data, { ...options, model: 'popularity' })
    expect(measured).toEqual(model.measured)
    expect(figures.labels).toEqual(model.evaluation.labels)
    const { raw, auc, pooledAuc } = compareMeasured(measured, model.measured, 1)
    expect(raw.difference).toBe(0)
    for (const none of [auc, pooledAuc]) expect(none).toEqual({ difference: 0, interval: [0, 0] })
    // And there and back.
    const users = [3, 1]
    const back = rankerOf(catalogueModel(popular, data))
    const questions = users.map((user) => questionOf(data, user))
    const plain = (rows: readonly ArrayLike<number>[]) => rows.map((row) => Array.from(row))
    expect(plain(await back.score(questions))).toEqual(plain(await popular.score(questions)))
  })

  test('is given the saves of the past as the history of a model', async () => {
    const data = await openDataset(place)
    await rankerOf({
      score: async ({ users, histories }) => {
        histories.forEach((history, i) => {
          expect(history).toEqual(rowOf(data.query, users[i]!))
        })
        return { columns: data.items, values: new Float64Array(users.length * data.items) }
      },
    }).score([5, 9].map((user) => questionOf(data, user)))
  })
})

describe('one model against another', () => {
  test('AUC and NDCG are compared on the same users; a clear winner is one', async () => {
    const result = await evaluateAgainst({ ...options, model: 'rp3beta', against: 'popularity' })
    const { auc, pooledAuc, ndcg, model, against } = result
    expect(auc?.difference).toBeCloseTo(model.labels!.auc - against.labels!.auc, 4)
    expect(pooledAuc?.difference).toBeCloseTo(
      model.labels!.pooledAuc - against.labels!.pooledAuc,
      4,
    )
    for (const { interval } of [auc!, pooledAuc!, ndcg.raw]) expect(interval[0]).toBeGreaterThan(0)
    expect(auc!.interval[1]).toBeGreaterThan(auc!.difference)
    expect(model.labels!.auc).toBeGreaterThan(0.9)
  })
  test('a difference that all users share has no error, however much users differ', async () => {
    const data = await openDataset(place)
    const measure = await measureLabels(oracle(data), data)
    const spread = measure.aucs.map((_, i) => (i % 9) / 10)
    const one = { ...measure, aucs: spread.map((auc) => auc + 0.05) }
    const { auc } = compareLabels(one, { ...measure, aucs: spread }, 1)
    for (const bound of auc.interval) expect(bound).toBeCloseTo(0.05, 12)
    const { aucInterval } = labelFigures(one, 1)
    expect(aucInterval[1] - aucInterval[0]).toBeGreaterThan(0.05)
  })
})

describe('what cannot be measured is named', () => {
  const run = (rows: readonly string[], more: object = {}) =>
    evaluate({ ...options, dataset: file(rows, 'odd.inter'), model: 'rp3beta', ...more })
  const both = ['a\tx\t5\t1', 'a\ty\t1\t2', 'b\tx\t5\t1', 'b\tz\t5\t2', 'b\ty\t1\t3']
  test('a test of one class: no AUC', async () => {
    const rows = ['a\tx\t5\t1', 'a\ty\t5\t2', 'a\tz\t5\t3', 'a\tw\t5\t4', 'b\tx\t1\t1']
    const split = 'last-fraction:0.5'
    await expect(run(rows, { split, model: 'popularity' })).rejects.toMatchObject({
      code: 'AUC_UNDEFINED',
      details: { saved: 2, rows: 2 },
    })
    // Without a rule all rows are saves, and nobody asks for an AUC.
    const { save: _, ...plain } = { ...options, dataset: file(rows, 'odd.inter') }
    const result = await evaluate({ ...plain, split, model: 'popularity' })
    expect(result.labels).toBeUndefined()
  })
  test('a fold without saves', async () => {
    await expect(run(both, { split: 'last-fraction:0.7' })).rejects.toMatchObject({
      code: 'EVALUATION_DATA',
      message: expect.stringContaining('fold'),
    })
  })
  test('no saves at all', async () => {
    await expect(run(both, { save: 'rating>5' })).rejects.toMatchObject({ code: 'EVALUATION_DATA' })
  })
  test('a ranker for data without a split', async () => {
    const lists = join(scratch, 'sequences.txt')
    writeFileSync(lists, 'a 1 2 3 4\nb 1 2 3 4\n')
    const data = await openDataset({ dataset: lists, format: 'sequences' })
    await expect(evaluateRanker(oracle(data), data, measuring)).rejects.toMatchObject({
      code: 'EVALUATION_DATA',
    })
  })
  test('but strangers are counted, and a list may be longer than the catalogue', async () => {
    const dataset = file([...ratings(), 'new\t1\t5\t19500', 'new\t2\t1\t19500'], 'strangers.inter')
    const asked = { ...options, dataset, split: 'time:19000000', model: 'rp3beta' }
    const result = await evaluate({ ...asked, at: 2 * ITEMS })
    expect(result.split).toMatchObject({ strangers: 1, rule: 'time:19000000', instant: 19_000_000 })
    expect(result.items).toBe(ITEMS)
    expect(result.raw['users']).toBeGreaterThan(10)
    // Whatever has a score is in such a list.
    expect(result.raw[`recall@${2 * ITEMS}`]).toBeGreaterThan(0.9)
    // Everything is a tie for the stranger, which is half right.
    expect(result.labels?.aucUsers).toBe(1)
    expect(result.labels?.auc).toBe(0.5)
  })
})
