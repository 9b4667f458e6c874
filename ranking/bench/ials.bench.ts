/**
 * Folds users into implicit ALS: the WASM kernel, which solves a user with few saves in the saves,
 * and as the baseline a dense solution in TypeScript in float64, of fewer users.
 */
import { type Clock, hash32, Random } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { ialsDefaults } from '../models/ials/ials.ts'
import { IalsModel } from '../models/ials/ials-model.ts'
import { denseGram, denseRow } from '../models/ials/testing.ts'
import { Gemm } from '../onnx/index.ts'

const sizes = {
  small: { users: 50, items: 100, saves: 10, dimensions: 32, rounds: 1, baselineUsers: 2 },
  large: { users: 20_000, items: 10_000, saves: 21, dimensions: 256, rounds: 3, baselineUsers: 20 },
} as const
const SEED = 1

export const bench = {
  name: 'ranking/ials',

  run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const { users, items, saves, dimensions, rounds, baselineUsers } = options
    const random = new Random(SEED)
    const values = Float32Array.from({ length: items * dimensions }, () => random.normal() / 16)
    const diagonal = new Float32Array(dimensions).fill((ialsDefaults.unobserved * items) / 256)
    const fitted = { ...ialsDefaults, dimensions }
    const factors = { rows: items, columns: dimensions, values }
    const model = new IalsModel({ options: fitted, items: factors, diagonal }, new Gemm(1))
    const histories = Array.from({ length: users }, () => {
      return Uint32Array.from({ length: saves }, () => random.below(items))
    })
    const rates: number[] = []
    let digest = 0
    for (let round = 0; round < rounds; round++) {
      const began = clock.monotonic()
      const folded = model.foldIn(histories).values
      rates.push(rateOf(users, clock.monotonic() - began))
      digest = 0
      for (const bits of new Uint32Array(folded.buffer)) digest = hash32(bits, digest)
    }
    const gram = denseGram(values, dimensions)
    const began = clock.monotonic()
    for (const history of histories.slice(0, baselineUsers)) {
      denseRow(values, gram, history, fitted)
    }
    const baseline = rateOf(baselineUsers, clock.monotonic() - began)
    const usersPerSecond = Math.round(median(rates))
    return {
      seed: SEED,
      options,
      usersPerSecond,
      baseline: { name: 'dense, in TypeScript, float64', usersPerSecond: Math.round(baseline) },
      ratio: Math.round(usersPerSecond / baseline),
      digest: digest.toString(16),
    }
  },
}

function rateOf(count: number, milliseconds: number): number {
  return (1000 * count) / Math.max(milliseconds, 1e-3)
}
