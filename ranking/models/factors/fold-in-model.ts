/** Scores by factors of users who are folded in, whether a fit has seen them or not. */
import type { Gemm } from '../../onnx/index.ts'
import type { BatchModel, Scores, UserBatch } from '../batch-model.ts'
import { type FoldInOptions, SoftmaxFoldIn } from './fold-in.ts'
import type { Factors } from './softmax-factors.ts'

/** One without items scores 0 for everything. */
export class FoldInModel implements BatchModel {
  readonly #factors: Pick<Factors, 'dimensions' | 'items'>
  readonly #gemm: Gemm
  readonly #foldIn: SoftmaxFoldIn

  constructor(
    factors: Pick<Factors, 'dimensions' | 'items'>,
    gemm: Gemm,
    options: Partial<FoldInOptions> = {},
  ) {
    this.#factors = factors
    this.#gemm = gemm
    this.#foldIn = new SoftmaxFoldIn(factors, gemm, options)
  }

  async score({ histories }: UserBatch): Promise<Scores> {
    const { dimensions, items } = this.#factors
    const a = await this.#foldIn.foldIn(histories)
    const b = { rows: items.length / dimensions, columns: dimensions, values: items }
    return this.#gemm.multiply({ a, b, transposeB: true })
  }
}
