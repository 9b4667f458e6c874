/**
 * How fast the small ranker scores the candidates of a request: the ONNX file in onnxruntime on one
 * thread, against the same network in plain TypeScript; and how long a training takes.
 */
import type { Clock } from '../../base/index.ts'
import { Random } from '../../base/index.ts'
import { featureNames, loadRanker, trainRanker } from '../index.ts'
import { forward, initialParameters, sigmoid } from '../training/network.ts'
import { plantedRows } from '../training/testing.ts'

const sizes = {
  small: { candidates: 1_000, requests: 20, trainingRows: 1_000, epochs: 3 },
  large: { candidates: 1_000, requests: 500, trainingRows: 6_000, epochs: 30 },
} as const
const SEED = 1
const shape = { inputs: featureNames.length, hidden: 16 }

export const bench = {
  name: 'ranking/score',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const { candidates, requests, epochs } = options
    const dataset = { count: options.trainingRows, seed: SEED }
    const rows = plantedRows(featureNames, dataset, (features) => features[0]! - features[1]!)
    const began = clock.monotonic()
    const trained = trainRanker(rows, { epochs, patience: epochs })
    const trainMs = clock.monotonic() - began

    const model = await loadRanker(trained.bytes)
    const matrix = rows.features.subarray(0, candidates * shape.inputs)
    const onnx = await measure(clock, requests, () => model.score(matrix, candidates))
    const plain = await measure(clock, requests, plainScorer(matrix, candidates))
    const perSecond = (ms: number) => Math.round((1_000 * candidates) / ms)
    return {
      seed: SEED,
      options,
      rowsPerSecond: perSecond(onnx.p50),
      latencyMs: onnx,
      baseline: { name: 'the same shape in TypeScript', rowsPerSecond: perSecond(plain.p50) },
      ratio: round(plain.p50 / onnx.p50),
      trainRowsPerSecond: Math.round((1_000 * dataset.count * epochs) / trainMs),
      digest: trained.version,
    }
  },
}

function plainScorer(matrix: Float32Array, count: number): () => Float32Array {
  const parameters = initialParameters(shape, new Random(SEED))
  const activations = new Float64Array(shape.hidden)
  const rows = Float64Array.from(matrix)
  return () => {
    const scores = new Float32Array(count)
    for (let row = 0; row < count; row++) {
      scores[row] = sigmoid(forward(shape, parameters, rows, row, activations))
    }
    return scores
  }
}

async function measure(
  clock: Clock,
  runs: number,
  score: () => Float32Array | Promise<Float32Array>,
) {
  // The first runs warm the compiler and the session's memory.
  for (let run = 0; run < 5; run++) await score()
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const start = clock.monotonic()
    await score()
    times.push(clock.monotonic() - start)
  }
  times.sort((a, b) => a - b)
  const mean = times.reduce((a, b) => a + b) / runs
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / runs
  const at = (share: number) => round(times[Math.floor(share * (runs - 1))]!)
  return { min: at(0), p50: at(0.5), p99: at(0.99), max: at(1), deviation: round(variance ** 0.5) }
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
