/** Rows of factors: their length, and their normalised form in slices. */
import { madd, sumOf } from '../lanes'
import { dimensions, itemCount, items, itemUnits } from './places'

export function dot(a: usize, b: usize): f32 {
  const end = a + ((<usize>dimensions) << 2)
  let x = f32x4.splat(0)
  let y = f32x4.splat(0)
  for (; a < end; a += 32, b += 32) {
    x = madd(v128.load(a), v128.load(b), x)
    y = madd(v128.load(a, 16), v128.load(b, 16), y)
  }
  return sumOf(f32x4.add(x, y))
}

/** 1 / length; a row of length 0 counts as one of length 1e-12. */
export function inverseLength(row: usize): f32 {
  return <f32>1 / max(sqrt<f32>(dot(row, row)), <f32>1e-12)
}

/** Writes the normalised row as number `index` of `count` rows in slices at `to`. */
export function writeUnit(row: usize, to: usize, index: u32, count: u32): void {
  const scale = f32x4.splat(inverseLength(row))
  const end = row + ((<usize>dimensions) << 2)
  const stride = (<usize>count) << 7
  for (let at = to + ((<usize>index) << 7); row < end; at += stride, row += 128) {
    for (let lane: usize = 0; lane < 128; lane += 16) {
      v128.store(at + lane, f32x4.mul(scale, v128.load(row + lane)))
    }
  }
}

export function unitItems(first: u32, end: u32): void {
  const bytes = (<usize>dimensions) << 2
  for (let item = first; item < end; item++) {
    writeUnit(items + <usize>item * bytes, itemUnits, item, itemCount)
  }
}
