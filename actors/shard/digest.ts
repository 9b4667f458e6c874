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
