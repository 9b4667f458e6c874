/**
 * The Gram matrix of scaled rows, items by items: entry (i, j) is the sum over users who have both
 * of length(user) ** -2a, times degree(i) ** -b * degree(j) ** -b. With a = b = 0 it counts who has
 * both; with a = b = 1/2 it is the normalised adjacency of GF-CF.
 *
 * Time: the sum of squared row lengths. Memory: 4 bytes times items squared.
 */
import { pinwheelError } from '../../base/index.ts'
import type { Matrix } from '../onnx/index.ts'
import { degreesOf, type Rows, transposed } from './rows.ts'

export type GramOptions = {
  /** a: how much users with many items weigh less. */
  readonly userPower: number
  /** b: how much items that many have weigh less. */
  readonly itemPower: number
}

/** Bytes that one dense model may take. */
export const denseBytesMax = 6 * 2 ** 30

/**
 * MODEL_TOO_LARGE when `copies` matrices of items by items take more than `bytesMax`.
 */
export function checkDense(items: number, copies: number, bytesMax = denseBytesMax): void {
  const bytes = 4 * items * items * copies
  if (bytes <= bytesMax) return
  const reason = `of ${items} items, and the most is ${bytesMax}`
  throw pinwheelError('MODEL_TOO_LARGE', { bytes, reason })
}

/** Of rows without repeats. MODEL_TOO_LARGE. */
export function gramOf(rows: Rows, items: number, { userPower, itemPower }: GramOptions): Matrix {
  checkDense(items, 1)
  const values = new Float32Array(items * items)
  const usersOf = transposed(rows, items)
  const users = rows.offsets.length - 1
  const gain = Float64Array.from({ length: users }, (_, user) => {
    return (rows.offsets[user + 1]! - rows.offsets[user]!) ** (-2 * userPower)
  })
  const scale = Float64Array.from(degreesOf(rows, items), (degree) => {
    return degree === 0 ? 0 : degree ** -itemPower
  })
  const sums = new Float64Array(items)
  for (let item = 0; item < items; item++) {
    for (let at = usersOf.offsets[item]!; at < usersOf.offsets[item + 1]!; at++) {
      const user = usersOf.items[at]!
      const end = rows.offsets[user + 1]!
      for (let i = rows.offsets[user]!; i < end; i++) sums[rows.items[i]!]! += gain[user]!
    }
    const row = values.subarray(item * items, (item + 1) * items)
    for (let other = 0; other < items; other++) {
      if (sums[other] === 0) continue
      row[other] = sums[other]! * scale[item]! * scale[other]!
      sums[other] = 0
    }
  }
  return { rows: items, columns: items, values }
}
