import { describe, expect, test } from 'vitest'
import { errorCode } from '../../base/index.ts'
import { featureNames } from '../features/feature-matrix.ts'
import { loadRanker } from '../rankers/onnx-ranker.ts'
import { areaUnderCurve } from './area-under-curve.ts'
import { plantedRows } from './testing.ts'
import { type TrainingRows, trainRanker } from './train-ranker.ts'

const at = (name: string) => featureNames.indexOf(name)
const [walk, tags, popular] = [at('walk_score'), at('tag_affinity'), at('popularity')]
const size = { count: 6_000, seed: 3 }

describe('what it learns', () => {
  test('a sum of two features, better than either of them', () => {
    const rows = plantedRows(featureNames, size, (f) => 2 * f[walk]! + 2 * f[tags]! - 1)
    const { metrics, range } = trainRanker(rows)
    // The truth itself scores .91 on these rows; one of its two halves .79.
    expect(metrics.auc).toBeGreaterThan(0.89)
    expect(metrics.auc).toBeGreaterThan(metrics.bestFeatureAuc + 0.08)
    expect(['walk_score', 'tag_affinity']).toContain(metrics.bestFeature)
    expect(range).toEqual({ from: 0, to: 5_999_000 })
  })

  test('already from a few hundred rows', () => {
    const few = { count: 500, seed: 4 }
    const rows = plantedRows(featureNames, few, (f) => 2 * f[walk]! + 2 * f[tags]! - 1)
    const { metrics } = trainRanker(rows)
    // 100 held-out rows: the AUC's own deviation is about .03.
    expect(metrics.auc).toBeGreaterThan(metrics.bestFeatureAuc + 0.03)
  })

  test('a rule that no line draws: the product of two signs', () => {
    const rows = plantedRows(featureNames, size, (f) => 4 * Math.sign(f[walk]! * f[tags]!))
    const { metrics } = trainRanker(rows, { epochs: 60 })
    expect(metrics.bestFeatureAuc).toBeLessThan(0.56)
    expect(metrics.auc).toBeGreaterThan(0.85)
  })

  test('not what comes from position: offsets while learning, none when serving', async () => {
    // People save what is good and what stands high; the old ranker put popular pins high, more
    // or less. Offsets are marginal log-odds, which shrink with the spread of all else, so that
    // they take most of the false credit away (.27 to .05 here), not all of it.
    const biased = plantedRows(featureNames, size, (f, rank) => 0.7 * f[walk]! + 1 - 0.2 * rank)
    for (let row = 0; row < size.count; row++) {
      biased.features[row * featureNames.length + popular]! += 2 - biased.ranks[row]! / 5
    }
    const blind: TrainingRows = { ...biased, ranks: new Uint16Array(size.count) }
    const [told, untold] = await Promise.all(
      [biased, blind].map(async (rows) => {
        const model = await loadRanker(trainRanker(rows).bytes)
        const matrix = new Float32Array(2 * featureNames.length)
        matrix[popular] = 1
        matrix[featureNames.length + popular] = -1
        const [high, low] = await model.score(matrix, 2)
        return high! - low!
      }),
    )
    expect(untold!).toBeGreaterThan(0.2)
    expect(Math.abs(told!)).toBeLessThan(untold! / 2)
  })
})

test('the file scores the held-out rows as the metrics say', async () => {
  const rows = plantedRows(featureNames, size, (f) => f[walk]! - f[tags]!)
  const { bytes, metrics } = trainRanker(rows)
  const model = await loadRanker(bytes)
  const split = size.count * 0.8
  const held = rows.features.subarray(split * featureNames.length)
  const scores = await model.score(held, size.count - split)
  const auc = areaUnderCurve(Float64Array.from(scores), Float64Array.from(rows.labels.slice(split)))
  // Float32 scores tie where Float64 ones do not.
  expect(auc).toBeCloseTo(metrics.auc, 4)
})

test('equal rows and seed give equal bytes, another seed others', () => {
  const rows = plantedRows(featureNames, { count: 600, seed: 1 }, (f) => f[walk]!)
  const train = (seed: number) => trainRanker(rows, { seed, epochs: 3 })
  expect(train(1).bytes).toEqual(train(1).bytes)
  expect(train(1).version).not.toBe(train(2).version)
})

test('a feature that never varies changes nothing, whatever is served', async () => {
  const rows = plantedRows(featureNames, { count: 600, seed: 1 }, (f) => f[walk]!)
  for (let row = 0; row < 600; row++) rows.features[row * featureNames.length + popular] = 0.25
  const model = await loadRanker(trainRanker(rows, { epochs: 3 }).bytes)
  const matrix = new Float32Array(2 * featureNames.length)
  matrix[popular] = 1e6
  const [odd, plain] = await model.score(matrix, 2)
  expect(odd).toBe(plain)
})

describe('TRAINING_DATA for rows that teach nothing', () => {
  const good = () => plantedRows(featureNames, { count: 400, seed: 2 }, (f) => f[walk]!)
  const refused = (rows: TrainingRows, reason: string) => {
    let thrown: unknown
    try {
      trainRanker(rows, { epochs: 1 })
    } catch (error) {
      thrown = error
    }
    expect(errorCode(thrown)).toBe('TRAINING_DATA')
    expect((thrown as Error).message).toContain(reason)
  }

  test('too few', () => {
    const few = plantedRows(featureNames, { count: 199, seed: 2 }, (f) => f[walk]!)
    refused(few, '199 rows; at least 200')
  })
  test('one class only', () => {
    const rows = good()
    refused({ ...rows, labels: new Float32Array(400) }, 'only one class is in the teaching rows')
    const early = rows.labels.map((label, row) => (row < 320 ? label : 0))
    refused({ ...rows, labels: early }, 'only one class is in the held-out rows')
  })
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a feature that is %d', (value) => {
    const rows = good()
    rows.features[7 * featureNames.length + walk] = value
    refused(rows, 'feature walk_score of row 7')
  })
  test('labels and weights that are none', () => {
    const rows = good()
    refused({ ...rows, labels: rows.labels.map(() => 0.5) }, 'neither 0 nor 1')
    refused({ ...rows, labels: rows.labels.with(3, Number.NaN) }, 'neither 0 nor 1')
    refused({ ...rows, weights: new Float32Array(400) }, 'not a positive number')
  })
})

test('the area under the curve, by hand', () => {
  const auc = (scores: number[], labels: number[]) =>
    areaUnderCurve(Float64Array.from(scores), Float64Array.from(labels))
  expect(auc([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1)
  expect(auc([1, 2, 3, 4], [1, 1, 0, 0])).toBe(0)
  expect(auc([1, 1, 1, 1], [0, 1, 0, 1])).toBe(0.5)
  expect(auc([1, 2, 2, 3], [0, 1, 0, 1])).toBe(0.875)
  expect(auc([1, 2], [1, 1])).toBeNaN()
})
