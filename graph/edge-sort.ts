/**
 * Sorting edges by one end when they do not fit a cache: spread over buckets of neighbouring keys,
 * which is stable, then sorted within each bucket (`bucket-sort.ts`). O(edges + keys).
 *
 * A bucket knows the high bits of its keys. Where the low bits and the item fit 32 bits together,
 * as they do up to some fifty million edges, an edge takes one word while it is sorted, else two.
 * Loops stand once for each, since a choice inside would be made for every edge.
 *
 * Arithmetic is kept to int32 (`| 0`), which a compiler does not have to widen to doubles; so a
 * list of two words an edge has at most 2^31 words.
 */
import { type Bucket, BucketSort, type Tally } from './bucket-sort.ts'

/** Edges to a bucket, about: what sorting one touches stays in a second-level cache. */
const BUCKET_EDGES_LOG2 = 16
/** More buckets would each be written too rarely to stay in cache and TLB. */
const BUCKETS_MAX_LOG2 = 11
/**
 * Where what is looked up at random does not fit a second-level cache, it is looked up for so many
 * edges in a loop that does nothing else: the loads of many are under way at once, and none waits
 * for a store.
 */
export const BLOCK = 512

export class EdgeSort {
  readonly #keyCount: number
  readonly #shift: number
  /** Bucket k holds the edges [starts[k], starts[k + 1]). */
  readonly #starts: Int32Array
  readonly #next: Int32Array
  readonly #block = new Uint32Array(BLOCK)
  #itemBits = 0
  #isPacked = true
  /** (key, item) pairs, or both packed in a word, bucket by bucket. */
  #words: Uint32Array = new Uint32Array(0)
  /** Negative once a key or an item has been too large. */
  #signs = 0
  #within = new BucketSort(0, 0)

