/**
 * Ranking 500 candidates on one core with the deep ranker, their features assembled first; against
 * a product of two 1,024 × 1,024 matrices on the same runtime in the same run. Of the 544 inputs of
 * its first layer a candidate pays for the features alone: the rest is computed ahead. As it is
 * served, in whole numbers of 8 bits, and in single precision.
 */
import { type Clock, hash32, Random } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { deepFeatureNames, deepFeatures, featureMatrix } from '../features/feature-matrix.ts'
import { Gemm } from '../onnx/index.ts'
import { startRanking } from '../pipeline/run.ts'
import { RankScratch } from '../pipeline/services.ts'
import { pinHashes } from '../rankers/deep/deep-scorer.ts'
import { DeepModel, deepDefaults, deepMemory } from '../rankers/deep/index.ts'
import { randomDeepBytes } from '../rankers/deep/testing.ts'
import { plantedWorld } from './planted-world.ts'

const sizes = {
  small: { candidates: 100, rounds: 3, square: 128, pins: 1_000, pinRows: 1_024 },
  large: { candidates: 500, rounds: 200, square: 1_024, pins: 1_000_000, pinRows: 262_144 },
} as const
const SEED = 1
const GEMM_EVERY = 10

export const bench = {
  name: 'ranking/rank',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const { candidates: count, rounds, square, pins, pinRows } = options
    const world = { pins, boards: 2_000, savesPerBoard: 20, topics: 20, asking: 1 }
    const { services, asks } = plantedWorld(world, SEED, clock)
    const bytes = randomDeepBytes({ ...deepDefaults, userRows: 1_024, pinRows }, SEED)
    const memory = await deepMemory(bytes, deepFeatureNames)
    const precisions = [
      { name: 'int8', model: await DeepModel.open(memory), times: [] as number[] },
      {
        name: 'float32',
        model: await DeepModel.open(memory, { precision: 'float32' }),
        times: [] as number[],
      },
    ] as const
    const ranking = startRanking(asks[0]!.request, services, new RankScratch(pins))
    const random = new Random(SEED)
    const gemmTimes: number[] = []
    const gemm = new Gemm(1)
    const values = new Float32Array(square ** 2).fill(0.1)
    const matrix = { rows: square, columns: square, values }
    const indices = Uint32Array.from({ length: count }, (_, index) => index)
    let digest = 0
    for (let round = -5; round < rounds; round++) {
      for (const { model, times } of precisions) {
        // Others each time: nothing of them is in a cache.
        ranking.candidates.clear()
        while (ranking.candidates.count < count) {
          ranking.candidates.add('walk', random.below(pins), random.unit())
        }
        const began = clock.monotonic()
        const rows = featureMatrix(ranking, indices, deepFeatures)
        const scores = await model.score(7, pinHashes(ranking, indices), rows)
        if (round >= 0) times.push(clock.monotonic() - began)
        digest = hash32(Math.round(1e3 * scores[0]!), digest)
      }
      // Now and then: the machine's speed changes, and a great product empties the caches.
      if (round < 0 || round % GEMM_EVERY !== 0) continue
      for (let product = 0; product < 2; product++) {
        const multiplied = clock.monotonic()
        await gemm.multiply({ a: matrix, b: matrix })
        gemmTimes.push(clock.monotonic() - multiplied)
      }
    }
    for (const { model } of precisions) await model.close()
    const { hidden } = deepDefaults
    const layers = [deepFeatureNames.length + 1, ...hidden, 1]
    const products = layers.slice(1).reduce((sum, next, i) => sum + next * layers[i]!, 0)
    const gemmRate = (2 * square ** 3) / median(gemmTimes) / 1e6
    const told = ({ times }: { readonly times: readonly number[] }) => {
      const sorted = [...times].sort((a, b) => a - b)
      // An operation in whole numbers counts as one in single precision.
      const rate = (2 * products * count) / median(times) / 1e6
      return {
        latencyMs: {
          min: round2(sorted[0]!),
          p50: round2(median(times)),
          max: round2(sorted.at(-1)!),
        },
        gigaflopsPerSecond: round2(rate),
        ratio: round2(rate / gemmRate),
      }
    }
    const [served, single] = precisions
    return {
      seed: SEED,
      options: { ...options, layers },
      ...told(served),
      [single.name]: told(single),
      baseline: { name: `${square}³ product on one thread`, gigaflopsPerSecond: round2(gemmRate) },
      digest: digest.toString(16),
    }
  },
}

function round2(value: number): number {
  return Math.round(100 * value) / 100
}
