/** Factorisations of small matrices in float64: the sole importer of ml-matrix. */
import { EigenvalueDecomposition, inverse, Matrix as SmallMatrix } from 'ml-matrix'
import type { Matrix } from '../onnx/index.ts'

export function inverseOf(matrix: Matrix): Matrix {
  return large(inverse(small(matrix)))
}

/** Eigenvalues, greatest first, and their vectors as columns. */
export function eigenOf(symmetric: Matrix): { values: Float64Array; vectors: Matrix } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(small(symmetric), {
    assumeSymmetric: true,
  })
  const order = realEigenvalues
    .map((_, i) => i)
    .sort((a, b) => {
      return realEigenvalues[b]! - realEigenvalues[a]!
    })
  const values = Float64Array.from(order, (i) => realEigenvalues[i]!)
  return { values, vectors: large(eigenvectorMatrix.subMatrixColumn(order)) }
}

function small({ rows, columns, values }: Matrix): SmallMatrix {
  return SmallMatrix.from1DArray(rows, columns, values)
}

function large(matrix: SmallMatrix): Matrix {
  const { rows, columns } = matrix
  return { rows, columns, values: Float32Array.from(matrix.to1DArray()) }
}
