/**
 * Random numbers for a hot loop: sfc32 (Chris Doty-Humphrey, PractRand), seeded from a counter-
 * based stream; some 2 ns a number where the stream takes 20.
 */
import type { Random } from '../../base/index.ts'

const WARM_UP = 16

export class Chance {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(random: Random) {
    this.#a = random.u32() | 0
    this.#b = random.u32() | 0
    this.#c = random.u32() | 0
    for (let i = 0; i < WARM_UP; i++) this.unit()
  }

  /** Uniform in [0, 1), 32 bits of it. */
  unit(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4294967296
  }

  /** Uniform whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.unit() * n)
  }

  /** Standard normal (Box-Muller, one of the pair). */
  normal(): number {
    return Math.sqrt(2 * this.exponential()) * Math.cos(2 * Math.PI * this.unit())
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.unit())
  }
}
