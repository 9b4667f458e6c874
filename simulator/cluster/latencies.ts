/**
 * Latencies counted in buckets that grow by a hundredth, from a microsecond to three hours: a
 * percentile is right within 1 %. Buckets of many runs add up, each with a weight; percentiles do
 * not.
 */
const LEAST_MS = 1e-3
const GROWTH = Math.log(1.01)
const BUCKETS = 2320

export type Percentiles = { readonly [name in 'p50' | 'p95' | 'p99' | 'p999' | 'max']: number }

export class Latencies {
  readonly #counts = new Float64Array(BUCKETS)
  #count = 0
  #sum = 0
  #max = 0

  get count(): number {
    return this.#count
  }
  get mean(): number {
    return this.#count > 0 ? this.#sum / this.#count : 0
  }
  /** Of all of them together. */
  get sum(): number {
    return this.#sum
  }

  add(ms: number): void {
    const bucket = ms <= LEAST_MS ? 0 : 1 + Math.floor(Math.log(ms / LEAST_MS) / GROWTH)
    this.#counts[Math.min(bucket, BUCKETS - 1)]!++
    this.#count++
    this.#sum += ms
    if (ms > this.#max) this.#max = ms
  }

  merge(other: Latencies, weight = 1): void {
    for (let i = 0; i < BUCKETS; i++) this.#counts[i]! += weight * other.#counts[i]!
    this.#count += weight * other.#count
    this.#sum += weight * other.#sum
    this.#max = Math.max(this.#max, other.#max)
  }

  /** The latency that a share of all stay under; 0 where there are none. */
  quantile(share: number): number {
    const wanted = share * this.#count
    let seen = 0
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.#counts[i]!
      if (seen < wanted || seen === 0) continue
      return Math.min(this.#max, LEAST_MS * Math.exp(GROWTH * (i - 0.5)))
    }
    return this.#max
  }

  percentiles(): Percentiles {
    const at = (share: number) => hundredths(this.quantile(share))
    return {
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
      p999: at(0.999),
      max: hundredths(this.#max),
    }
  }
}

function hundredths(value: number): number {
  return Math.round(100 * value) / 100
}
