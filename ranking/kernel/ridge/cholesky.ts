/**
 * Cholesky factors of a positive matrix and the solution by them, in place: rows of the upper half,
 * whose number is a multiple of eight. What lies below the diagonal is never read.
 */
import { madd, sumOf } from '../lanes'
import { lessAbove } from './tile'

function get(row: usize, column: u32): f32 {
  return load<f32>(row + ((<usize>column) << 2))
}

/** Adds `factor` times the row at `from` to the row at `to`, columns [column, size). */
function addRow(to: usize, from: usize, factor: f32, column: u32, size: u32): void {
  const times = f32x4.splat(factor)
  for (let at = (<usize>column) << 2; at < (<usize>size) << 2; at += 16) {
    v128.store(to + at, madd(times, v128.load(from + at), v128.load(to + at)))
  }
}

/** Makes U of U'U in place of a matrix; `inverses` gets 1 / U(k, k). */
export function factor(matrix: usize, size: u32, inverses: usize): void {
  const width = (<usize>size) << 2
  for (let first: u32 = 0; first < size; first += 4) {
    lessAbove(matrix, size, first)
    for (let row = first; row < first + 4; row++) {
      const own = matrix + <usize>row * width
      const inverse = <f32>1 / sqrt<f32>(get(own, row))
      store<f32>(inverses + ((<usize>row) << 2), inverse)
      const times = f32x4.splat(inverse)
      for (let at = (<usize>first) << 2; at < width; at += 16) {
        v128.store(own + at, f32x4.mul(times, v128.load(own + at)))
      }
      for (let next = row + 1; next < first + 4; next++) {
        addRow(matrix + <usize>next * width, own, -get(own, next), first, size)
      }
    }
  }
}

/** Solves U'Ux = b in place of b. */
export function solve(matrix: usize, size: u32, inverses: usize, x: usize): void {
  const width = (<usize>size) << 2
  for (let first: u32 = 0; first < size; first += 4) {
    for (let row = first; row < first + 4; row++) {
      const own = matrix + <usize>row * width
      const value = get(x, row) * get(inverses, row)
      store<f32>(x + ((<usize>row) << 2), value)
      for (let next = row + 1; next < first + 4; next++) {
        store<f32>(x + ((<usize>next) << 2), get(x, next) - value * get(own, next))
      }
    }
    for (let row = first; row < first + 4; row++) {
      addRow(x, matrix + <usize>row * width, -get(x, row), first + 4, size)
    }
  }
  for (let row = size; row-- > 0; ) {
    const own = matrix + <usize>row * width
    const next = (row | 3) + 1
    let sums = f32x4.splat(0)
    for (let at = (<usize>next) << 2; at < width; at += 16) {
      sums = madd(v128.load(own + at), v128.load(x + at), sums)
    }
    let sum = sumOf(sums)
    for (let column = row + 1; column < next; column++) sum += get(own, column) * get(x, column)
    store<f32>(x + ((<usize>row) << 2), (get(x, row) - sum) * get(inverses, row))
  }
}
