/** Rows: what they are saved with is gathered, and the smaller of two matrices solved. */
import { madd, sumOf } from '../lanes'
import { factor, solve } from './cholesky'
import { addSquare } from './tile'

/** Rows that are gathered at once where there are many: they stay in the first cache. */
const SOME: u32 = 32

let dimensions: u32 = 0
/** Of all rows: what D is without the row's own ridge. */
let shared: usize = 0
/** Scratch of the thread: two matrices, then rows of one number a dimension. */
let gathered: usize = 0
let matrix: usize = 0
let right: usize = 0
let inverses: usize = 0
let scale: usize = 0
let zeros: usize = 0

/** `scratch` has 2 d^2 + 4 d floats, all zero at first. */
export function bind(d: u32, diagonal: usize, scratch: usize): void {
  const square = (<usize>d * <usize>d) << 2
  const row = (<usize>d) << 2
  dimensions = d
  shared = diagonal
  gathered = scratch
  matrix = gathered + square
  right = matrix + square
  inverses = right + row
  scale = inverses + row
  zeros = scale + row
}

/**
 * Solves rows [first, end): row r is saved with indices[offsets[r] .. offsets[r + 1]) of the rows
 * at `from`, its ridge is ridges[r], and the solution goes to row r at `to`.
 */
export function solveRows(
  first: u32,
  end: u32,
  offsets: usize,
  indices: usize,
  ridges: usize,
  from: usize,
  to: usize,
): void {
  const bytes = (<usize>dimensions) << 2
  for (let row = first; row < end; row++) {
    const begin = load<u32>(offsets + ((<usize>row) << 2))
    const count = load<u32>(offsets + ((<usize>row) << 2), 4) - begin
    const own = indices + ((<usize>begin) << 2)
    const ridge = load<f32>(ridges + ((<usize>row) << 2))
    const into = to + <usize>row * bytes
    if (count === 0) memory.fill(into, 0, bytes)
    else if (count <= dimensions) bySaves(own, count, ridge, from, into)
    else byDimensions(own, count, ridge, from, into)
  }
}

/** Where the row number `at` of a list lies; beyond its end, nothing but zeros. */
function rowOf(indices: usize, at: u32, count: u32, from: usize): usize {
  if (at >= count) return zeros
  const bytes = (<usize>dimensions) << 2
  return from + <usize>load<u32>(indices + ((<usize>at) << 2)) * bytes
}

/** x = D^-1/2 P' (I + PP')^-1 1. Saves are filled up to a multiple of eight with rows of zeros. */
function bySaves(indices: usize, count: u32, ridge: f32, from: usize, into: usize): void {
  const size = (count + 7) & ~7
  const bytes = (<usize>dimensions) << 2
  const width = (<usize>size) << 2
  const one = f32x4.splat(1)
  for (let k: usize = 0; k < bytes; k += 16) {
    const d = f32x4.add(v128.load(shared + k), f32x4.splat(ridge))
    v128.store(scale + k, f32x4.div(one, f32x4.sqrt(d)))
  }
  for (let at: u32 = 0; at < size; at += 4) gatherFour(indices, at, count, from, width)
  memory.fill(matrix, 0, <usize>size * width)
  for (let k: u32 = 0; k < size; k++) {
    store<f32>(matrix + <usize>k * (width + 4), 1)
    store<f32>(right + ((<usize>k) << 2), k < count ? 1 : 0)
  }
  addSquare(matrix, size, gathered, dimensions)
  factor(matrix, size, inverses)
  solve(matrix, size, inverses, right)
  for (let k: usize = 0; k < <usize>dimensions; k++) {
    const row = gathered + k * width
    let sums = f32x4.splat(0)
    for (let at: usize = 0; at < width; at += 16) {
      sums = madd(v128.load(row + at), v128.load(right + at), sums)
    }
    store<f32>(into + (k << 2), sumOf(sums) * load<f32>(scale + (k << 2)))
  }
}

/** Four rows, scaled, as four columns of what is gathered. */
function gatherFour(indices: usize, at: u32, count: u32, from: usize, width: usize): void {
  const row0 = rowOf(indices, at, count, from)
  const row1 = rowOf(indices, at + 1, count, from)
  const row2 = rowOf(indices, at + 2, count, from)
  const row3 = rowOf(indices, at + 3, count, from)
  const bytes = (<usize>dimensions) << 2
  let to = gathered + ((<usize>at) << 2)
  for (let k: usize = 0; k < bytes; k += 16, to += width << 2) {
    const s = v128.load(scale + k)
    const a = f32x4.mul(s, v128.load(row0 + k))
    const b = f32x4.mul(s, v128.load(row1 + k))
    const c = f32x4.mul(s, v128.load(row2 + k))
    const d = f32x4.mul(s, v128.load(row3 + k))
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
    const AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
    const CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<i32>(ab, cd, 0, 1, 4, 5))
    v128.store(to + width, v128.shuffle<i32>(ab, cd, 2, 3, 6, 7))
    v128.store(to + (width << 1), v128.shuffle<i32>(AB, CD, 0, 1, 4, 5))
    v128.store(to + width * 3, v128.shuffle<i32>(AB, CD, 2, 3, 6, 7))
  }
}

/** x = (D + F'F)^-1 F'1, some rows of F after others. */
function byDimensions(indices: usize, count: u32, ridge: f32, from: usize, into: usize): void {
  const bytes = (<usize>dimensions) << 2
  memory.fill(matrix, 0, <usize>dimensions * bytes)
  memory.fill(into, 0, bytes)
  for (let k: usize = 0; k < <usize>dimensions; k++) {
    store<f32>(matrix + k * (bytes + 4), load<f32>(shared + (k << 2)) + ridge)
  }
  const most = min(SOME, dimensions)
  for (let at: u32 = 0; at < count; at += most) {
    const some = min(most, count - at)
    for (let n: u32 = 0; n < some; n++) {
      const row = rowOf(indices, at + n, count, from)
      const to = gathered + <usize>n * bytes
      for (let k: usize = 0; k < bytes; k += 16) {
        const value = v128.load(row + k)
        v128.store(to + k, value)
        v128.store(into + k, f32x4.add(v128.load(into + k), value))
      }
    }
    addSquare(matrix, dimensions, gathered, some)
  }
  factor(matrix, dimensions, inverses)
  solve(matrix, dimensions, inverses, into)
}
