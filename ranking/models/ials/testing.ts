/** One row of implicit ALS by a dense solution in float64, for tests and benches. */
import { type IalsOptions, ridgeOf } from './ials.ts'

/** The Gram matrix of one side's factors, row by row. */
export function denseGram(factors: Float32Array, d: number): Float64Array {
  const gram = new Float64Array(d * d)
  for (let from = 0; from < factors.length; from += d) addOuter(gram, factors, from, d)
  return gram
}

/** What solves a row saved with `list`, where `other` has the factors of the other side. */
export function denseRow(
  other: Float32Array,
  gram: Float64Array,
  list: Uint32Array,
  options: IalsOptions,
): Float64Array {
  const { dimensions: d, unobserved } = options
  const matrix = gram.map((value) => unobserved * value)
  const right = new Float64Array(d)
  const ridge = ridgeOf(list.length, other.length / d, options)
  for (let k = 0; k < d; k++) matrix[k * d + k]! += ridge
  for (const row of list) {
    addOuter(matrix, other, row * d, d)
    for (let k = 0; k < d; k++) right[k]! += other[row * d + k]!
  }
  // Gauss-Jordan; a positive matrix needs no pivots.
  for (let k = 0; k < d; k++) {
    const pivot = matrix.subarray(k * d, (k + 1) * d)
    const scale = 1 / pivot[k]!
    for (let j = k; j < d; j++) pivot[j]! *= scale
    right[k]! *= scale
    for (let i = 0; i < d; i++) {
      const factor = matrix[i * d + k]!
      if (i === k || factor === 0) continue
      for (let j = k; j < d; j++) matrix[i * d + j]! -= factor * pivot[j]!
      right[i]! -= factor * right[k]!
    }
  }
  return right
}

function addOuter(matrix: Float64Array, factors: Float32Array, from: number, d: number): void {
  for (let i = 0; i < d; i++) {
    const value = factors[from + i]!
    for (let j = 0; j < d; j++) matrix[i * d + j]! += value * factors[from + j]!
  }
}
