/**
 * The kernel in TypeScript, by plain loops: what the WASM one is tested against and measured by. It
 * reckons in double precision and keeps its results, as that does, in single.
 */
import type { FitKernel, Step } from './fit-kernel.ts'
import { type FitArrays, type FitMemory, type FitShape, SLICE } from './fit-memory.ts'

export class TwinFitKernel implements FitKernel {
  readonly #shape: FitShape
  readonly #arrays: FitArrays
  readonly #thread: number
  /** Of one row, by its normalised form. */
  readonly #gradient: Float64Array

  constructor({ shape, arrays }: FitMemory, thread: number) {
    this.#shape = shape
    this.#arrays = arrays
    this.#thread = thread
    this.#gradient = new Float64Array(shape.dimensions)
  }

  unitItems(first: number, end: number): void {
    const { items, itemUnits } = this.#arrays
    for (let item = first; item < end; item++) {
      this.#writeUnit(items, item, itemUnits, item, this.#shape.items)
    }
  }

  draw(first: number, end: number, from: number, salt: number): void {
    const { negatives, items, batch } = this.#shape
    const { drawn, counts, order, pairItem, pairUser, users, exampleUnits } = this.#arrays
    const own = counts.subarray(this.#thread * items, (this.#thread + 1) * items).fill(0)
    for (let example = first; example < end; example++) {
      const at = example * (negatives + 1)
      const key = mixed(salt + Math.imul(example, GOLDEN))
      for (let j = 0; j < negatives; j++) {
        drawn[at + j] = Math.floor((mixed(key + Math.imul(j, GOLDEN)) / 2 ** 32) * items)
      }
      const pair = order[from + example]!
      drawn[at + negatives] = pairItem[pair]!
      for (let j = 0; j <= negatives; j++) own[drawn[at + j]!]!++
      this.#writeUnit(users, pairUser[pair]!, exampleUnits, example, batch)
    }
  }

  dots(first: number, end: number): void {
    const { negatives, items, batch, dimensions } = this.#shape
    const { drawn, weights, exampleUnits, itemUnits } = this.#arrays
    for (let example = first; example < end; example++) {
      for (let j = 0; j <= negatives; j++) {
        const at = example * (negatives + 1) + j
        let sum = 0
        for (let k = 0; k < dimensions; k++) {
          const own = exampleUnits[sliced(example, k, batch)]!
          sum += own * itemUnits[sliced(drawn[at]!, k, items)]!
        }
        weights[at] = sum
      }
    }
  }

  softmax(first: number, end: number, sharpness: number, share: number): void {
    const { negatives } = this.#shape
    const { weights, sums, margins } = this.#arrays
    for (let example = first; example < end; example++) {
      const at = example * (negatives + 1)
      const own = weights.subarray(at, at + negatives + 1)
      const most = own.reduce((a, b) => Math.max(a, b))
      margins[example] = sharpness * (most - own[negatives]!)
      const powers = Array.from(own, (cosine) => Math.exp(sharpness * (cosine - most)))
      const sum = powers.reduce((a, b) => a + b)
      sums[example] = sum
      powers.forEach((power, j) => {
        own[j] = (power / sum - (j === negatives ? 1 : 0)) * sharpness * share
      })
    }
  }

  /** An entry is an example and a coefficient's bits. */
  scatter(first: number, end: number): void {
    const { negatives, items, threads } = this.#shape
    const { counts, cursors, drawn, weights, entries } = this.#arrays
    const own = cursors.subarray(this.#thread * items, (this.#thread + 1) * items)
    let total = 0
    for (let item = 0; item < items; item++) {
      for (let thread = 0; thread < threads; thread++) {
        if (thread === this.#thread) own[item] = total
        total += counts[thread * items + item]!
      }
    }
    const bits = new Uint32Array(weights.buffer, weights.byteOffset, weights.length)
    for (let example = first; example < end; example++) {
      for (let j = 0; j <= negatives; j++) {
        const at = example * (negatives + 1) + j
        const entry = own[drawn[at]!]!++
        entries[entry * 2] = example
        entries[entry * 2 + 1] = bits[at]!
      }
    }
  }

  userGradients(first: number, end: number): void {
    const { negatives, items, dimensions } = this.#shape
    const { drawn, weights, itemUnits, exampleGradient } = this.#arrays
    for (let example = first; example < end; example++) {
      const sum = this.#gradient.fill(0)
      const last = (example + 1) * (negatives + 1)
      for (let at = example * (negatives + 1); at < last; at++) {
        const weight = weights[at]!
        const item = drawn[at]!
        for (let k = 0; k < dimensions; k++) sum[k]! += weight * itemUnits[sliced(item, k, items)]!
      }
      exampleGradient.set(sum, example * dimensions)
    }
  }

  usersStep(first: number, end: number, from: number, step: Step): void {
    const { dimensions } = this.#shape
    const { order, pairUser, exampleGradient, users, userMean, userSquare } = this.#arrays
    const userOf = (example: number) => pairUser[order[from + example]!]!
    for (let example = first; example < end; ) {
      const user = userOf(example)
      const sum = this.#gradient.fill(0)
      for (; example < end && userOf(example) === user; example++) {
        for (let k = 0; k < dimensions; k++) sum[k]! += exampleGradient[example * dimensions + k]!
      }
      this.#step({ rows: users, mean: userMean, square: userSquare }, user, step)
    }
  }

  itemGradients(first: number, end: number): void {
    const { items, batch, dimensions } = this.#shape
    const { entries, exampleUnits, itemGradient } = this.#arrays
    const weights = new Float32Array(entries.buffer, entries.byteOffset, entries.length)
    for (let item = first; item < end; item++) {
      const sum = this.#gradient.fill(0)
      for (let entry = this.#endOf(item - 1); entry < this.#endOf(item); entry++) {
        const example = entries[entry * 2]!
        const weight = weights[entry * 2 + 1]!
        for (let k = 0; k < dimensions; k++) {
          sum[k]! += weight * exampleUnits[sliced(example, k, batch)]!
        }
      }
      for (let k = 0; k < dimensions; k++) itemGradient[sliced(item, k, items)] = sum[k]!
    }
  }

  itemsStep(first: number, end: number, step: Step): void {
    const { items: count, dimensions } = this.#shape
    const { itemGradient, items, itemMean, itemSquare, itemUnits } = this.#arrays
    for (let item = first; item < end; item++) {
      if (this.#endOf(item - 1) === this.#endOf(item)) continue
      const gradient = this.#gradient
      for (let k = 0; k < dimensions; k++) gradient[k] = itemGradient[sliced(item, k, count)]!
      this.#step({ rows: items, mean: itemMean, square: itemSquare }, item, step)
      this.#writeUnit(items, item, itemUnits, item, count)
    }
  }

  /** The end of an item's entries, when all threads have written theirs. */
  #endOf(item: number): number {
    const { items, threads } = this.#shape
    return item < 0 ? 0 : this.#arrays.cursors[(threads - 1) * items + item]!
  }

  #length(rows: Float32Array, row: number): number {
    const { dimensions } = this.#shape
    let square = 0
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) square += rows[i]! * rows[i]!
    return Math.max(Math.sqrt(square), 1e-12)
  }

  #writeUnit(rows: Float32Array, row: number, to: Float32Array, at: number, count: number): void {
    const { dimensions } = this.#shape
    const length = this.#length(rows, row)
    for (let k = 0; k < dimensions; k++) {
      to[sliced(at, k, count)] = rows[row * dimensions + k]! / length
    }
  }

