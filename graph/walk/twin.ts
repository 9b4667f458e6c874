/**
 * The walk kernel in TypeScript: the same numbers as `kernel/assembly/kernel.ts`, function for
 * function, for graphs that do not lie in WASM memory, and as its oracle.
 *
 * Memory: 48 KiB + 8 bytes a slot + 24 bytes a slot when joined.
 */
import { assert, NONE } from '../../base/index.ts'
import type { GraphView } from '../graph-view.ts'
import { GONE, type Side } from '../side.ts'
import { below } from './below.ts'
import { preferredCount, preferredPlace, prefers } from './preferred.ts'
import { redraw } from './redraw.ts'
import { GOLDEN, Slots } from './slots.ts'
import { type Beginning, type Joined, LABELS_MAX, LANES, type WalkKernel } from './walk-kernel.ts'

const block = () => new Uint32Array(LANES)

export class TwinKernel implements WalkKernel {
  readonly home = block()
  readonly homeLabel = block()
  readonly at = block()
  readonly reached = new Uint32Array(LABELS_MAX)
  #view: GraphView | undefined
  #hasDelta = false
  #bias: Beginning['bias']
  readonly #slots = new Slots()
  readonly #label = block()
  readonly #randomPin = block()
  readonly #randomBoard = block()
  readonly #board = block()
  readonly #first = new Int32Array(LANES)
  readonly #index = new Int32Array(LANES)
  /** Four lanes of each word of sfc32. */
  readonly #state = new Int32Array(16)
  #begun = 0
  #offset = 0

  get overflowed(): boolean {
    return this.#slots.overflowed
  }

  begin(view: GraphView, { state, labels, steps, bias }: Beginning): void {
    this.#view = view
    this.#hasDelta = !view.delta.isEmpty
    this.#bias = bias
    this.#state.set(state.subarray(0, 16))
    this.#offset = state[16]! | 0
    this.#begun = 0
    this.#slots.empty(steps)
    this.reached.fill(0, 0, labels)
  }

  round(n: number, restart: number): void {
    const view = this.#view
    assert(view !== undefined, 'a walk has begun')
    this.#steer(n, restart)
    const { pins, boards } = view.delta
    this.#choose(n, pins, this.at, this.#randomPin)
    if (this.#bias) this.#prefer(n, pins, this.#randomPin, this.#randomBoard)
    this.#gather(n, pins, this.at, this.#randomPin, this.#board)
    this.#choose(n, boards, this.#board, this.#randomBoard)
    this.#gather(n, boards, this.#board, this.#randomBoard, this.at)
  }

  #steer(n: number, restart: number): void {
    const lanes = (n + 3) & ~3
    for (let lane = 0; lane < 4; lane++) this.#draw(lane, lanes, restart)
    const { home, homeLabel, at } = this
    const label = this.#label
    const index = this.#index
    const randomPin = this.#randomPin
    const offset = this.#offset
    let begun = this.#begun
    for (let w = 0; w < lanes; w++) {
      const goes = index[w]! | (at[w] === NONE ? 1 : 0)
      begun = (begun + goes) | 0
      const even = (Math.imul(begun, GOLDEN) + offset) | 0
      const mask = -goes
      randomPin[w] = (even & mask) | (randomPin[w]! & ~mask)
      at[w] = (home[w]! & mask) | (at[w]! & ~mask)
      label[w] = (homeLabel[w]! & mask) | (label[w]! & ~mask)
    }
    this.#begun = begun
  }

  /** The three numbers of every fourth walker; index = 1 for those that go home. */
  #draw(lane: number, lanes: number, restart: number): void {
    const state = this.#state
    const index = this.#index
    const randomPin = this.#randomPin
    const randomBoard = this.#randomBoard
    let a = state[lane]!
    let b = state[4 + lane]!
    let c = state[8 + lane]!
    let d = state[12 + lane]!
    for (let w = lane; w < lanes; w += 4) {
      let t = (((a + b) | 0) + d) | 0
      d = (d + 1) | 0
      a = b ^ (b >>> 9)
      b = (c + (c << 3)) | 0
      c = (((c << 21) | (c >>> 11)) + t) | 0
      index[w] = t >>> 0 <= restart ? 1 : 0
      t = (((a + b) | 0) + d) | 0
      d = (d + 1) | 0
      a = b ^ (b >>> 9)
      b = (c + (c << 3)) | 0
      c = (((c << 21) | (c >>> 11)) + t) | 0
      randomBoard[w] = t
      t = (((a + b) | 0) + d) | 0
      d = (d + 1) | 0
      a = b ^ (b >>> 9)
      b = (c + (c << 3)) | 0
      c = (((c << 21) | (c >>> 11)) + t) | 0
      randomPin[w] = t
    }
    state[lane] = a
    state[4 + lane] = b
    state[8 + lane] = c
    state[12 + lane] = d
  }

  /** Index = the place in the list, or -1 - the place in the pool. */
  #choose(n: number, side: Side, from: Uint32Array, random: Uint32Array): void {
    const { offset, records } = side
    const first = this.#first
    const index = this.#index
    if (!this.#hasDelta) {
      for (let w = 0; w < n; w++) {
        const node = from[w]!
        first[w] = offset[node]!
        index[w] = offset[node + 1]!
      }
      for (let w = 0; w < n; w++) {
        const start = first[w]!
        index[w] = start + below(random[w]!, (index[w]! - start) | 0)
      }
      return
    }
    const last = offset.length - 2
    const lastRecord = records.length / 2 - 1
    for (let w = 0; w < n; w++) {
      const node = Math.min(from[w]!, last)
      const frozen = offset[node + 1]! - offset[node]!
      const record = Math.min(from[w]!, lastRecord)
      // The number before the beginning: see delta.ts.
      const fresh = records[2 * record + 1]!
      const begin = records[2 * record]!
      const k = below(random[w]!, frozen + fresh)
      if (k < frozen) index[w] = offset[node]! + k
      else index[w] = -1 - (frozen + fresh === 0 ? 0 : begin + k - frozen)
    }
  }

  /** Overrules choices by the bias, as the kernel's `prefer`. */
  #prefer(n: number, side: Side, random: Uint32Array, coins: Uint32Array): void {
    const bias = this.#bias!
    for (let w = 0; w < n; w++) {
      if (!prefers(bias, coins[w]!)) continue
      const total = preferredCount(side, this.at[w]!, bias)
      if (total === 0) continue
      this.#index[w] = preferredPlace(side, this.at[w]!, bias, below(random[w]!, total))
    }
  }

  #gather(n: number, side: Side, from: Uint32Array, random: Uint32Array, to: Uint32Array): void {
    const { list } = side
    const index = this.#index
    if (!this.#hasDelta) {
      for (let w = 0; w < n; w++) to[w] = list[index[w]!]! & ~GONE
      return
    }
    const view = this.#view!
    const { pool } = view.delta
    const bias = side === view.delta.pins ? this.#bias : undefined
    for (let w = 0; w < n; w++) {
      const i = index[w]!
      const item = i >= 0 ? list[i]! : pool[-1 - i]!
      if (item < GONE || item === NONE) to[w] = item
      else {
        const preference = bias && prefers(bias, this.#randomBoard[w]!) ? bias : undefined
        to[w] = redraw(view, side, from[w]!, random[w]!, preference)
      }
    }
  }

  count(n: number, famous: number): void {
    this.#slots.count(this.at, this.#label, n, famous, this.reached)
  }

  join(boosted: boolean): Joined {
    return this.#slots.join(boosted)
  }

  slots(): Uint32Array {
    return this.#slots.words
  }
}
