import { describe, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { Gemm, type Matrix } from '../onnx/index.ts'
import { checkDense, gramOf, invertPositive, leadingEigen, rowsFrom, transposed } from './index.ts'

const gemm = new Gemm(1)
const random = new Random(8)

function randomRows(users: number, items: number) {
  const all = Array.from({ length: items }, (_, item) => item)
  return rowsFrom(
    Array.from({ length: users }, () => random.shuffle(all).slice(0, random.below(9))),
  )
}

/** Symmetric, its smallest eigenvalue at least 1. */
async function positive(n: number): Promise<Matrix> {
  const values = Float32Array.from({ length: n * n }, () => random.normal())
  const a: Matrix = { rows: n, columns: n, values }
  const square = await gemm.multiply({ a, b: a, transposeA: true, alpha: 1 / n })
  for (let i = 0; i < n; i++) square.values[i * n + i]! += 1
  return square
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function lessIdentity({ rows, values }: Matrix): Float32Array {
  return values.map((value, at) => value - Number(at % (rows + 1) === 0))
}

test('a Gram matrix is the product of scaled rows that it stands for', () => {
  const items = 12
  const rows = randomRows(40, items)
  const usersOf = transposed(rows, items)
  for (const [userPower, itemPower] of [
    [0, 0],
    [0.5, 0.5],
    [0.3, 0.4],
  ] as const) {
    const { values } = gramOf(rows, items, { userPower, itemPower })
    const entry = (user: number, item: number) => {
      const row = rows.items.subarray(rows.offsets[user]!, rows.offsets[user + 1]!)
      const degree = usersOf.offsets[item + 1]! - usersOf.offsets[item]!
      return row.includes(item) ? row.length ** -userPower * degree ** -itemPower : 0
    }
    for (let i = 0; i < items; i++) {
      for (let j = 0; j < items; j++) {
        let sum = 0
        for (let user = 0; user < 40; user++) sum += entry(user, i) * entry(user, j)
        expect(values[i * items + j]).toBeCloseTo(sum, 5)
      }
    }
  }
})

test('an item that nobody has is nothing to anybody', () => {
  const { values } = gramOf(rowsFrom([[0, 2]]), 3, { userPower: 0.5, itemPower: 0.5 })
  expect(Array.from(values)).toEqual([0.5, 0, 0.5, 0, 0, 0, 0.5, 0, 0.5].map(Math.fround))
})

describe('the inverse of a positive matrix', () => {
  test.each([
    ['one block', 30, 512],
    ['blocks that do not come out even', 150, 40],
    ['blocks and stripes of the usual size', 1_100, 512],
  ])('%s: times the matrix it is the identity', async (_what, n, block) => {
    const matrix = await positive(n)
    const inverse = { ...matrix, values: matrix.values.slice() }
    await invertPositive(gemm, inverse, block)
    const product = await gemm.multiply({ a: matrix, b: inverse })
    expect(largest(lessIdentity(product))).toBeLessThan(1e-4)
  })
})

describe('leading eigenvectors', () => {
  test('are orthonormal, are stretched by their values, and leave nothing greater', async () => {
    const rows = randomRows(400, 120)
    const gram = gramOf(rows, 120, { userPower: 0.5, itemPower: 0.5 })
    const { values, vectors } = await leadingEigen(gemm, gram, { count: 20, iterations: 12 })
    const all = await leadingEigen(gemm, gram, { count: 120 })
    expect([values.length, vectors.columns]).toEqual([20, 20])
    for (const [k, value] of values.entries()) expect(value).toBeCloseTo(all.values[k]!, 4)
    const angles = await gemm.multiply({ a: vectors, b: vectors, transposeA: true })
    expect(largest(lessIdentity(angles))).toBeLessThan(1e-4)
    const image = await gemm.multiply({ a: gram, b: vectors })
    const rest = image.values.map((value, at) => value - values[at % 20]! * vectors.values[at]!)
    expect(largest(rest)).toBeLessThan(1e-3)
  })

  test('of a matrix of rank three are three, however many are asked for', async () => {
    const gram = gramOf(rowsFrom([[0, 1], [0, 1], [2, 3, 4], [5]]), 8, {
      userPower: 0,
      itemPower: 0,
    })
    const { values, vectors } = await leadingEigen(gemm, gram, { count: 8 })
    expect(values.length).toBe(3)
    expect(vectors.columns).toBe(3)
    for (const [k, value] of [4, 3, 1].entries()) expect(values[k]).toBeCloseTo(value, 4)
  })

  test('are the same to the bit for the same seed', async () => {
    const gram = gramOf(randomRows(100, 60), 60, { userPower: 0.5, itemPower: 0.5 })
    const [one, other] = await Promise.all(
      [1, 1].map((seed) => leadingEigen(gemm, gram, { count: 10, seed })),
    )
    expect(one).toEqual(other)
  })
})

test('what would not fit is refused before it is allocated', () => {
  checkDense(1_000, 2, 8_000_000)
  expect(() => checkDense(1_001, 2, 8_000_000)).toThrow('8016008')
  const many = gramOf.bind(undefined, rowsFrom([[0]]), 1_000_000, { userPower: 0, itemPower: 0 })
  expect(many).toThrow(expect.objectContaining({ code: 'MODEL_TOO_LARGE' }))
})
