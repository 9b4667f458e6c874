/**
 * Sorting the edges of a bucket, in cache: by key, stably; or by key and item, each edge once.
 *
 * The latter puts edges in the order of their items' high bits, then by key. What comes out of
 * order in a row agrees in those bits with what it has to pass: a few in a hundred edges, for a
 * place or two. So it takes two passes where three are needed to sort all bits.
 *
 * O(edges + keys), unless rows hold a good part of many million items: then an edge may have a
 * hundred to pass. V8 looks up where an array lies and ends before an innermost loop, but each time
 * round an outer one: so what is rare in such a loop is done outside of it.
 */
import { assert } from '../base/index.ts'
import { heapWords } from './graph-store.ts'

export type Bucket = {
  /** Of all buckets: (key, item) pairs, or both packed in a word. */
  readonly words: Uint32Array
  readonly itemBits: number
  readonly isPacked: boolean
  /** Its edges. */
  readonly from: number
  readonly to: number
  /** Its first key; that of a packed word is counted from it. */
  readonly low: number
}

/** How many edges each bucket gets: starts[(key >>> shift) + 1]. */
export type Tally = { readonly starts: Int32Array; readonly shift: number }

/** High bits by which items are ordered first: at least the bits of the next sort's buckets. */
const digitBits = { min: 11, max: 14 } as const
/** Where it can be, so few low bits are left to the order within rows. */
const LOW_BITS = 8

export class BucketSort {
  /** Of each key: how many there are, then the place of the next. */
  readonly #counts: Int32Array
  /** As many as a bucket has asked for. */
  #digits = new Int32Array(0)
  /** Of a bucket: packed words; or items, and keys counted from its first one. */
  readonly #items: Uint32Array
  readonly #keys: Uint32Array

