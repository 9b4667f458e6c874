/**
 * EASE: every item as a linear function of the others, in closed form (Steck, "Embarrassingly
 * Shallow Autoencoders for Sparse Data", WWW 2019); and its degree-scaled form, the same over rows
 * and items scaled by powers of their counts, scaled back after.
 *
 * With P = (G + lambda I)^-1 the weight of i for j is -P(i, j) / P(j, j), 0 where i = j. Time: 2
 * items^3 flops. Memory: 4 bytes times items squared, twice for a moment.
 */

import { checkDense, degreesOf, gramOf, invertPositive, type Rows } from '../algebra/index.ts'
import type { Gemm } from '../onnx/index.ts'
import { LinearModel } from './linear-model.ts'

export type EaseOptions = {
  /** Of the ridge, in units of the scaled Gram matrix. */
  readonly lambda: number
  readonly userPower: number
  readonly itemPower: number
}
export const easeDefaults: EaseOptions = Object.freeze({
  lambda: 300,
  userPower: 0,
  itemPower: 0,
})

/** Of rows without repeats. MODEL_TOO_LARGE. */
export async function fitEase(
  rows: Rows,
  items: number,
  gemm: Gemm,
  options: EaseOptions = easeDefaults,
): Promise<LinearModel> {
  checkDense(items, 2)
  const { lambda, itemPower } = options
  const weights = gramOf(rows, items, options)
  const { values } = weights
  for (let i = 0; i < items; i++) values[i * items + i]! += lambda
  await invertPositive(gemm, weights)
  const degrees = degreesOf(rows, items)
  const scale = Float64Array.from(degrees, (degree) => (degree === 0 ? 0 : degree ** itemPower))
  // Row i is scaled by what its item weighed, column j by the same of its own, upside down.
  const column = Float64Array.from(scale, (s, j) => -s / values[j * items + j]!)
  for (let i = 0; i < items; i++) {
    const row = values.subarray(i * items, (i + 1) * items)
    const own = scale[i] === 0 ? 0 : 1 / scale[i]!
    for (let j = 0; j < items; j++) row[j]! *= own * column[j]!
    row[i] = 0
  }
  return new LinearModel({ items, dense: weights }, gemm)
}
