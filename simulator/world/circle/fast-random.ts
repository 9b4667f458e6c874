/**
 * A generator for loops that draw a number every few nanoseconds: sfc32 (Doty-Humphrey, PractRand),
 * seeded from a stream of `Random`. It can not be sought; what must be, draws from `Random` or
 * hashes a counter.
 */
import type { Random } from '../../../base/index.ts'

export class FastRandom {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(random: Random) {
    this.#a = random.u32() | 0
    this.#b = random.u32() | 0
    this.#c = random.u32() | 0
    // The state is far from its neighbours' after a few rounds.
    for (let i = 0; i < 12; i++) this.u32()
  }

  u32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** Uniform in [0, 1), 32 bits of it. */
  unit(): number {
    return this.u32() / 4294967296
  }

  /** Uniform whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.unit() * n)
  }
}
