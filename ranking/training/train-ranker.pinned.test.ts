/**
 * A seeded training, frozen: a change here is a change of what is learned and wants a reason.
 * Pinned to four digits, not to the bytes: exp and log may differ in the last bit between machines.
 */
import { expect, test } from 'vitest'
import { featureNames } from '../features/feature-matrix.ts'
import { loadRanker } from '../rankers/onnx-ranker.ts'
import { plantedRows } from './testing.ts'
import { trainRanker } from './train-ranker.ts'

test('seed 1 over 2,000 planted rows', async () => {
  const rows = plantedRows(featureNames, { count: 2_000, seed: 9 }, (f, rank) => {
    return 1.5 * f[0]! - f[1]! * f[2]! - 0.1 * rank
  })
  const { bytes, metrics } = trainRanker(rows, { seed: 1 })
  const four = (value: number) => Math.round(value * 1e4) / 1e4
  const model = await loadRanker(bytes)
  const scores = await model.score(rows.features, 4)
  expect({
    bytes: bytes.length,
    epochs: metrics.epochs,
    positives: metrics.positives,
    logLoss: four(metrics.logLoss),
    auc: four(metrics.auc),
    bestFeatureAuc: four(metrics.bestFeatureAuc),
    scores: Array.from(scores, four),
  }).toMatchInlineSnapshot(`
    {
      "auc": 0.7945,
      "bestFeatureAuc": 0.7507,
      "bytes": 2522,
      "epochs": 29,
      "logLoss": 0.5034,
      "positives": 704,
      "scores": [
        0.4678,
        0.4334,
        0.5559,
        0.2487,
      ],
    }
  `)
})
