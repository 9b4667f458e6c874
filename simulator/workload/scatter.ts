/**
 * A seeded permutation of [0, count) without a table: four Feistel rounds over the smallest even
 * number of bits that holds `count`, walked until the result lies inside (at most four times as
 * many steps on average; Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
 */
import { assert } from '../../base/index.ts'

const ROUNDS = 4

export class Scatter {
  readonly count: number
  readonly #half: number
  readonly #mask: number
  readonly #seed: number

  constructor(count: number, seed: number) {
    assert(count >= 1 && count <= 2 ** 31, 'a permutation has 1 to 2^31 items')
    this.count = count
    this.#half = Math.max(1, Math.ceil(Math.log2(count) / 2))
    this.#mask = 2 ** this.#half - 1
    this.#seed = seed
  }

  /** The number at place `rank`. */
  number(rank: number): number {
    let value = rank
    do value = this.#forward(value)
    while (value >= this.count)
    return value
  }

  /** The place of `number`: the inverse. */
  rank(number: number): number {
    let value = number
    do value = this.#backward(value)
    while (value >= this.count)
    return value
  }

  #forward(value: number): number {
    let left = value >>> this.#half
    let right = value & this.#mask
    for (let round = 0; round < ROUNDS; round++) {
      const next = left ^ this.#mix(right, round)
      left = right
      right = next
    }
    return ((left << this.#half) | right) >>> 0
  }

  #backward(value: number): number {
    let left = value >>> this.#half
    let right = value & this.#mask
    for (let round = ROUNDS - 1; round >= 0; round--) {
      const next = right ^ this.#mix(left, round)
      right = left
      left = next
    }
    return ((left << this.#half) | right) >>> 0
  }

  #mix(value: number, round: number): number {
    let h = (value ^ this.#seed) + Math.imul(round + 1, 0x9e3779b9)
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
    return (h ^ (h >>> 15)) & this.#mask
  }
}
