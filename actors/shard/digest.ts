/**
 * A digest of many actors that does not depend on their order, their numbers or their placement:
 * the sum, modulo 2^64, of the first 8 bytes of SHA-256 over (type, id, state bytes).
 */
import { createHash } from 'node:crypto'

export class Digest {
  #sum = 0n

  add(type: string, id: string, bytes: Uint8Array): void {
    const hash = createHash('sha256')
    hash.update(`${type}\0${id}\0`)
    hash.update(bytes)
    this.#sum = BigInt.asUintN(64, this.#sum + hash.digest().readBigUInt64LE(0))
  }

  /** Adds the digest of other actors. */
  merge(hex: string): void {
    this.#sum = BigInt.asUintN(64, this.#sum + BigInt(`0x${hex}`))
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    return this.#sum.toString(16).padStart(16, '0')
  }
}

/**
 * The same of words of four bytes, fifty times as fast and no proof against an adversary: 64 bits
 * from two chains of MurmurHash3's steps (Appleby, 2011). For comparing runs whose numbers are the
 * same.
 */
export class WordDigest {
  #low = 0
  #high = 0

  /** Adds words [from, to) of something that `kind` and `key` tell from all else. */
  add(kind: number, key: number, words: Uint32Array, from: number, to: number): void {
    let a = Math.imul(key ^ 0x2f0b4ca7, 0xcc9e2d51) ^ kind
    let b = Math.imul(key ^ 0x5bd1e995, 0x1b873593) ^ (to - from)
    for (let i = from; i < to; i++) {
      const word = words[i]!
      a = Math.imul(a ^ Math.imul(word, 0xcc9e2d51), 0x85ebca6b)
      a ^= a >>> 15
      b = Math.imul((b << 13) | (b >>> 19), 5) + Math.imul(word ^ a, 0x1b873593)
    }
    const low = (mixed(b) ^ a) >>> 0
    const high = mixed(a ^ Math.imul(b, 0xc2b2ae35)) >>> 0
    this.#low += low
    const carry = this.#low >= 2 ** 32 ? 1 : 0
    this.#low -= carry * 2 ** 32
    this.#high = (this.#high + high + carry) % 2 ** 32
  }

  /** 16 hexadecimal digits; those of parts add up as those of a `Digest` do. */
  hex(): string {
    const digits = (word: number) => word.toString(16).padStart(8, '0')
    return digits(this.#high) + digits(this.#low)
  }
}

function mixed(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