  /** For buckets of at most so many keys and, where they are packed, so many edges. */
  constructor(keys: number, edges: number, spare?: readonly [Uint32Array, Uint32Array]) {
    this.#counts = new Int32Array(heapWords(keys).buffer)
    ;[this.#items, this.#keys] = spare ?? [heapWords(edges), new Uint32Array(0)]
  }

  /** The items by key to `list`, from where the bucket begins, and where rows start. */
  sort(bucket: Bucket, { list, start }: Readonly<Record<'list' | 'start', Uint32Array>>): void {
    const { words, itemBits, isPacked, from, to, low } = bucket
    const counts = this.#counts
    counts.fill(0, 0, start.length)
    if (!isPacked) {
      for (let i = from; i < to; i++) counts[(words[i << 1]! - low) | 0]!++
      places(counts, from, start)
      for (let i = from; i < to; i++) {
        const key = (words[i << 1]! - low) | 0
        const at = counts[key]!
        counts[key] = (at + 1) | 0
        list[at] = words[((i << 1) + 1) | 0]!
      }
      return
    }
    const packed = this.#items
    const size = (to - from) | 0
    const mask = 2 ** itemBits - 1
    packed.set(words.subarray(from, to))
    for (let i = 0; i < size; i++) counts[packed[i]! >>> itemBits]!++
    places(counts, from, start)
    for (let i = 0; i < size; i++) {
      const word = packed[i]!
      const key = word >>> itemBits
      const at = counts[key]!
      counts[key] = (at + 1) | 0
      list[at] = word & mask
    }
  }

  /** See `EdgeSort`. */
  sortDistinct(
    bucket: Bucket,
    { start, degree }: Readonly<Record<'start' | 'degree', Uint32Array>>,
    tally: Tally,
  ): number {
    const { words, itemBits, isPacked, from, to } = bucket
    const counts = this.#counts
    const wanted = Math.min(Math.max(itemBits - LOW_BITS, digitBits.min), digitBits.max)
    const digitShift = Math.max(0, itemBits - wanted)
    const digitCount = 2 ** (itemBits - digitShift)
    if (this.#digits.length < digitCount) this.#digits = new Int32Array(digitCount)
    const digits = this.#digits.subarray(0, digitCount)
    assert(digitShift <= tally.shift, 'a bucket of the next sort is told by the digit')
    counts.fill(0, 0, start.length)
    digits.fill(0)
    const measure = isPacked ? measurePacked : measurePairs
    measure(bucket, counts, digits, digitShift)
    for (let d = 0; d < digits.length; d++) {
      if (digits[d]! > 0) tally.starts[((d << digitShift) >>> tally.shift) + 1]! += digits[d]!
    }
    places(counts, from, start)
    places(digits, 0)
    if (isPacked) orderPacked(bucket, this.#items, digits, digitShift)
    else orderPairs(bucket, this.#keys, this.#items, digits, digitShift)
    // Where a row has nothing yet, what stands before it is smaller than any item but the first.
    words.fill(0, from, to)
    if (isPacked) this.#rowsOfPacked(bucket, start, tally)
    else this.#rowsOfPairs(bucket, start, tally)
    let kept = 0
    for (let key = 0; key < start.length; key++) {
      degree[key] = (counts[key]! - start[key]!) | 0
      kept = (kept + degree[key]!) | 0
    }
    return kept
  }

  #rowsOfPacked({ words, itemBits, from, to }: Bucket, start: Uint32Array, tally: Tally): void {
    const packed = this.#items
    const counts = this.#counts
    const size = (to - from) | 0
    const mask = 2 ** itemBits - 1
    for (let i = 0; i < size; i++) {
      for (; i < size; i++) {
        const word = packed[i]!
        const key = word >>> itemBits
        const item = word & mask
        const at = counts[key]!
        if (at > 0 && words[at - 1]! >= item) break
        counts[key] = (at + 1) | 0
        words[at] = item
      }
      if (i < size) this.#insert(words, start, packed[i]! >>> itemBits, packed[i]! & mask, tally)
    }
  }

  #rowsOfPairs({ words, from, to }: Bucket, start: Uint32Array, tally: Tally): void {
    const keys = this.#keys
    const items = this.#items
    const counts = this.#counts
    const size = (to - from) | 0
    for (let i = 0; i < size; i++) {
      for (; i < size; i++) {
        const key = keys[i]!
        const item = items[i]!
        const at = counts[key]!
        if (at > 0 && words[at - 1]! >= item) break
        counts[key] = (at + 1) | 0
        words[at] = item
      }
      if (i < size) this.#insert(words, start, keys[i]!, items[i]!, tally)
    }
  }

  /** An item to its place in its row, unless it is there. */
  #insert(list: Uint32Array, start: Uint32Array, key: number, item: number, tally: Tally): void {
    const begin = start[key]!
    const end = this.#counts[key]!
    let at = end
    while (at > begin && list[at - 1]! > item) at--
    if (at > begin && list[at - 1] === item) {
      tally.starts[(item >>> tally.shift) + 1]!--
      return
    }
    for (let i = end; i > at; i--) list[i] = list[i - 1]!
    list[at] = item
    this.#counts[key] = end + 1
  }
}

function measurePacked(
  { words, itemBits, from, to }: Bucket,
  counts: Int32Array,
  digits: Int32Array,
  digitShift: number,
): void {
  const mask = (2 ** (itemBits - digitShift) - 1) | 0
  for (let i = from; i < to; i++) {
    const word = words[i]!
    counts[word >>> itemBits]!++
    digits[(word >>> digitShift) & mask]!++
  }
}

function measurePairs(
  { words, low, from, to }: Bucket,
  counts: Int32Array,
  digits: Int32Array,
  digitShift: number,
): void {
  for (let i = from; i < to; i++) {
    counts[(words[i << 1]! - low) | 0]!++
    digits[words[((i << 1) + 1) | 0]! >>> digitShift]!++
  }
}

function orderPacked(
  { words, itemBits, from, to }: Bucket,
  packed: Uint32Array,
  digits: Int32Array,
  digitShift: number,
): void {
  const mask = (2 ** (itemBits - digitShift) - 1) | 0
  for (let i = from; i < to; i++) {
    const word = words[i]!
    const digit = (word >>> digitShift) & mask
    const at = digits[digit]!
    digits[digit] = (at + 1) | 0
    packed[at] = word
  }
}

function orderPairs(
  { words, low, from, to }: Bucket,
  keys: Uint32Array,
  items: Uint32Array,
  digits: Int32Array,
  digitShift: number,
): void {
  for (let i = from; i < to; i++) {
    const item = words[((i << 1) + 1) | 0]!
    const digit = item >>> digitShift
    const at = digits[digit]!
    digits[digit] = (at + 1) | 0
    keys[at] = (words[i << 1]! - low) | 0
    items[at] = item
  }
}

/** Counts become places from `from` on, copied to `start`. */
function places(counts: Int32Array, from: number, start?: Uint32Array): void {
  const length = start ? start.length : counts.length
  let at = from
  for (let i = 0; i < length; i++) {
    const count = counts[i]!
    counts[i] = at
    at = (at + count) | 0
  }
  start?.set(counts.subarray(0, length))
}
