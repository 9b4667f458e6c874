/**
 * Fewer points that look the same: neighbours go into buckets of which each leaves its smallest and
 * its largest value, in the order in which they came. No peak is lost; a point moves sideways by at
 * most the width of its bucket. O(points).
 */
import type { Lines, Series } from './run-report.ts'

/** Points of a line that are drawn: more than two a pixel are not seen. */
export const POINTS_MAX = 2_000

export type Drawn = {
  readonly at: readonly number[]
  readonly series: readonly Series[]
  /** Values that went into two points; 1 when all are drawn. */
  readonly perBucket: number
}

export function downsample({ at, series }: Pick<Lines, 'at' | 'series'>, most = POINTS_MAX): Drawn {
  if (at.length <= most) return { at, series, perBucket: 1 }
  const perBucket = Math.ceil(at.length / Math.floor(most / 2))
  const edges: number[] = []
  for (let from = 0; from < at.length; from += perBucket) edges.push(from)
  const pairs = <T>(pick: (from: number, to: number) => readonly [T, T]): T[] =>
    edges.flatMap((from) => pick(from, Math.min(from + perBucket, at.length)))
  return {
    perBucket,
    at: pairs((from, to) => [at[from]!, at[to - 1]!]),
    series: series.map(({ name, values, low, high }) => ({
      name,
      values: pairs((from, to) => extremes(values, from, to)),
      ...(low && { low: pairs((from, to) => both(least(low, from, to))) }),
      ...(high && { high: pairs((from, to) => both(greatest(high, from, to))) }),
    })),
  }
}

type Values = readonly (number | null)[]

const both = (value: number | null) => [value, value] as const

/** The smallest and the largest, whichever came first first; null where there is none. */
function extremes(
  values: Values,
  from: number,
  to: number,
): readonly [number | null, number | null] {
  let low = -1
  let high = -1
  for (let i = from; i < to; i++) {
    const value = values[i]
    if (value === null || value === undefined || Number.isNaN(value)) continue
    if (low < 0 || value < values[low]!) low = i
    if (high < 0 || value > values[high]!) high = i
  }
  if (low < 0) return [null, null]
  return [values[Math.min(low, high)]!, values[Math.max(low, high)]!]
}

function least(values: Values, from: number, to: number): number | null {
  const [a, b] = extremes(values, from, to)
  return a === null || b === null ? null : Math.min(a, b)
}

function greatest(values: Values, from: number, to: number): number | null {
  const [a, b] = extremes(values, from, to)
  return a === null || b === null ? null : Math.max(a, b)
}
