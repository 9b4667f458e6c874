/** Products of columns by tiles: all that takes time, of sums and of factors. */
import { madd } from '../lanes'

/**
 * Adds to a tile of 4 rows by 8 columns at `at`, rows `width` bytes apart, `sign` times the sum
 * over `count` rows, as far apart, of four numbers at `left` times eight at `right`.
 */
function addTile(at: usize, width: usize, left: usize, right: usize, count: u32, sign: v128): void {
  let a = f32x4.splat(0)
  let b = a
  let c = a
  let d = a
  let e = a
  let f = a
  let g = a
  let h = a
  for (let k: u32 = 0; k < count; k++, left += width, right += width) {
    const y = v128.load(right)
    const z = v128.load(right, 16)
    let x = v128.load32_splat(left)
    a = madd(x, y, a)
    b = madd(x, z, b)
    x = v128.load32_splat(left, 4)
    c = madd(x, y, c)
    d = madd(x, z, d)
    x = v128.load32_splat(left, 8)
    e = madd(x, y, e)
    f = madd(x, z, f)
    x = v128.load32_splat(left, 12)
    g = madd(x, y, g)
    h = madd(x, z, h)
  }
  addTo(at, a, b, sign)
  addTo(at + width, c, d, sign)
  addTo(at + (width << 1), e, f, sign)
  addTo(at + width * 3, g, h, sign)
}

function addTo(at: usize, x: v128, y: v128, sign: v128): void {
  v128.store(at, madd(sign, x, v128.load(at)))
  v128.store(at, madd(sign, y, v128.load(at, 16)), 16)
}

/** Adds X'X to the upper half of `matrix`, where X has `count` rows of `size` columns at `rows`. */
export function addSquare(matrix: usize, size: u32, rows: usize, count: u32): void {
  const plus = f32x4.splat(1)
  for (let row: u32 = 0; row < size; row += 4) addTiles(matrix, size, row, rows, count, plus)
}

/** Takes U'U of the rows above from rows [row, row + 4) of `matrix`, from the diagonal on. */
export function lessAbove(matrix: usize, size: u32, row: u32): void {
  addTiles(matrix, size, row, matrix, row, f32x4.splat(-1))
}

/** The tiles of four rows, from that of the diagonal on. */
function addTiles(matrix: usize, size: u32, row: u32, rows: usize, count: u32, sign: v128): void {
  const width = (<usize>size) << 2
  const left = rows + ((<usize>row) << 2)
  const own = matrix + <usize>row * width
  for (let at = (<usize>(row & ~7)) << 2; at < width; at += 32) {
    addTile(own + at, width, left, rows + at, count, sign)
  }
}
