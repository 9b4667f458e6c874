/**
 * The leading eigenvectors of a symmetric positive matrix by a randomised block power iteration
 * with oversampling and a Rayleigh-Ritz step at the end (Halko, Martinsson and Tropp, "Finding
 * structure with randomness", SIAM Review 2011, algorithms 4.4 and 5.3).
 *
 * Time: (iterations + 1) * 2 n^2 k flops with k = count + oversampling. Memory: 12 n k bytes.
 */
import { Random } from '../../base/index.ts'
import type { Gemm, Matrix } from '../onnx/index.ts'
import { eigenOf } from './small.ts'

export type EigenOptions = {
  readonly count: number
  readonly oversampling?: number
  readonly iterations?: number
  readonly seed?: number
}
export const eigenDefaults = Object.freeze({ oversampling: 32, iterations: 5, seed: 1 })

export type LeadingEigen = {
  /** Greatest first. */
  readonly values: Float64Array
  /** A column a value. */
  readonly vectors: Matrix
}

/** As many as `count`, or as the matrix has above nothing. */
export async function leadingEigen(
  gemm: Gemm,
  matrix: Matrix,
  given: EigenOptions,
): Promise<LeadingEigen> {
  const { oversampling, iterations, seed, ...options } = { ...eigenDefaults, ...given }
  const n = matrix.rows
  const count = Math.min(options.count, n)
  const width = Math.min(count + oversampling, n)
  const random = new Random(seed).split('leading eigenvectors')
  const values = Float32Array.from({ length: n * width }, () => random.normal())
  let basis = await orthonormal(gemm, { rows: n, columns: width, values })
  for (let i = 0; i < iterations; i++) {
    basis = await orthonormal(gemm, await gemm.multiply({ a: matrix, b: basis }))
  }
  // Once more: the first time float32 lost some.
  basis = await orthonormal(gemm, basis)
  const image = await gemm.multiply({ a: matrix, b: basis })
  const inside = await gemm.multiply({ a: basis, b: image, transposeA: true })
  const { values: eigenvalues, vectors } = eigenOf(symmetric(inside))
  const found = Math.min(count, basis.columns)
  const turned = await gemm.multiply({ a: basis, b: leftOf(vectors, found) })
  return { values: eigenvalues.slice(0, found), vectors: turned }
}

/** Of a column's square, less is what float32 makes of nothing. */
const DEPENDENT = 1e-6

/** Orthonormal columns that span the same; as many as are independent. */
async function orthonormal(gemm: Gemm, columns: Matrix): Promise<Matrix> {
  const gram = await gemm.multiply({ a: columns, b: columns, transposeA: true })
  const { values, vectors } = eigenOf(symmetric(gram))
  const independent = values.filter((value) => value > DEPENDENT * values[0]!).length
  const turn = leftOf(vectors, Math.max(1, independent))
  for (let at = 0; at < turn.values.length; at++) {
    turn.values[at]! /= Math.sqrt(values[at % turn.columns]!) || 1
  }
  return gemm.multiply({ a: columns, b: turn })
}

function symmetric({ rows, columns, values }: Matrix): Matrix {
  const mean = values.slice()
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const value = (values[i * columns + j]! + values[j * columns + i]!) / 2
      mean[i * columns + j] = value
      mean[j * columns + i] = value
    }
  }
  return { rows, columns, values: mean }
}

function leftOf({ rows, columns, values }: Matrix, count: number): Matrix {
  const left = new Float32Array(rows * count)
  for (let i = 0; i < rows; i++) {
    left.set(values.subarray(i * columns, i * columns + count), i * count)
  }
  return { rows, columns: count, values: left }
}
