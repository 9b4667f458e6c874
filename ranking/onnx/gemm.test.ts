import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { Gemm, type Matrix } from './index.ts'

const random = new Random(3)
const matrix = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: Float32Array.from({ length: rows * columns }, () => random.normal()),
})
const at = ({ columns, values }: Matrix, i: number, j: number, transposed: boolean) =>
  transposed ? values[j * columns + i]! : values[i * columns + j]!

test('every form is the sum of products that it stands for', async () => {
  const gemm = new Gemm(1)
  const size = fc.integer({ min: 1, max: 40 })
  const law = fc.asyncProperty(
    fc.record({ rows: size, inner: size, columns: size }),
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom(1, -1, 0.5),
    fc.boolean(),
    async ({ rows, inner, columns }, transposeA, transposeB, alpha, adds) => {
      const a = transposeA ? matrix(inner, rows) : matrix(rows, inner)
      const b = transposeB ? matrix(columns, inner) : matrix(inner, columns)
      const add = matrix(rows, columns)
      const product = { a, b, transposeA, transposeB, alpha, ...(adds && { add }) }
      const found = await gemm.multiply(product)
      expect([found.rows, found.columns]).toEqual([rows, columns])
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0
          for (let k = 0; k < inner; k++) sum += at(a, i, k, transposeA) * at(b, k, j, transposeB)
          const expected = alpha * sum + (adds ? at(add, i, j, false) : 0)
          expect(found.values[i * columns + j]).toBeCloseTo(expected, 4)
        }
      }
    },
  )
  await fc.assert(law, { numRuns: 80, seed: 1 })
})

test('a row is the same to the bit whatever rows are multiplied with it', async () => {
  const gemm = new Gemm(1)
  const [a, b] = [matrix(300, 64), matrix(64, 500)]
  const all = await gemm.multiply({ a, b })
  for (const [first, count] of [
    [0, 1],
    [5, 2],
    [7, 3],
    [44, 256],
  ] as const) {
    const some = {
      rows: count,
      columns: 64,
      values: a.values.slice(first * 64, (first + count) * 64),
    }
    const { values } = await gemm.multiply({ a: some, b })
    expect(values).toEqual(all.values.slice(first * 500, (first + count) * 500))
  }
})
