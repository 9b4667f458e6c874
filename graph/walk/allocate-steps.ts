/**
 * Steps for each seed (Pixie, equations 1 and 2): seed q of weight w and degree d gets N · w · s /
 * Σ w · s with s = d · (C − log d).
 *
 * The paper gives C as the largest degree of the graph; read as its logarithm, the busiest pin
 * would get none. Here C = 1 + log(largest degree among the seeds), so that the busiest seed still
 * walks and the rule does not depend on pins nobody asked about (docs/adr/0011). Only ratios of
 * weights matter.
 */
import { limits, pinwheelError } from '../../base/index.ts'

export type WalkSeed = { readonly pin: number; readonly weight: number }

export function allocateSteps(
  degreeOf: (pin: number) => number,
  seeds: readonly WalkSeed[],
  steps: number,
): Uint32Array {
  if (seeds.length > limits.seedsPerWalkMax) {
    const expected = `at most ${limits.seedsPerWalkMax} seeds`
    throw pinwheelError('WALK_OPTIONS', { option: 'seeds', value: seeds.length, expected })
  }
  const degrees = seeds.map(({ pin }) => degreeOf(pin))
  let heaviest = 0
  for (const { weight } of seeds) {
    if (!(weight > 0 && weight <= Number.MAX_VALUE)) {
      const expected = 'a positive number'
      throw pinwheelError('WALK_OPTIONS', { option: 'weight', value: weight, expected })
    }
    heaviest = Math.max(heaviest, weight)
  }
  const c = 1 + Math.log(degrees.reduce((most, degree) => Math.max(most, degree), 1))
  // Weights over the heaviest, so that their sum cannot overflow.
  const share = seeds.map(({ weight }, i) => {
    const degree = degrees[i]!
    return degree === 0 ? 0 : (weight / heaviest) * degree * (c - Math.log(degree))
  })
  const sum = share.reduce((a, b) => a + b, 0)
  return Uint32Array.from(share, (s) => (s > 0 ? Math.max(1, Math.round((steps * s) / sum)) : 0))
}
