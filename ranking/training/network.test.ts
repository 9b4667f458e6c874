import { describe, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { OnnxSession } from '../onnx/index.ts'
import {
  type Batch,
  forward,
  initialParameters,
  lossAndGradient,
  type NetworkShape,
  parameterCount,
  sigmoid,
} from './network.ts'
import { networkToOnnx } from './network-to-onnx.ts'

function randomBatch(random: Random, { inputs }: NetworkShape, count: number): Batch {
  const column = (draw: () => number) => Float64Array.from({ length: count }, draw)
  return {
    rows: Float64Array.from({ length: count * inputs }, () => random.normal()),
    labels: column(() => random.below(2)),
    weights: column(() => 0.5 + random.unit()),
    offsets: column(() => random.normal()),
    // Out of order and not all: a mini-batch.
    order: Uint32Array.from({ length: count - 1 }, (_, i) => count - 1 - i),
  }
}

describe('the gradient by hand', () => {
  test.each([
    { inputs: 1, hidden: 1, l2: 0 },
    { inputs: 3, hidden: 5, l2: 0 },
    { inputs: 13, hidden: 16, l2: 0.1 },
  ])('equals finite differences for $inputs → $hidden → 1, l2 $l2', ({ inputs, hidden, l2 }) => {
    const shape = { inputs, hidden }
    const random = new Random(7).split(`${inputs}-${hidden}`)
    const batch = randomBatch(random, shape, 24)
    const parameters = initialParameters(shape, random)
    const gradient = new Float64Array(parameterCount(shape))
    const ignored = gradient.slice()
    lossAndGradient(shape, parameters, batch, l2, gradient)
    // Central differences err by about step² and 1e-16 / step; the kinks of ReLU lie elsewhere.
    const step = 1e-6
    for (let i = 0; i < parameters.length; i++) {
      const lossAt = (delta: number) => {
        const moved = parameters.slice()
        moved[i]! += delta
        return lossAndGradient(shape, moved, batch, l2, ignored)
      }
      const slope = (lossAt(step) - lossAt(-step)) / (2 * step)
      expect(Math.abs(gradient[i]! - slope), `parameter ${i}`).toBeLessThan(1e-7)
    }
  })

  test('l2 pulls on weights, not on biases', () => {
    const shape = { inputs: 2, hidden: 3 }
    const random = new Random(5)
    const batch = randomBatch(random, shape, 8)
    const parameters = Float64Array.from({ length: parameterCount(shape) }, () => random.normal())
    const [without, with1] = [new Float64Array(13), new Float64Array(13)]
    lossAndGradient(shape, parameters, batch, 0, without)
    lossAndGradient(shape, parameters, batch, 1, with1)
    const isBias = (i: number) => (i >= 6 && i < 9) || i === 12
    parameters.forEach((value, i) => {
      expect(with1[i]! - without[i]!).toBeCloseTo(isBias(i) ? 0 : value, 12)
    })
  })

  test('the loss stays finite for logits that overflow exp', () => {
    const shape = { inputs: 1, hidden: 1 }
    const batch: Batch = {
      rows: Float64Array.of(1, 1),
      labels: Float64Array.of(0, 1),
      weights: Float64Array.of(1, 1),
      offsets: Float64Array.of(5_000, -5_000),
      order: Uint32Array.of(0, 1),
    }
    const gradient = new Float64Array(4)
    const loss = lossAndGradient(shape, new Float64Array(4), batch, 0, gradient)
    expect(loss).toBe(5_000)
    expect(gradient.every(Number.isFinite)).toBe(true)
  })
})

test('onnxruntime computes what the TypeScript forward computes, to 1e-5', async () => {
  const shape = { inputs: 13, hidden: 16 }
  const random = new Random(11)
  // Biases too: zero ones would hide a swapped tensor.
  const parameters = initialParameters(shape, random).map((value) => value + random.normal() / 4)
  const mean = Float32Array.from({ length: 13 }, () => 3 * random.normal())
  const scale = Float32Array.from({ length: 13 }, () => 0.1 + random.unit())
  const names = Array.from(mean.keys(), (i) => `f${i}`)
  const bytes = networkToOnnx(shape, parameters, names, { mean, scale })
  const session = await OnnxSession.open(bytes, 'test', 13)
  const count = 300
  const raw = Float32Array.from({ length: count * 13 }, () => 3 * random.normal())
  const standard = Float64Array.from(raw, (v, i) => (v - mean[i % 13]!) * scale[i % 13]!)
  const scores = await session.run(raw, count)
  const activations = new Float64Array(16)
  for (let row = 0; row < count; row++) {
    const expected = sigmoid(forward(shape, parameters, standard, row, activations))
    expect(Math.abs(scores[row]! - expected)).toBeLessThan(1e-5)
  }
})
