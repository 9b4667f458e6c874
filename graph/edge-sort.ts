/**
 * Sorting edges by one end when they do not fit a cache: spread over buckets of neighbouring keys,
 * then a counting sort within each bucket. Both steps are stable. O(edges + keys).
 *
 * A bucket knows the high bits of its keys. Where the low bits and the item fit 32 bits together,
 * as they do up to some fifty million edges, an edge takes one word while it is sorted, else two.
 *
 * Arithmetic is kept to int32 (`| 0`), which a compiler does not have to widen to doubles; so a
 * list of two words an edge has at most 2^31 words.
 */

/** Edges to a bucket, about: words and result of one stay in a second-level cache. */
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
  /** (key, item) pairs, or both packed in a word, bucket by bucket. */
  readonly #words: Int32Array
  /** Bits of an item in a packed word; 0 where edges are not packed. */
  readonly #itemBits: number
  readonly #shift: number
  /** Bucket k holds the edges [starts[k], starts[k + 1]). */
  readonly #starts: Int32Array
  readonly #next: Int32Array
  readonly #keyCount: number
  readonly #counts: Int32Array

  /** Keys lie below `keyCount`, items below `itemCount`; `words` has two words for each edge. */
  constructor(
    words: Int32Array,
    sizes: { edgeCount: number; keyCount: number; itemCount: number },
  ) {
    const { edgeCount, keyCount, itemCount } = sizes
    this.#words = words
    this.#keyCount = keyCount
    const wanted = bitsFor(edgeCount) - BUCKET_EDGES_LOG2
    const buckets = Math.min(Math.max(wanted, 0), BUCKETS_MAX_LOG2)
    this.#shift = Math.max(0, bitsFor(keyCount) - buckets)
    const itemBits = bitsFor(itemCount)
    this.#itemBits = itemBits > 0 && this.#shift + itemBits <= 32 ? itemBits : 0
    const count = keyCount === 0 ? 0 : ((keyCount - 1) >>> this.#shift) + 1
    this.#starts = new Int32Array(count + 1)
    this.#next = new Int32Array(count)
    this.#counts = new Int32Array(Math.min(keyCount, 2 ** this.#shift))
  }

  get buckets(): number {
    return this.#next.length
  }

  /** First: every key is counted once, in starts[(key >>> shift) + 1]. */
  get tally(): { readonly starts: Int32Array; readonly shift: number } {
    return { starts: this.#starts, shift: this.#shift }
  }

  measure(keys: Uint32Array, from: number, to: number): void {
    const { starts, shift } = this.tally
    for (let i = from; i < to; i++) starts[((keys[i]! >>> shift) + 1) | 0]!++
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
    const words = this.#words
    const next = this.#next
    const shift = this.#shift
    const itemBits = this.#itemBits
    if (itemBits > 0) {
      for (let i = from; i < to; i++) {
        const key = keys[i]!
        const bucket = key >>> shift
        const at = next[bucket]!
        next[bucket] = (at + 1) | 0
        // The high bits of the key fall off where they must.
        words[at] = pack(key, shift, itemBits) | items[i]!
      }
      return
    }
    for (let i = from; i < to; i++) {
      const key = keys[i]!
      const bucket = key >>> shift
      const at = next[bucket]!
      next[bucket] = (at + 1) | 0
      words[at << 1] = key
      words[((at << 1) + 1) | 0] = items[i]!
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
    const words = this.#words
    const next = this.#next
    const shift = this.#shift
    const itemBits = this.#itemBits
    for (let row = from; row < to; row++) {
      const of = order ? order[row]! : row
      const stop = end[of]!
      if (itemBits > 0) {
        for (let i = start[of]!; i < stop; i++) {
          const key = list[i]!
          const bucket = key >>> shift
          const at = next[bucket]!
          next[bucket] = (at + 1) | 0
          words[at] = pack(key, shift, itemBits) | row
        }
        continue
      }
      for (let i = start[of]!; i < stop; i++) {
        const key = list[i]!
        const bucket = key >>> shift
        const at = next[bucket]!
        next[bucket] = (at + 1) | 0
        words[at << 1] = key
        words[((at << 1) + 1) | 0] = row
      }
    }
  }

  /** Whether every bucket got as many edges as were measured for it. */
  get isFilled(): boolean {
    return this.#next.every((next, k) => next === this.#starts[k + 1])
  }

  /**
   * Last: bucket `k` sorted. Its items go to `list` by key, from where the bucket begins; the row
   * of each key is list[start[key], end[key]).
   */
  sort(k: number, { list, start, end }: Rows): void {
    const words = this.#words
    const counts = this.#counts
    const itemBits = this.#itemBits
    const from = this.#starts[k]! | 0
    const to = this.#starts[k + 1]! | 0
    const low = (k << this.#shift) | 0
    const width = Math.min(counts.length, this.#keyCount - low) | 0
    counts.fill(0, 0, width)
    if (itemBits > 0) for (let i = from; i < to; i++) counts[words[i]! >>> itemBits]!++
    else for (let i = from; i < to; i++) counts[(words[i << 1]! - low) | 0]!++
    let at = from
    for (let key = 0; key < width; key++) {
      start[low + key] = at
      const count = counts[key]!
      counts[key] = at
      at = (at + count) | 0
      end[low + key] = at
    }
    if (itemBits > 0) {
      const mask = 2 ** itemBits - 1
      for (let i = from; i < to; i++) {
        const word = words[i]!
        const key = word >>> itemBits
        const place = counts[key]!
        counts[key] = (place + 1) | 0
        list[place] = word & mask
      }
      return
    }
    for (let i = from; i < to; i++) {
      const key = (words[i << 1]! - low) | 0
      const place = counts[key]!
      counts[key] = (place + 1) | 0
      list[place] = words[((i << 1) + 1) | 0]!
    }
  }

  /** Edges of bucket `k`: [from, to). */
  edges(k: number): readonly [from: number, to: number] {
    return [this.#starts[k]!, this.#starts[k + 1]!]
  }

  /** Keys of bucket `k`: [low, high). */
  keys(k: number): readonly [low: number, high: number] {
    const low = k << this.#shift
    return [low, Math.min(this.#keyCount, low + 2 ** this.#shift)]
  }
}

/** The low `shift` bits of a key, above `itemBits` bits that are free. */
function pack(key: number, shift: number, itemBits: number): number {
  return shift === 0 ? 0 : (key << (32 - shift)) >>> (32 - shift - itemBits)
}

function bitsFor(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1)
}
