/**
 * Which row holds which actor: dense number -> row address, open addressing with linear probing and
 * backward-shift deletion, load <= 1/2. 16 bytes an actor at worst; find, set and remove O(1).
 */
import { assert } from '../../base/index.ts'

/** Where direct addressing has a number: a whole division, which for 1 is none. */
export function slotOf(key: number, stride: number): number {
  return stride === 1 ? key : Math.floor(key / stride)
}

export class Directory {
  /** Key + 1, or 0 where free. */
  #keys = new Uint32Array(64)
  #rows = new Uint32Array(64)
  size = 0

  /** The row of `key`, or 0. */
  find(key: number): number {
    const keys = this.#keys
    const mask = keys.length - 1
    let slot = spread(key) & mask
    for (;;) {
      const held = keys[slot]!
      if (held === key + 1) return this.#rows[slot]!
      if (held === 0) return 0
      slot = (slot + 1) & mask
    }
  }

  set(key: number, row: number): void {
    assert(row !== 0, 'row 0 means none')
    if (this.size * 2 >= this.#keys.length) this.#grow()
    const mask = this.#keys.length - 1
    let slot = spread(key) & mask
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key + 1) slot = (slot + 1) & mask
    if (this.#keys[slot] === 0) this.size++
    this.#keys[slot] = key + 1
    this.#rows[slot] = row
  }

  remove(key: number): boolean {
    const keys = this.#keys
    const mask = keys.length - 1
    let hole = spread(key) & mask
    while (keys[hole] !== key + 1) {
      if (keys[hole] === 0) return false
      hole = (hole + 1) & mask
    }
    for (let slot = (hole + 1) & mask; keys[slot] !== 0; slot = (slot + 1) & mask) {
      const home = spread(keys[slot]! - 1) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      keys[hole] = keys[slot]!
      this.#rows[hole] = this.#rows[slot]!
      hole = slot
    }
    keys[hole] = 0
    this.size--
    return true
  }

  *entries(): IterableIterator<[key: number, row: number]> {
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const held = this.#keys[slot]!
      if (held !== 0) yield [held - 1, this.#rows[slot]!]
    }
  }

  #grow(): void {
    const keys = this.#keys
    const rows = this.#rows
    this.#keys = new Uint32Array(keys.length * 2)
    this.#rows = new Uint32Array(keys.length * 2)
    this.size = 0
    for (let slot = 0; slot < keys.length; slot++) {
      if (keys[slot] !== 0) this.set(keys[slot]! - 1, rows[slot]!)
    }
  }
}

function spread(key: number): number {
  const h = Math.imul(key, 0x9e3779b1)
  return (h ^ (h >>> 15)) >>> 0
}
