/**
 * Sorting edges by one end when they do not fit a cache: spread over buckets of neighbouring keys,
 * then a counting sort within each bucket. Both steps are stable. O(edges + keys); memory: a pair
 * of words an edge.
 *
 * Arithmetic is kept to int32 (`| 0`), which a compiler does not have to widen to doubles; so a
 * pair list has at most 2^31 words.
 */

/** Edges to a bucket, about: pairs and result of one stay in a second-level cache. */
const BUCKET_EDGES_LOG2 = 17
/** More buckets would each be written too rarely to stay in cache and TLB. */
const BUCKETS_MAX_LOG2 = 11

/** Row r is list[start[r], end[r]). */
export type Rows = {
  readonly list: Uint32Array
  readonly start: Uint32Array
  readonly end: Uint32Array
}

export class EdgeSort {
  /** Word pairs (key, item), bucket by bucket. */
  readonly #pairs: Int32Array
  readonly #shift: number
  /** Bucket k is pairs [starts[k], starts[k + 1]). */
  readonly #starts: Int32Array
  readonly #next: Int32Array
  readonly #keyCount: number
  readonly #counts: Int32Array

  /** Keys lie below `keyCount`; `pairs` has two words for each edge. */
  constructor(pairs: Int32Array, edgeCount: number, keyCount: number) {
    this.#pairs = pairs
    this.#keyCount = keyCount
    const wanted = bitsFor(edgeCount) - BUCKET_EDGES_LOG2
    const buckets = Math.min(Math.max(wanted, 0), BUCKETS_MAX_LOG2)
    this.#shift = Math.max(0, bitsFor(keyCount) - buckets)
    const count = keyCount === 0 ? 0 : ((keyCount - 1) >>> this.#shift) + 1
    this.#starts = new Int32Array(count + 1)
    this.#next = new Int32Array(count)
    this.#counts = new Int32Array(Math.min(keyCount, 2 ** this.#shift))
  }

  get buckets(): number {
    return this.#next.length
  }

  /** First: every key is counted once. */
  measure(keys: Uint32Array, from: number, to: number): void {
    const starts = this.#starts
    const shift = this.#shift
    for (let i = from; i < to; i++) starts[(keys[i]! >>> shift) + 1]!++
  }

  /** Then buckets get their places. */
  place(): void {
    const starts = this.#starts
    for (let k = 0; k < this.#next.length; k++) {
      starts[k + 1]! += starts[k]!
      this.#next[k] = starts[k]!
    }
  }

  /** Then every edge is spread. */
  spread(keys: Uint32Array, items: Uint32Array, from: number, to: number): void {
    const pairs = this.#pairs
    const next = this.#next
    const shift = this.#shift
    for (let i = from; i < to; i++) {
      const key = keys[i]!
      const bucket = key >>> shift
      const at = next[bucket]!
      next[bucket] = (at + 1) | 0
      pairs[at << 1] = key
      pairs[((at << 1) + 1) | 0] = items[i]!
    }
  }

  /**
   * The same for rows [from, to): what they list are keys, the numbers of the rows are items. Row r
   * is rows' number order[r], where an order is given.
   */
  spreadRows(
    { list, start, end }: Rows,
    order: Uint32Array | undefined,
    from: number,
    to: number,
  ): void {
    const pairs = this.#pairs
    const next = this.#next
    const shift = this.#shift
    for (let row = from; row < to; row++) {
      const of = order ? order[row]! : row
      for (let i = start[of]!; i < end[of]!; i++) {
        const key = list[i]!
        const bucket = key >>> shift
        const at = next[bucket]!
        next[bucket] = (at + 1) | 0
        pairs[at << 1] = key
        pairs[((at << 1) + 1) | 0] = row
      }
    }
  }

  /**
   * Last: bucket `k` sorted. Its items go to `list` by key, from where the bucket begins; the row
   * of each key is list[start[key], end[key]).
   */
  sort(k: number, { list, start, end }: Rows): void {
    const pairs = this.#pairs
    const counts = this.#counts
    const from = this.#starts[k]! | 0
    const to = this.#starts[k + 1]! | 0
    const low = (k << this.#shift) | 0
    const width = Math.min(counts.length, this.#keyCount - low) | 0
    counts.fill(0, 0, width)
    for (let i = from; i < to; i++) counts[(pairs[i << 1]! - low) | 0]!++
    let at = from
    for (let key = 0; key < width; key++) {
      start[low + key] = at
      const count = counts[key]!
      counts[key] = at
      at = (at + count) | 0
      end[low + key] = at
    }
    for (let i = from; i < to; i++) {
      const key = (pairs[i << 1]! - low) | 0
      const place = counts[key]!
      counts[key] = (place + 1) | 0
      list[place] = pairs[((i << 1) + 1) | 0]!
    }
  }

  /** Keys of bucket `k`: [low, high). */
  keys(k: number): readonly [low: number, high: number] {
    const low = k << this.#shift
    return [low, Math.min(this.#keyCount, low + 2 ** this.#shift)]
  }
}

function bitsFor(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1)
}
