/**
 * Sums by key: an open-addressed table of whole numbers, which float64 adds exactly up to 2^53. A
 * sum of 0 is not kept, and so marks a free slot; what comes to 0 leaves its slot at once, and its
 * neighbours move up (Knuth, TAOCP 3, 6.4, algorithm R).
 *
 * Bytes: 12 × slots; the table is at most 3/4 full and, above 8 slots, at least 3/16. `add` is
 * O(1).
 */
import { assert } from '../../../base/index.ts'
import { TopK } from '../../../graph/index.ts'

const SLOTS_MIN = 4

export type Best = { readonly keys: Uint32Array; readonly scores: Float64Array }

export class SumRow {
  #keys = new Uint32Array(SLOTS_MIN)
  #sums = new Float64Array(SLOTS_MIN)
  #count = 0

  get size(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#keys.byteLength + this.#sums.byteLength
  }

  /** `amount` is a whole number. */
  add(key: number, amount: number): void {
    if (amount === 0) return
    const slot = this.#slotOf(key)
    const before = this.#sums[slot]!
    const sum = before + amount
    assert(Math.abs(sum) <= Number.MAX_SAFE_INTEGER, 'a sum is exact')
    this.#keys[slot] = key
    this.#sums[slot] = sum
    if (before === 0) {
      this.#count++
      if (this.#count * 4 > this.#keys.length * 3) this.#resize(this.#keys.length * 2)
    } else if (sum === 0) {
      this.#count--
      this.#close(slot)
      const slots = this.#keys.length
      if (slots > SLOTS_MIN && this.#count * 16 < slots * 3) this.#resize(slots / 2)
    }
  }

  get(key: number): number {
    return this.#sums[this.#slotOf(key)]!
  }

  /**
   * The keys with the best weights, at most `count`, best first: `weigh` is how a sum counts of a
   * key. Ties fall by key.
   */
  best(count: number, weigh: (sum: number, key: number) => number): Best {
    const keys = this.#keys
    const sums = this.#sums
    const heap = new TopK(Math.min(count, this.#count))
    for (let slot = 0; slot < keys.length; slot++) {
      const sum = sums[slot]!
      if (sum === 0) continue
      const key = keys[slot]!
      const weight = weigh(sum, key)
      if (weight >= heap.floor) heap.offer(key, weight)
    }
    return heap.sorted()
  }

  /** In no order to rely on. */
  each(visit: (key: number, sum: number) => void): void {
    const keys = this.#keys
    const sums = this.#sums
    for (let slot = 0; slot < keys.length; slot++) {
      if (sums[slot] !== 0) visit(keys[slot]!, sums[slot]!)
    }
  }

  #home(key: number): number {
    return Math.imul(key, 0x9e3779b1) >>> (Math.clz32(this.#keys.length) + 1)
  }

  /** Where a key is, or may be put. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1
    let slot = this.#home(key)
    while (this.#sums[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }

  /** Moves up what would not be found past a slot that has become free. */
  #close(free: number): void {
    const mask = this.#keys.length - 1
    let hole = free
    for (let slot = (hole + 1) & mask; this.#sums[slot] !== 0; slot = (slot + 1) & mask) {
      const far = (slot - this.#home(this.#keys[slot]!)) & mask
      if (far < ((slot - hole) & mask)) continue
      this.#keys[hole] = this.#keys[slot]!
      this.#sums[hole] = this.#sums[slot]!
      this.#sums[slot] = 0
      hole = slot
    }
  }

  #resize(slots: number): void {
    const keys = this.#keys
    const sums = this.#sums
    this.#keys = new Uint32Array(slots)
    this.#sums = new Float64Array(slots)
    for (let slot = 0; slot < keys.length; slot++) {
      if (sums[slot] === 0) continue
      const to = this.#slotOf(keys[slot]!)
      this.#keys[to] = keys[slot]!
      this.#sums[to] = sums[slot]!
    }
  }
}

/** Of sums, one: what is added is rounded to its multiples. */
export const UNIT = 2 ** 30

/** The bytes of all rows' tables. */
export function bytesOf(rows: readonly SumRow[]): number {
  return rows.reduce((sum, row) => sum + row.bytes, 0)
}
