import { describe, expect, test } from 'vitest'
import { errorCode } from '../../base/index.ts'
import { featureNames } from '../features/feature-matrix.ts'
import { onnxModel } from '../onnx/index.ts'
import { modelVersion } from '../registry/model-version.ts'
import { plantedRows } from '../training/testing.ts'
import { trainRanker } from '../training/train-ranker.ts'
import { loadRanker } from './onnx-ranker.ts'

const rows = plantedRows(featureNames, { count: 400, seed: 1 }, (features) => features[0]!)
const trained = trainRanker(rows, { epochs: 2 })

/** An operator's own file: the mean of its inputs. */
function foreign(names: readonly string[], width = names.length): Uint8Array {
  return onnxModel({
    name: 'of an operator',
    inputs: [{ name: 'x', dims: ['rows', width] }],
    outputs: [{ name: 'y', dims: ['rows', 1] }],
    nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], output: 'y' }],
    tensors: [{ name: 'w', dims: [width, 1], values: new Float32Array(width).fill(1 / width) }],
    metadata: names.length > 0 ? { features: names.join(',') } : {},
  })
}

async function unfit(bytes: Uint8Array): Promise<string> {
  const error: unknown = await loadRanker(bytes).then(
    () => new Error('it was loaded'),
    (reason: unknown) => reason,
  )
  expect(errorCode(error)).toBe('MODEL_UNFIT')
  expect((error as Error).message).toContain(modelVersion(bytes))
  return (error as Error).message
}

test('a trained file and an operator’s own are loaded and score rows', async () => {
  const own = await loadRanker(trained.bytes)
  expect(own.version).toBe(trained.version)
  expect(own.inputs).toEqual(featureNames)
  const scores = await own.score(rows.features, 400)
  expect(scores.every((score) => score > 0 && score < 1)).toBe(true)
  const theirs = await loadRanker(foreign(featureNames))
  const [mean] = await theirs.score(new Float32Array(featureNames.length).fill(0.5), 1)
  expect(mean).toBeCloseTo(0.5, 6)
})

describe('MODEL_UNFIT names what is wrong with', () => {
  test('garbage, a picture, an empty file', async () => {
    expect(await unfit(Buffer.from('hello'))).toContain('not an ONNX file')
    await unfit(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))
    expect(await unfit(new Uint8Array(0))).toContain('not named')
  })

  test('a file that was cut off anywhere', async () => {
    for (let length = 0; length < trained.bytes.length; length += 97) {
      await unfit(trained.bytes.subarray(0, length))
    }
  })

  test('other features, in another order, or none named', async () => {
    expect(await unfit(foreign(['age', 'size']))).toContain(
      'feature 1 of 2 is age; expected walk_score',
    )
    const swapped = await unfit(foreign([...featureNames].reverse()))
    expect(swapped).toContain(
      `of ${featureNames.length} is ${featureNames.at(-1)}; expected walk_score`,
    )
    const short = await unfit(foreign(featureNames.slice(0, 5)))
    expect(short).toContain(`feature 6 of 5 is missing; expected ${featureNames[5]}`)
    expect(await unfit(foreign([], 13))).toContain('not named')
  })

  test('the right names over another width', async () => {
    const width = featureNames.length
    expect(await unfit(foreign(featureNames, width + 1))).toContain(`rows of ${width} features`)
  })
})
