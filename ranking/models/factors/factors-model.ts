/** Scores by factors: the product of the user's and every item's. */
import type { Gemm } from '../../onnx/index.ts'
import type { BatchModel, Scores, UserBatch } from '../batch-model.ts'
import { type FoldInOptions, SoftmaxFoldIn } from './fold-in.ts'
import type { Factors } from './softmax-factors.ts'

/**
 * Users whose number has a row of the fit are taken by it, all others are strangers and folded in
 * by their histories. One without items scores 0 for everything.
 */
export class FactorsModel implements BatchModel {
  readonly factors: Factors
  readonly #gemm: Gemm
  readonly #foldIn: SoftmaxFoldIn

  constructor(factors: Factors, gemm: Gemm, options: Partial<FoldInOptions> = {}) {
    this.factors = factors
    this.#gemm = gemm
    this.#foldIn = new SoftmaxFoldIn(factors, gemm, options)
  }

  async score({ users, histories }: UserBatch): Promise<Scores> {
    const { dimensions, users: all, items } = this.factors
    const values = new Float32Array(users.length * dimensions)
    const rowAt = (rows: Float32Array, row: number) =>
      rows.subarray(row * dimensions, (row + 1) * dimensions)
    const isFitted = (user: number) => user >= 0 && user < all.length / dimensions
    const strangers: number[] = []
    users.forEach((user, i) => {
      if (isFitted(user)) values.set(rowAt(all, user), i * dimensions)
      else strangers.push(i)
    })
    if (strangers.length > 0) {
      const folded = await this.#foldIn.foldIn(strangers.map((i) => histories[i]!))
      for (const [row, i] of strangers.entries()) {
        values.set(rowAt(folded.values, row), i * dimensions)
      }
    }
    const a = { rows: users.length, columns: dimensions, values }
    const b = { rows: items.length / dimensions, columns: dimensions, values: items }
    return this.#gemm.multiply({ a, b, transposeB: true })
  }
}
