/** What a model was taught of a feature, small enough for its manifest. */
import { assert } from '../../base/index.ts'

export type FeatureSummary = {
  readonly count: number
  /** Share of the values that say nothing: the feature's default. */
  readonly atDefault: number
  readonly mean: number
  readonly deviation: number
  /**
   * Where bins begin, ascending: the least value, the deciles, what is just above a value that
   * fills more than a tenth, and what is above the greatest. Bin 0 lies below them all.
   */
  readonly edges: readonly number[]
  /** Of the values in each bin: one more than edges, summing to 1. */
  readonly shares: readonly number[]
}
/** By the feature's name. */
export type FeatureSummaries = Readonly<Record<string, FeatureSummary>>

/** Values nearer than this are the same. */
const NEAR = 1e-6
const TENTHS = 10

/** Of one value or more, in any order; `unknown` is what stands where nothing is known. */
export function summaryOf(values: Float32Array, unknown: number): FeatureSummary {
  assert(values.length > 0, 'a summary is of one value at least')
  // Sums in ascending order are the same whatever order the values came in.
  const sorted = values.toSorted()
  const count = sorted.length
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const edges = edgesOf(sorted)
  return {
    count,
    atDefault: shareAt(sorted, unknown),
    mean,
    deviation: Math.sqrt(squares / count),
    edges,
    shares: binShares(sorted, edges),
  }
}

export function shareAt(values: Float32Array, unknown: number): number {
  return values.filter((value) => Math.abs(value - unknown) < NEAR).length / values.length
}

/** Shares of values by bin: the number of edges that are at most the value. O(n log edges). */
export function binShares(values: Float32Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0)
  for (const value of values) counts[binOf(value, edges)]!++
  return counts.map((count) => count / values.length)
}

function binOf(value: number, edges: readonly number[]): number {
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (edges[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}

function edgesOf(sorted: Float32Array): number[] {
  const quantiles = Array.from({ length: TENTHS }, (_, tenth) => {
    return sorted[Math.floor((tenth * sorted.length) / TENTHS)]!
  })
  const edges = new Set(quantiles)
  quantiles.forEach((value, i) => {
    if (value === quantiles[i - 1]) edges.add(above(value))
  })
  edges.add(above(sorted.at(-1)!))
  return [...edges].sort((a, b) => a - b)
}

function above(value: number): number {
  return value + NEAR * Math.max(1, Math.abs(value))
}