  /** Adam, with the gradient by the normalised row led through the normalisation. */
  #step(table: Table, row: number, { rate, spread }: Step): void {
    const { dimensions } = this.#shape
    const gradient = this.#gradient
    const { rows, mean, square } = table
    const length = this.#length(rows, row)
    const at = row * dimensions
    let along = 0
    for (let k = 0; k < dimensions; k++) along += (gradient[k]! * rows[at + k]!) / length
    for (let k = 0; k < dimensions; k++) {
      const i = at + k
      const g = (gradient[k]! - (along * rows[i]!) / length) / length
      const m = 0.9 * mean[i]! + 0.1 * g
      const v = 0.999 * square[i]! + 0.001 * g * g
      mean[i] = m
      square[i] = v
      rows[i] = rows[i]! - (rate * m) / (Math.sqrt(v) * spread + 1e-8)
    }
  }
}

type Table = {
  readonly rows: Float32Array
  readonly mean: Float32Array
  readonly square: Float32Array
}

/** Where dimension k of a row of `count` rows in slices lies. */
function sliced(row: number, k: number, count: number): number {
  const slice = Math.floor(k / SLICE)
  return (slice * count + row) * SLICE + (k % SLICE)
}

const GOLDEN = 0x9e3779b9

/** The finisher of MurmurHash3, of the lowest 32 bits. */
function mixed(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
