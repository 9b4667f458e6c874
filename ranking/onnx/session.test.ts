import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorCode, Random } from '../../base/index.ts'
import { OnnxSession, onnxMetadata, onnxModel } from './index.ts'

const random = new Random(5)
const weights = Float32Array.from({ length: 13 }, () => random.normal())
const tensors = [{ name: 'w', dims: [13, 1], values: weights }]
const node = (operator: string, inputs: string[], output: string) => ({ operator, inputs, output })
/** score = sigmoid(features · w) */
const graph = {
  name: 'test',
  inputs: [{ name: 'features', dims: ['rows', 13] }],
  outputs: [{ name: 'score', dims: ['rows', 1] }],
  nodes: [node('MatMul', ['features', 'w'], 'sum'), node('Sigmoid', ['sum'], 'score')],
  tensors,
  metadata: { features: 'a,b', note: 'é' },
}
const bytes = onnxModel(graph)

async function unfit(file: Uint8Array, width = 13): Promise<string> {
  const error: unknown = await OnnxSession.open(file, 'm1', width).then(
    () => new Error('it was opened'),
    (reason: unknown) => reason,
  )
  expect(errorCode(error)).toBe('MODEL_UNFIT')
  return (error as Error).message
}

test('a graph built here is computed by onnxruntime', async () => {
  const session = await OnnxSession.open(bytes, 'm1', 13)
  const row = Float32Array.from({ length: 13 }, (_, i) => i / 13)
  const sum = row.reduce((total, value, i) => total + value * weights[i]!, 0)
  const [score] = await session.run(row, 1)
  expect(score).toBeCloseTo(1 / (1 + Math.exp(-sum)), 5)
})

test('equal graphs are equal bytes, and their metadata can be read back', () => {
  expect(onnxModel({ ...graph })).toEqual(bytes)
  expect(onnxMetadata(bytes)).toEqual({ features: 'a,b', note: 'é' })
})

// The CPUs at hand compute any size alike, padded or not; others need not, nor does int8.
describe('a row scores the same to the bit', () => {
  const rows = Float32Array.from({ length: 9_000 * 13 }, () => random.normal())
  const row = rows.slice(0, 13)

  test('whoever its batch mates are and wherever it stands among them', async () => {
    const session = await OnnxSession.open(bytes, 'm1', 13)
    const [alone] = await session.run(row, 1)
    const law = fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), async (count, at) => {
      const batch = rows.slice(13, 13 + count * 13)
      batch.set(row, (at % count) * 13)
      expect((await session.run(batch, count))[at % count]).toBe(alone)
    })
    await fc.assert(law, { numRuns: 60 })
  })

  test('whatever size the batch is padded to, and beyond the greatest', async () => {
    const session = await OnnxSession.open(bytes, 'm1', 13)
    const all = await session.run(rows, 9_000)
    for (const count of [1, 15, 16, 17, 65, 257, 1_025, 2_049, 8_192, 8_193]) {
      expect(await session.run(rows, count), `${count} rows`).toEqual(all.slice(0, count))
    }
  })

  test('and no rows give no scores', async () => {
    const session = await OnnxSession.open(bytes, 'm1', 13)
    expect(await session.run(new Float32Array(0), 0)).toEqual(new Float32Array(0))
  })
})

describe('MODEL_UNFIT says what is wrong', () => {
  test('with bytes that are no model', async () => {
    expect(await unfit(Buffer.from('not a model'))).toContain('m1')
    expect(await unfit(new Uint8Array(0))).toContain('m1')
  })

  test('with a file that was cut off', async () => {
    for (const length of [1, 40, bytes.length >> 1, bytes.length - 60]) {
      await unfit(bytes.subarray(0, length))
    }
  })

  test('with another width', async () => {
    expect(await unfit(bytes, 12)).toContain('does not score rows of 12 features')
  })

  test('with several scores a row', async () => {
    const nodes = [node('Sigmoid', ['features'], 'score')]
    const wide = onnxModel({
      ...graph,
      nodes,
      tensors: [],
      outputs: [{ name: 'score', dims: ['rows', 13] }],
    })
    expect(await unfit(wide)).toMatch(/\d+ rows gave \d+ scores/)
  })

  test('with scores that depend on batch mates', async () => {
    const nodes = [
      node('ReduceMean', ['features'], 'mean'),
      node('Sub', ['features', 'mean'], 'centred'),
      node('MatMul', ['centred', 'w'], 'score'),
    ]
    expect(await unfit(onnxModel({ ...graph, nodes }))).toContain('depends on the other rows')
  })

  test('with an operator that does not exist', async () => {
    const nodes = [node('Frobnicate', ['features'], 'score')]
    expect(await unfit(onnxModel({ ...graph, nodes, tensors: [] }))).toContain('Frobnicate')
  })
})
