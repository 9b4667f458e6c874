/**
 * The inverse of a symmetric positive matrix by Gauss-Jordan elimination in blocks: each step
 * clears a block of columns with one product of all rows, so nearly all work is Gemm. Positive
 * matrices need no pivots.
 *
 * Time: 2 n^3 flops. Memory beside the matrix: 4 bytes times n * (2 BLOCK + STRIPE).
 */
import { assert } from '../../base/index.ts'
import type { Gemm, Matrix } from '../onnx/index.ts'
import { inverseOf } from './small.ts'

const BLOCK = 512
/** Rows that one product updates. */
const STRIPE = 1024
/** Blocks below are inverted in float64. */
const SMALL = 64

/** Changes `matrix` into its inverse. */
export async function invertPositive(gemm: Gemm, matrix: Matrix, block = BLOCK): Promise<void> {
  const { rows: n, values } = matrix
  assert(matrix.columns === n, 'a matrix that is inverted is square')
  for (let from = 0; from < n; from += block) {
    const width = Math.min(block, n - from)
    const inverse = await inverseOfBlock(gemm, copyOf(matrix, from, width, from, width))
    const own: Matrix = {
      rows: width,
      columns: n,
      values: values.slice(from * n, (from + width) * n),
    }
    const row = await gemm.multiply({ a: inverse, b: own })
    const column = copyOf(matrix, 0, n, from, width)
    const cleared = await gemm.multiply({ a: column, b: inverse, alpha: -1 })
    for (let first = 0; first < n; first += STRIPE) {
      const count = Math.min(STRIPE, n - first)
      const add = rowsOf(matrix, first, count)
      const a = rowsOf(column, first, count)
      values.set((await gemm.multiply({ a, b: row, alpha: -1, add })).values, first * n)
    }
    values.set(row.values, from * n)
    for (let i = 0; i < n; i++) {
      const isOwn = i >= from && i < from + width
      const source = isOwn ? inverse.values : cleared.values
      const at = (isOwn ? i - from : i) * width
      values.set(source.subarray(at, at + width), i * n + from)
    }
  }
}

async function inverseOfBlock(gemm: Gemm, block: Matrix): Promise<Matrix> {
  if (block.rows <= SMALL) return inverseOf(block)
  await invertPositive(gemm, block, SMALL)
  return block
}

function rowsOf({ columns, values }: Matrix, first: number, count: number): Matrix {
  return {
    rows: count,
    columns,
    values: values.subarray(first * columns, (first + count) * columns),
  }
}

function copyOf(
  { columns, values }: Matrix,
  firstRow: number,
  rows: number,
  firstColumn: number,
  width: number,
): Matrix {
  const copy = new Float32Array(rows * width)
  for (let i = 0; i < rows; i++) {
    const at = (firstRow + i) * columns + firstColumn
    copy.set(values.subarray(at, at + width), i * width)
  }
  return { rows, columns: width, values: copy }
}
