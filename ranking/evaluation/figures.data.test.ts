/** Figures on published data that others have published, too: the evaluator's own test. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { evaluate } from './evaluate.ts'

const datasets = process.env['PINWHEEL_DATASETS']
if (!datasets) console.warn('skipped: figures on real data; set PINWHEEL_DATASETS to their folder')
describe.skipIf(!datasets)('figures on real data', { timeout: 120_000 }, () => {
  const figures = async (set: string, format: string, model: string, at: number) =>
    (await evaluate({ dataset: join(datasets ?? '', set), format, model, at, clock: systemClock }))
      .raw
  test('popularity on Pinterest is what is published', async () => {
    const raw = await figures('pinterest', 'lightgcn', 'popularity', 20)
    expect(Number(raw['recall@20']).toFixed(4)).toBe('0.0144')
    expect(Number(raw['ndcg@20']).toFixed(4)).toBe('0.0099')
  })
  test('co-occurrence on Beauty', async () => {
    const raw = await figures('beauty', 'sequences', 'co-occurrence', 10)
    expect(raw['hr@10']).toBeGreaterThanOrEqual(0.078)
    expect(raw['ndcg@10']).toBeGreaterThanOrEqual(0.049)
  })
  test('popularity on MovieLens by labels is what pairs counted by another program give', async () => {
    const dataset = join(datasets ?? '', 'ml-100k')
    const place = { dataset, format: 'recbole', save: 'rating>=4', split: 'last-fraction:0.2' }
    const model = { model: 'popularity', at: 20, clock: systemClock }
    const { labels } = await evaluate({ ...place, ...model })
    expect(labels).toMatchObject({ aucUsers: 811, testRows: 19_633, testRowsSaved: 9_378 })
    expect(labels?.auc).toBeCloseTo(0.650204, 5)
    expect(labels?.pooledAuc).toBeCloseTo(0.698851, 5)
  })
})