  /** Keys lie below `keyCount`. */
  constructor({ edgeCount, keyCount }: { edgeCount: number; keyCount: number }) {
    this.#keyCount = keyCount
    const wanted = bitsFor(edgeCount) - BUCKET_EDGES_LOG2
    const buckets = Math.min(Math.max(wanted, 0), BUCKETS_MAX_LOG2)
    this.#shift = Math.max(0, bitsFor(keyCount) - buckets)
    const count = keyCount === 0 ? 0 : ((keyCount - 1) >>> this.#shift) + 1
    this.#starts = new Int32Array(count + 1)
    this.#next = new Int32Array(count)
  }

  get buckets(): number {
    return this.#next.length
  }

  /** First: every key is counted once. */
  get tally(): Tally {
    return { starts: this.#starts, shift: this.#shift }
  }

  /** Whether a key and an item below `itemCount` fit one word together. */
  packs(itemCount: number): boolean {
    return this.#shift + bitsFor(itemCount) <= 32
  }

  /**
   * Then buckets get their places in `words`: a word for each edge where they are packed, else two,
   * and `spare` of one each for `sortDistinct`.
   */
  place(itemCount: number, words: Uint32Array, spare?: readonly [Uint32Array, Uint32Array]): void {
    this.#words = words
    this.#itemBits = bitsFor(itemCount)
    this.#isPacked = this.packs(itemCount)
    const starts = this.#starts
    let largest = 0
    for (let k = 0; k < this.#next.length; k++) {
      largest = Math.max(largest, starts[k + 1]!)
      starts[k + 1]! += starts[k]!
      this.#next[k] = starts[k]!
    }
    const keys = Math.min(this.#keyCount, 2 ** this.#shift)
    this.#within = this.#isPacked ? new BucketSort(keys, largest) : new BucketSort(keys, 0, spare)
  }

  /** Then every edge is spread: keys[i] with itemOf[items[i]]. */
  spread(
    { keys, items, itemOf }: Readonly<Record<'keys' | 'items' | 'itemOf', Uint32Array>>,
    from: number,
    to: number,
  ): void {
    if (!this.#isPacked) {
      for (let low = from; low < to; low += BLOCK) {
        const count = Math.min(BLOCK, to - low) | 0
        for (let i = 0; i < count; i++) this.#block[i] = itemOf[items[(low + i) | 0]!]!
        this.#spreadPairs(keys, low, count)
      }
      return
    }
    const words = this.#words
    const next = this.#next
    const shift = this.#shift
    const itemBits = this.#itemBits
    const lastKey = (this.#keyCount - 1) | 0
    let signs = 0
    for (let i = from; i < to; i++) {
      const key = keys[i]!
      const item = itemOf[items[i]!]!
      const bucket = key >>> shift
      const at = next[bucket]!
      next[bucket] = (at + 1) | 0
      words[at] = pack(key, shift, itemBits) | item
      signs |= item | (lastKey - key)
    }
    this.#signs |= signs
  }

  #spreadPairs(keys: Uint32Array, low: number, count: number): void {
    const words = this.#words
    const block = this.#block
    const next = this.#next
    const shift = this.#shift
    const lastKey = (this.#keyCount - 1) | 0
    let signs = 0
    for (let i = 0; i < count; i++) {
      const key = keys[(low + i) | 0]!
      const item = block[i]!
      const bucket = key >>> shift
      const at = next[bucket]!
      next[bucket] = (at + 1) | 0
      words[at << 1] = key
      words[((at << 1) + 1) | 0] = item
      signs |= item | (lastKey - key)
    }
    this.#signs |= signs
  }

  /**
   * The same for rows [from, to): what they list are keys, the numbers of the rows are items. Row r
   * is list[start[r], start[r + 1]), and none is empty.
   */
  spreadRows(
    { list, start }: Readonly<Record<'list' | 'start', Uint32Array>>,
    from: number,
    to: number,
  ): void {
    const words = this.#words
    const next = this.#next
    const shift = this.#shift
    const itemBits = this.#itemBits
    const end = start[to]! | 0
    let row = from
    let rowEnd = start[from + 1]! | 0
    if (this.#isPacked) {
      for (let i = start[from]! | 0; i < end; i++) {
        if (i === rowEnd) {
          row = (row + 1) | 0
          rowEnd = start[row + 1]! | 0
        }
        const key = list[i]!
        const bucket = key >>> shift
        const at = next[bucket]!
        next[bucket] = (at + 1) | 0
        words[at] = pack(key, shift, itemBits) | row
      }
      return
    }
    for (let i = start[from]! | 0; i < end; i++) {
      if (i === rowEnd) {
        row = (row + 1) | 0
        rowEnd = start[row + 1]! | 0
      }
      const key = list[i]!
      const bucket = key >>> shift
      const at = next[bucket]!
      next[bucket] = (at + 1) | 0
      words[at << 1] = key
      words[((at << 1) + 1) | 0] = row
    }
  }

  /** Whether every bucket got the edges measured for it, and only keys and items that there are. */
  get isFilled(): boolean {
    return this.#signs >= 0 && this.#next.every((next, k) => next === this.#starts[k + 1])
  }

  /**
   * Last: bucket `k` sorted stably. Its items go to `list` by key, from where the bucket begins;
   * the row of each key begins at start[key]. Packed words may be the list themselves.
   */
  sort(k: number, { list, start }: Readonly<Record<'list' | 'start', Uint32Array>>): void {
    const [low, high] = this.keys(k)
    this.#within.sort(this.#bucket(k), { list, start: start.subarray(low, high) })
  }

  /**
   * Or, in place of it: bucket `k` sorted by key and item, and each edge once. The items replace
   * the words; the row of each key begins at start[key] and is degree[key] long. They are counted
   * for `next`, the sort of which they are keys. Returns the edges.
   */
  sortDistinct(
    k: number,
    { start, degree }: Readonly<Record<'start' | 'degree', Uint32Array>>,
    next: EdgeSort,
  ): number {
    const [low, high] = this.keys(k)
    const rows = { start: start.subarray(low, high), degree: degree.subarray(low, high) }
    return this.#within.sortDistinct(this.#bucket(k), rows, next.tally)
  }

  /** Keys of bucket `k`: [low, high). */
  keys(k: number): readonly [low: number, high: number] {
    const low = k << this.#shift
    return [low, Math.min(this.#keyCount, low + 2 ** this.#shift)]
  }

  #bucket(k: number): Bucket {
    const starts = this.#starts
    return {
      words: this.#words,
      itemBits: this.#itemBits,
      isPacked: this.#isPacked,
      from: starts[k]!,
      to: starts[k + 1]!,
      low: k << this.#shift,
    }
  }
}

/** The low `shift` bits of a key, above `itemBits` bits that are free. */
function pack(key: number, shift: number, itemBits: number): number {
  // The high bits of the key fall off where they must.
  return shift === 0 ? 0 : (key << (32 - shift)) >>> (32 - shift - itemBits)
}

function bitsFor(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1)
}
