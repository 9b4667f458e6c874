/** Factors of pins in the file of the deep ranker that learned with them. */
import { describe, expect, test } from 'vitest'
import { errorCode, ManualClock } from '../../../base/index.ts'
import { deepFeatureNames } from '../../features/feature-matrix.ts'
import { fitPinFactors, type PinFactors } from '../../pin-factors/index.ts'
import { modelVersion } from '../../registry/model-version.ts'
import { plantedRows } from '../../training/testing.ts'
import { DeepModel, deepBytes, deepMemory, deepWeights, trainDeep } from './index.ts'
import { randomDeepBytes, smallShape } from './testing.ts'

const clock = new ManualClock()
const plain = deepWeights(randomDeepBytes(smallShape, 1))
const pins = { find: (id: string) => Number(id.slice(1)) }
const fitted = await fitPinFactors(
  [
    [1, 2],
    [2, 3],
    [1, 4],
  ],
  { dimensions: 8 },
  { clock },
)
if (!fitted) throw new Error('there were saves')
const factors: PinFactors = { ...fitted, pins: fitted.pins.map((pin) => `p${pin}`) }

test('come out as they went in, under the one version, and serve with it', async () => {
  const bytes = deepBytes({ ...plain, factors })
  expect(deepWeights(bytes)).toEqual({ ...plain, factors })
  expect(modelVersion(bytes)).not.toBe(modelVersion(deepBytes(plain)))
  const memory = await deepMemory(bytes, deepFeatureNames, pins)
  const { pinOf, rowOf, vectors } = memory.factors!
  for (const { buffer } of [pinOf, rowOf, vectors.wasm]) {
    expect(buffer).toBeInstanceOf(SharedArrayBuffer)
  }
  const model = await DeepModel.open(memory)
  expect(model.factors?.fold([1])?.scoresOf([2])[0]).not.toBe(0)
  await model.close()
  const without = await DeepModel.open(await deepMemory(deepBytes(plain), deepFeatureNames))
  expect(without.factors).toBeUndefined()
  await without.close()
})

test('of the rows that taught are those of the ranker', async () => {
  const rows = plantedRows(deepFeatureNames, { count: 1_000, seed: 1 }, (row) => row[0]! - 0.5)
  const ids = new Uint32Array(rows.labels.length)
  const whose = { users: ids, pins: ids, drawn: new Uint8Array(ids.length) }
  const all = new Float32Array(ids.length).fill(1)
  const chances = { propensities: all, drawChances: all }
  const options = { ...smallShape, epochs: 1 }
  const taught = (more: object) =>
    trainDeep({ ...rows, ...whose, ...chances, ...more }, options, { clock })
  expect(deepWeights((await taught({ factors })).bytes).factors).toEqual(factors)
  expect(deepWeights((await taught({})).bytes).factors).toBeUndefined()
})

describe('refused by name:', () => {
  const refusal = async (of: object, found = pins) => {
    const bytes = deepBytes({ ...plain, factors: { ...factors, ...of } })
    const error: unknown = await deepMemory(bytes, deepFeatureNames, found).then(
      () => new Error('it was opened'),
      (reason: unknown) => reason,
    )
    expect(errorCode(error)).toBe('MODEL_UNFIT')
    return (error as Error).message
  }

  test.each([
    ['no pins', { pins: [], vectors: new Float32Array(0) }, 'do not name pins'],
    ['a pin twice', { pins: ['p1', 'p2', 'p1', 'p4'] }, 'each once'],
    ['a pin that is no id', { pins: ['p1', '', 'p3', 'p4'] }, 'pin 1'],
    ['too few vectors', { vectors: factors.vectors.slice(8) }, 'are not 4 of 8 numbers'],
    ['another diagonal', { diagonal: new Float32Array(16) }, 'are not 4 of 8 numbers'],
    ['a diagonal below 0', { diagonal: new Float32Array(8).fill(-1) }, 'below 0'],
    ['a vector that is no number', { vectors: new Float32Array(32).fill(Number.NaN) }, 'finite'],
    [
      'no weight of what was not saved',
      { numbers: { ...factors.numbers, unobserved: 0 } },
      '"unobserved":0',
    ],
    ['no numbers', { numbers: null }, 'null'],
  ])('factors with %s', async (_, of, reason) => {
    expect(await refusal(of)).toContain(reason)
  })

  test('factors of pins that are none of this host', async () => {
    expect(await refusal({}, { find: () => -1 })).toContain('learned from other data')
  })
})
