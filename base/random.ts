/**
 * Counter-based random numbers: Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011). Number i of a stream is a pure function of (key, i): it
 * can be sought, split by key and drawn on any worker with the same result. Only 32-bit adds,
 * rotations and xors, so JavaScript computes it exactly.
 *
 * `Random` adds a counter; `random.split(label)` gives an independent stream. Where a hot loop
 * wants one number every few nanoseconds, seed its own generator from here.
 */
import { assert } from './assert.ts'

const PARITY = 0x1bd11bda

/** Threefry-2x32-20 of counter (c0, c1) under key (k0, k1); writes two u32 into `out`. */
export function threefry(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  const k2 = k0 ^ k1 ^ PARITY
  let x = (c0 + k0) | 0
  let y = (c1 + k1) | 0
  for (let group = 1; group <= 5; group++) {
    if ((group & 1) === 1) {
      x = (x + y) | 0
      y = ((y << 13) | (y >>> 19)) ^ x
      x = (x + y) | 0
      y = ((y << 15) | (y >>> 17)) ^ x
      x = (x + y) | 0
      y = ((y << 26) | (y >>> 6)) ^ x
      x = (x + y) | 0
      y = ((y << 6) | (y >>> 26)) ^ x
    } else {
      x = (x + y) | 0
      y = ((y << 17) | (y >>> 15)) ^ x
      x = (x + y) | 0
      y = ((y << 29) | (y >>> 3)) ^ x
      x = (x + y) | 0
      y = ((y << 16) | (y >>> 16)) ^ x
      x = (x + y) | 0
      y = ((y << 24) | (y >>> 8)) ^ x
    }
    const phase = group % 3
    x = (x + (phase === 0 ? k0 : phase === 1 ? k1 : k2)) | 0
    y = (y + (phase === 0 ? k1 : phase === 1 ? k2 : k0) + group) | 0
  }
  out[0] = x
  out[1] = y
}

/** Mixes a string or an integer (below 2^53) into 32 bits; not cryptographic. */
export function hash32(value: string | number, seed = 0): number {
  let h = seed ^ 0x9e3779b9
  if (typeof value === 'number') {
    h = mix32(h ^ (value | 0))
    h = mix32(h ^ Math.floor(value / 4294967296))
  } else {
    for (let i = 0; i < value.length; i++) h = Math.imul(h ^ value.charCodeAt(i), 0x01000193)
    h = mix32(h ^ value.length)
  }
  return h >>> 0
}

/** The finaliser of MurmurHash3: every bit depends on every other; a signed word. */
export function mix32(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** A stream of random numbers named by a seed and the labels it was split by. */
export class Random {
  readonly #k0: number
  readonly #k1: number
  readonly #pair = new Uint32Array(2)
  #counter = 0
  #have = 0

  constructor(seed: number, stream = 0) {
    assert(Number.isSafeInteger(seed) && seed >= 0, 'a seed is a whole number from 0 to 2^53 - 1')
    this.#k0 = (seed | 0) ^ mix32(stream | 0)
    this.#k1 = (Math.floor(seed / 4294967296) | 0) ^ mix32((stream ^ 0x5bf03635) | 0)
  }

  /** An independent stream, the same for the same label whatever was drawn before. */
  split(label: string | number): Random {
    const pair = new Uint32Array(2)
    threefry(this.#k0, this.#k1, hash32(label, 1) | 0, hash32(label, 2) | 0, pair)
    return new Random((pair[0]! & 0x1fffff) * 4294967296 + pair[1]!)
  }

  /** Jumps so that the next draw is draw `index` of the stream. */
  seek(index: number): this {
    this.#counter = Math.floor(index / 2)
    this.#have = 0
    if (index % 2 === 1) this.u32()
    return this
  }

  /** Uniform whole number in [0, 2^32). */
  u32(): number {
    if (this.#have === 0) {
      const c = this.#counter++
      threefry(this.#k0, this.#k1, c | 0, Math.floor(c / 4294967296) | 0, this.#pair)
      this.#have = 2
    }
    return this.#pair[2 - this.#have--]!
  }

  /** Uniform in [0, 1), 32 bits of it. */
  unit(): number {
    return this.u32() / 4294967296
  }

  /** Uniform whole number in [0, n), n from 1 to 2^32; bias below n / 2^32. */
  below(n: number): number {
    return Math.floor(this.unit() * n)
  }

  /** Standard normal (Box-Muller, one of the pair). */
  normal(): number {
    const r = Math.sqrt(-2 * Math.log(1 - this.unit()))
    return r * Math.cos(2 * Math.PI * this.unit())
  }

  /** Standard Gumbel: who takes the most of score and it chooses by a softmax of the scores. */
  gumbel(): number {
    return -Math.log(-Math.log(1 - this.unit()))
  }

  /** Poisson by inversion; meant for means below about 50. */
  poisson(mean: number): number {
    let left = Math.exp(-mean)
    let sum = left
    const u = this.unit()
    let k = 0
    while (u > sum && k < 1000) {
      k++
      left *= mean / k
      sum += left
    }
    return k
  }

  /** Shuffles in place (Fisher-Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const held = items[i] as T
      items[i] = items[j] as T
      items[j] = held
    }
    return items
  }
}
