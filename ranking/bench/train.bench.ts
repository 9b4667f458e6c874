/**
 * Steps of training the deep ranker, 544-512-256-128-1 with embeddings, dropout and Adam, on one
 * thread; against a product of two 1,024 × 1,024 matrices on the same runtime in the same run.
 */
import { type Clock, hash32, Random } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { Gemm } from '../onnx/index.ts'
import { deepDefaults, deepNetwork } from '../rankers/deep/deep-network.ts'
import { Trainer } from '../training/engine/index.ts'

const sizes = {
  small: { rows: 64, steps: 2, rounds: 2, square: 128, userRows: 512, pinRows: 512 },
  large: { rows: 1_024, steps: 20, rounds: 9, square: 1_024, userRows: 65_536, pinRows: 262_144 },
} as const
const SEED = 1
const FEATURES = 32

export const bench = {
  name: 'ranking/train',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const { rows, steps, rounds, square, userRows, pinRows } = options
    const shape = { ...deepDefaults, features: FEATURES, userRows, pinRows }
    const trainer = await Trainer.open(deepNetwork(shape), {
      rows,
      optimiser: { kind: 'adam', rate: 1e-3, decay: 1e-4 },
      seed: SEED,
      threads: 1,
    })
    const random = new Random(SEED)
    const gemm = new Gemm(1)
    const matrix = {
      rows: square,
      columns: square,
      values: new Float32Array(square ** 2).fill(0.1),
    }
    const layers = [2 * shape.width + FEATURES, ...shape.hidden, 1]
    const weights = layers.slice(1).reduce((sum, next, i) => sum + next * layers[i]!, 0)
    const rowsPerSecond: number[] = []
    const gemmRates: number[] = []
    let loss = 0
    for (let round = 0; round <= rounds; round++) {
      fill(trainer, random, shape)
      const began = clock.monotonic()
      for (let step = 0; step < steps; step++) loss = await trainer.step()
      const stepped = clock.monotonic()
      for (let product = 0; product < steps; product++)
        await gemm.multiply({ a: matrix, b: matrix })
      const multiplied = clock.monotonic()
      // The first round warms memory and sessions.
      if (round === 0) continue
      rowsPerSecond.push((1_000 * steps * rows) / (stepped - began))
      gemmRates.push((2 * square ** 3 * steps) / (multiplied - stepped) / 1e6)
    }
    await trainer.close()
    const [rate, gemmRate] = [median(rowsPerSecond), median(gemmRates)]
    // Forward, by weights, by inputs: the embeddings want theirs of the first layer, too.
    const flops = 6 * weights
    return {
      seed: SEED,
      options: { ...options, layers, dropout: shape.dropout },
      rowsPerSecond: Math.round(rate),
      slowest: Math.round(Math.min(...rowsPerSecond)),
      fastest: Math.round(Math.max(...rowsPerSecond)),
      gigaflopsPerSecond: round1((rate * flops) / 1e9),
      baseline: { name: `${square}³ product on one thread`, gigaflopsPerSecond: round1(gemmRate) },
      ratio: Math.round((rate * flops) / 1e7 / gemmRate) / 100,
      digest: hash32(Math.round(loss * 1e4)).toString(16),
    }
  },
}

function fill(
  trainer: Trainer,
  random: Random,
  { userRows, pinRows }: { readonly userRows: number; readonly pinRows: number },
): void {
  const draw = (list: Float32Array, next: () => number) => {
    for (let i = 0; i < list.length; i++) list[i] = next()
  }
  draw(trainer.input('features'), () => random.normal())
  draw(trainer.input('labels'), () => random.below(2))
  draw(trainer.input('weights'), () => 1)
  const [users, pins] = [trainer.table('users').ids, trainer.table('pins').ids]
  for (let row = 0; row < users.length; row++) {
    users[row] = random.below(userRows)
    pins[row] = random.below(pinRows)
  }
}

function round1(value: number): number {
  return Math.round(10 * value) / 10
}
