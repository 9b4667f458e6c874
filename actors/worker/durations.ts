/**
 * How long things took, in buckets that grow by a fourth of a doubling: bucket n counts what took
 * up to 2^(n / 4) µs, so that histograms of threads add up and percentiles are read to within 19 %.
 */
const BUCKETS = 120

export class Durations {
  readonly #counts = new Array<number>(BUCKETS).fill(0)

  add(ms: number): void {
    const bucket = Math.ceil(4 * Math.log2(Math.max(1, ms * 1000)))
    this.#counts[Math.min(BUCKETS - 1, bucket)]!++
  }

  counts(): readonly number[] {
    return [...this.#counts]
  }
}

/** The duration in ms that a share of all lies below: the upper end of its bucket; 0 of none. */
export function percentile(histograms: readonly (readonly number[])[], share: number): number {
  const sums = Array.from({ length: BUCKETS }, (_, n) =>
    histograms.reduce((sum, counts) => sum + (counts[n] ?? 0), 0),
  )
  const total = sums.reduce((sum, count) => sum + count, 0)
  let bucket = -1
  for (let below = 0; below < total * share; below += sums[bucket]!) bucket++
  return total === 0 ? 0 : 2 ** (bucket / 4) / 1000
}
