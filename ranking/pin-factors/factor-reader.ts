/**
 * Folds users in and scores pins for them, one reader a thread. The kernel solves a user among the
 * vectors of what they saved alone, which are copied to a small memory of its own.
 *
 * Time, with n saves and d dimensions: n³ / 6 + n² d / 2 steps for n up to d, n d² / 2 + d³ / 6 for
 * more; a score takes d, the best of m pins m d, sixteen at a time.
 */
import { NONE } from '../../base/index.ts'
import { ExactTable, TABLE_K_MAX } from '../ann/index.ts'
import {
  type IalsMemory,
  ialsMemory,
  ridgeOf,
  type SolveRows,
  wasmRidge,
} from '../models/ials/index.ts'
import type { PinFactorsMemory } from './pin-factors.ts'

/** Saves that a user is folded in by: the newest. More than a user's actor remembers. */
export const FOLDED_MAX = 1_024

export class FactorReader {
  readonly #memory: PinFactorsMemory
  readonly #vectors: ExactTable
  readonly #room: IalsMemory
  readonly #solve: SolveRows

  /** As `ExactTable`. */
  constructor(memory: PinFactorsMemory) {
    const { dimensions } = memory.numbers
    const shape = { users: 1, items: FOLDED_MAX, pairs: FOLDED_MAX, dimensions, threads: 1 }
    this.#memory = memory
    this.#vectors = new ExactTable(memory.vectors)
    this.#room = ialsMemory(shape)
    this.#room.diagonal.set(memory.diagonal)
    this.#solve = wasmRidge(this.#room, 0)
  }

  /** One who saved these, newest first; undefined where no saved pin has a vector. */
  fold(saved: readonly number[]): FoldedUser | undefined {
    const { numbers, rowOf, fitted } = this.#memory
    const { users, items } = this.#room
    const { dimensions: d } = numbers
    const rows = new Set<number>()
    for (const pin of saved) {
      const row = rowOf[pin] ?? NONE
      if (row !== NONE) rows.add(row)
      if (rows.size === FOLDED_MAX) break
    }
    if (rows.size === 0) return undefined
    let count = 0
    // Oldest first, as they were fitted.
    for (const row of [...rows].reverse()) {
      items.factors.set(this.#vectors.vectorOf(row), count * d)
      users.indices[count] = count
      count++
    }
    users.offsets[1] = count
    users.ridges[0] = ridgeOf(count, fitted, numbers)
    this.#solve('users', 0, 1)
    return new FoldedUser(this.#memory, this.#vectors, users.factors.slice(0, d))
  }
}

export class FoldedUser {
  readonly #memory: PinFactorsMemory
  readonly #vectors: ExactTable
  /** The user's vector over the deviation of their scores. */
  readonly #scaled: Float32Array
  readonly #mean: number

  constructor(memory: PinFactorsMemory, vectors: ExactTable, vector: Float32Array) {
    const { mean, diagonal, numbers, fitted } = memory
    let [first, second] = [0, 0]
    vector.forEach((value, k) => {
      first += value * mean[k]!
      second += value * value * diagonal[k]!
    })
    const variance = second / (numbers.unobserved * fitted) - first * first
    const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0
    this.#memory = memory
    this.#vectors = vectors
    this.#scaled = vector.map((value) => value * scale)
    this.#mean = first * scale
  }

  /** Deviations above the mean of all pins that have a vector; 0 where a pin has none. */
  scoresOf(pins: ArrayLike<number>): Float32Array {
    const { rowOf } = this.#memory
    const count = pins.length
    const [rows, places] = [new Uint32Array(count), new Uint32Array(count)]
    let known = 0
    for (let i = 0; i < count; i++) {
      const row = rowOf[pins[i]!] ?? NONE
      if (row === NONE) continue
      rows[known] = row
      places[known++] = i
    }
    const products = this.#vectors.productsOf(this.#scaled, rows.subarray(0, known))
    const scores = new Float32Array(count)
    for (let n = 0; n < known; n++) scores[places[n]!] = products[n]! - this.#mean
    return scores
  }

  /** The best of all pins that have a vector, without those that are `out`; ties by row. */
  best(top: number, out: ReadonlySet<number>): { pins: number[]; scores: number[] } {
    const { pinOf, rowOf } = this.#memory
    const lost = [...out].filter((pin) => (rowOf[pin] ?? NONE) !== NONE).length
    const found = this.#vectors.best(this.#scaled, Math.min(top + lost, TABLE_K_MAX))
    const [pins, scores]: [number[], number[]] = [[], []]
    for (let i = 0; i < found.ids.length && pins.length < top; i++) {
      const pin = pinOf[found.ids[i]!]!
      if (out.has(pin)) continue
      pins.push(pin)
      scores.push(Math.fround(found.scores[i]! - this.#mean))
    }
    return { pins, scores }
  }
}
