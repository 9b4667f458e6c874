/** Scores by factors: the product of the user's and every item's. */
import type { Gemm } from '../../onnx/index.ts'
import type { BatchModel, Scores, UserBatch } from '../batch-model.ts'
import type { Factors } from './softmax-factors.ts'

/** Of users whose factors were fitted; one without items scores 0 for everything. */
export class FactorsModel implements BatchModel {
  readonly factors: Factors
  readonly #gemm: Gemm

  constructor(factors: Factors, gemm: Gemm) {
    this.factors = factors
    this.#gemm = gemm
  }

  score({ users }: UserBatch): Promise<Scores> {
    const { dimensions, users: all, items } = this.factors
    const values = new Float32Array(users.length * dimensions)
    users.forEach((user, i) => {
      values.set(all.subarray(user * dimensions, (user + 1) * dimensions), i * dimensions)
    })
    const a = { rows: users.length, columns: dimensions, values }
    const b = { rows: items.length / dimensions, columns: dimensions, values: items }
    return this.#gemm.multiply({ a, b, transposeB: true })
  }
}
