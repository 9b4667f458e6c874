/** A set of dense numbers: one bit each. */
export class KeySet {
  #words = new Uint32Array(64)
  size = 0

  has(key: number): boolean {
    const word = this.#words[key >>> 5]
    return word !== undefined && (word & (1 << (key & 31))) !== 0
  }

  add(key: number): void {
    if (this.has(key)) return
    const at = key >>> 5
    if (at >= this.#words.length) {
      const wider = new Uint32Array(Math.max(this.#words.length * 2, at + 1))
      wider.set(this.#words)
      this.#words = wider
    }
    this.#words[at]! |= 1 << (key & 31)
    this.size++
  }

  /** Whether it was there. */
  remove(key: number): boolean {
    if (!this.has(key)) return false
    this.#words[key >>> 5]! &= ~(1 << (key & 31))
    this.size--
    return true
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let at = 0; at < this.#words.length; at++) {
      for (let rest = this.#words[at]!; rest !== 0; rest &= rest - 1) {
        yield at * 32 + 31 - Math.clz32(rest & -rest)
      }
    }
  }
}
