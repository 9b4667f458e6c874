/**
 * Models whose score is linear in a user's history: the sum over its items of a row of weights,
 * dense, of low rank, or both. A new save needs no fit.
 *
 * Time of a batch: history length * items adds where dense, 2 * users * rank * items flops where
 * not.
 */
import { assert } from '../../base/index.ts'
import type { Gemm, Matrix } from '../onnx/index.ts'
import type { BatchModel, Scores, UserBatch } from './batch-model.ts'

export type LinearWeights = {
  readonly items: number
  /** Row i: what item i of a history adds to every item. */
  readonly dense?: Matrix
  /** The same as a product, items by rank and rank by items. */
  readonly left?: Matrix
  readonly right?: Matrix
}

export class LinearModel implements BatchModel {
  readonly weights: LinearWeights
  readonly #gemm: Gemm

  constructor(weights: LinearWeights, gemm: Gemm) {
    const { dense, left, right } = weights
    assert(dense !== undefined || (left !== undefined && right !== undefined), 'there are weights')
    this.weights = weights
    this.#gemm = gemm
  }

  async score({ histories }: UserBatch): Promise<Scores> {
    const { dense, left, right } = this.weights
    if (!left || !right) return sumsOf(dense!, histories)
    const add = dense && sumsOf(dense, histories)
    return this.#gemm.multiply({ a: sumsOf(left, histories), b: right, ...(add && { add }) })
  }
}

/** For each list the sum of those rows of a matrix. */
function sumsOf({ columns, values }: Matrix, lists: readonly Uint32Array[]): Matrix {
  const sums = new Float32Array(lists.length * columns)
  lists.forEach((list, r) => {
    const into = sums.subarray(r * columns, (r + 1) * columns)
    for (const row of list) {
      const from = row * columns
      for (let j = 0; j < columns; j++) into[j]! += values[from + j]!
    }
  })
  return { rows: lists.length, columns, values: sums }
}
