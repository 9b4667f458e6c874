/**
 * The towers as they serve: plain lists, no session. A pin that was just told of has a vector as
 * soon as its tags are known, a user as soon as they have a save.
 *
 * A pin: slots · width steps; a user: history · width + width². Memory: 4 · width bytes a row of
 * the table of tags and a pin.
 */
import { assert } from '../../../base/index.ts'
import type { Matrix } from '../../onnx/index.ts'
import { type BagShape, bagOf, UNTAGGED_ROW } from './tag-bags.ts'

export type TwoTowerWeights = {
  readonly shape: BagShape & { readonly width: number }
  /** [tagRows, width] */
  readonly tags: Float32Array
  /** Of users: [width, width] and [width]. */
  readonly turn: Float32Array
  readonly offset: Float32Array
  /** Of the pins of the fit, by their number, at length 1: [pins, width]. */
  readonly pins: Float32Array
}

/** The floor of the engine's `unitRows`. */
const LENGTH_MIN = 1e-12

export class TwoTower {
  readonly weights: TwoTowerWeights

  constructor(weights: TwoTowerWeights) {
    const { shape, tags, turn, offset, pins } = weights
    const { width, tagRows } = shape
    const fits =
      tags.length === tagRows * width &&
      turn.length === width * width &&
      offset.length === width &&
      pins.length % width === 0
    assert(fits, 'the lists of a two-tower model are as long as its shape says')
    this.weights = weights
  }

  /** Vectors of all pins of the fit, of length 1: what a vector index takes, row by row. */
  get pins(): Matrix {
    const { shape, pins } = this.weights
    return { rows: pins.length / shape.width, columns: shape.width, values: pins }
  }

  /** What is known of a pin by its tags alone, of length 1. */
  pinVector(tags: readonly string[]): Float32Array {
    const { shape, tags: table } = this.weights
    return pinVector(table, shape.width, bagOf(tags, shape))
  }

  /**
   * One row a history of numbers of pins, of length 1; zeros where it is empty. A cosine with a
   * pin's vector is a score.
   */
  userVectors(histories: readonly ArrayLike<number>[]): Matrix {
    const { width } = this.weights.shape
    const values = new Float32Array(histories.length * width)
    histories.forEach((history, i) => {
      const vectors = Array.from(history, (pin) => {
        return this.weights.pins.subarray(pin * width, (pin + 1) * width)
      })
      values.set(this.userVector(vectors), i * width)
    })
    return { rows: histories.length, columns: width, values }
  }

  /** Of who saved pins with these vectors, whether a fit has seen the pins or not. */
  userVector(vectors: readonly Float32Array[]): Float32Array {
    const { shape, turn, offset } = this.weights
    const { width } = shape
    if (vectors.length === 0) return new Float32Array(width)
    const taste = new Float64Array(width)
    for (const vector of vectors) {
      for (let k = 0; k < width; k++) taste[k]! += vector[k]! / vectors.length
    }
    const turned = Float64Array.from(taste, (own, k) => own + offset[k]!)
    for (let j = 0; j < width; j++) {
      for (let k = 0; k < width; k++) turned[k]! += taste[j]! * turn[j * width + k]!
    }
    return unit(turned)
  }
}

/**
 * The mean of the rows of the bag that a fit has taught, plus what is known of the pin itself, at
 * length 1; where it has taught none, the vector of pins without tags.
 */
export function pinVector(
  table: Float32Array,
  width: number,
  bag: ArrayLike<number>,
  own?: Float32Array,
): Float32Array {
  const sum = new Float64Array(width)
  const taught = Array.from(bag).filter((row) => isTaught(table, width, row))
  const rows = taught.length > 0 ? taught : [UNTAGGED_ROW]
  for (const row of rows) {
    for (let k = 0; k < width; k++) sum[k]! += table[row * width + k]! / rows.length
  }
  if (own) for (let k = 0; k < width; k++) sum[k]! += own[k]!
  return unit(sum)
}

/** Rows that no fit has taught are zeros. */
export function isTaught(table: Float32Array, width: number, row: number): boolean {
  return table.subarray(row * width, (row + 1) * width).some((value) => value !== 0)
}

function unit(of: Float64Array): Float32Array {
  let square = LENGTH_MIN
  for (const value of of) square += value * value
  const scale = 1 / Math.sqrt(square)
  return Float32Array.from(of, (value) => value * scale)
}
