/** One row of implicit ALS by a dense solution in float64, for tests. */
import { type IalsOptions, ridgeOf } from './ials.ts'

/** What solves a row saved with `list`, where `other` has the factors of the other side. */
export function denseRow(
  other: Float32Array,
  list: Uint32Array,
  options: IalsOptions,
): Float64Array {
  const { dimensions: d, unobserved } = options
  const others = other.length / d
  const ridge = ridgeOf(list.length, others, options)
  const matrix = Array.from({ length: d }, (_, i) => {
    return Float64Array.from({ length: d + 1 }, (_, j) => (i === j ? ridge : 0))
  })
  const add = (row: number, weight: number, right: number) => {
    for (let i = 0; i < d; i++) {
      const value = other[row * d + i]!
      for (let j = 0; j < d; j++) matrix[i]![j]! += weight * value * other[row * d + j]!
      matrix[i]![d]! += right * value
    }
  }
  for (let row = 0; row < others; row++) add(row, unobserved, 0)
  for (const row of list) add(row, 1, 1)
  // Gauss-Jordan; a positive matrix needs no pivots.
  for (let k = 0; k < d; k++) {
    const pivot = matrix[k]!.map((value) => value / matrix[k]![k]!)
    matrix.forEach((own, i) => {
      const factor = own[k]!
      if (i !== k) for (let j = 0; j <= d; j++) own[j]! -= factor * pivot[j]!
    })
    matrix[k] = pivot
  }
  return Float64Array.from(matrix, (own) => own[d]!)
}
