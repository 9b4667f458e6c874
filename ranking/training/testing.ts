/** Rows with a planted rule, for tests and benches of training. */
import { Random } from '../../base/index.ts'
import { sigmoid } from './network.ts'
import type { TrainingRows } from './train-ranker.ts'

export type PlantedRule = (features: Float32Array, rank: number) => number

/** Standard normal features; labels drawn with the log-odds that `rule` gives. */
export function plantedRows(
  names: readonly string[],
  { count, seed }: { readonly count: number; readonly seed: number },
  rule: PlantedRule,
): TrainingRows {
  const random = new Random(seed)
  const width = names.length
  const features = Float32Array.from({ length: count * width }, () => random.normal())
  const ranks = Uint16Array.from({ length: count }, () => random.below(20))
  const labels = Float32Array.from(ranks, (rank, row) => {
    const own = features.subarray(row * width, (row + 1) * width)
    return random.unit() < sigmoid(rule(own, rank)) ? 1 : 0
  })
  return {
    names,
    features,
    labels,
    ranks,
    weights: new Float32Array(count).fill(1),
    times: Float64Array.from({ length: count }, (_, row) => 1_000 * row),
  }
}
