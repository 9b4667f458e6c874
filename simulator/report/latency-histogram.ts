/**
 * Latencies counted in buckets: 256 of a microsecond each, then 128 to every doubling, as in
 * HdrHistogram (Tene, hdrhistogram.org). A value is told as the middle of its bucket, so it is
 * wrong by at most 1 / 256 of itself, or by half a microsecond. Histograms of seconds, kinds and
 * clients are merged by adding their counts; percentiles are read of the sum and never averaged.
 *
 * Memory: 13 KiB. `record` is O(1) and allocates nothing, `quantile` and `merge` are O(buckets).
 */
import { assert } from '../../base/index.ts'

/** Longer ones are counted as this: over an hour. */
export const LATENCY_MS_MAX = 4_294_967

const EXACT = 256
const PER_DOUBLING = 128
/** Doublings above the exact ones: values have 32 bits, the first 8 of them exact. */
const BUCKETS = EXACT + 24 * PER_DOUBLING

export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS)
  #count = 0
  #max = 0

  /** Counts a latency of 0 ms or more. */
  record(ms: number): void {
    assert(ms >= 0, 'a latency is not negative')
    this.#counts[bucketOf(ms)]!++
    this.#count++
    if (ms > this.#max) this.#max = ms
  }

  /** Adds what another counted. */
  merge(other: LatencyHistogram): void {
    for (let b = 0; b < BUCKETS; b++) this.#counts[b]! += other.#counts[b]!
    this.#count += other.#count
    this.#max = Math.max(this.#max, other.#max)
  }

  get count(): number {
    return this.#count
  }

  /** The longest, exactly; 0 where there is none. */
  get max(): number {
    return this.#max
  }

  /** The least value that a share of `q` does not exceed, in ms; 0 where there is none. */
  quantile(q: number): number {
    assert(q >= 0 && q <= 1, 'a quantile is a share')
    if (this.#count === 0) return 0
    const rank = Math.max(1, Math.ceil(q * this.#count))
    if (rank === this.#count) return this.#max
    let below = 0
    let bucket = -1
    while (below < rank) below += this.#counts[++bucket]!
    return Math.min(middleOf(bucket), this.#max)
  }

  /** Those that are not empty, ascending: what another program can merge. */
  buckets(): LatencyBucket[] {
    const found: LatencyBucket[] = []
    for (const [bucket, count] of this.#counts.entries()) {
      if (count > 0) found.push({ low: lowOf(bucket), high: lowOf(bucket + 1), count })
    }
    return found
  }
}

/** Latencies of `low` to below `high`, in ms. */
export type LatencyBucket = { readonly low: number; readonly high: number; readonly count: number }

/** What a report says of latencies, in ms with three places. */
export type LatencySummary = {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export function latencySummary(histogram: LatencyHistogram): LatencySummary {
  const at = (q: number) => thousandths(histogram.quantile(q))
  const max = thousandths(histogram.max)
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max }
}

const thousandths = (ms: number) => Math.round(ms * 1_000) / 1_000

function bucketOf(ms: number): number {
  const micros = Math.round(Math.min(ms, LATENCY_MS_MAX) * 1_000)
  if (micros < EXACT) return micros
  const exponent = 31 - Math.clz32(micros)
  return EXACT + (exponent - 8) * PER_DOUBLING + ((micros >>> (exponent - 7)) - PER_DOUBLING)
}

/** Values are rounded to microseconds, so a bucket begins half of one below its first. */
function lowOf(bucket: number): number {
  return Math.max(0, firstOf(bucket) - 0.5) / 1_000
}

function middleOf(bucket: number): number {
  return (firstOf(bucket) + firstOf(bucket + 1) - 1) / 2_000
}

/** The least whole number of microseconds in a bucket. */
function firstOf(bucket: number): number {
  if (bucket < EXACT) return bucket
  const exponent = 8 + Math.floor((bucket - EXACT) / PER_DOUBLING)
  return (PER_DOUBLING + ((bucket - EXACT) % PER_DOUBLING)) * 2 ** (exponent - 7)
}
