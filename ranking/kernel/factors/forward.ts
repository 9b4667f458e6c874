/** Cosines of the examples with what was drawn, and the softmax over them. */

import { madd, sumOf, sumsOf } from '../lanes'
import { exponential } from './exponential'
import {
  batch,
  dimensions,
  drawn,
  exampleUnits,
  itemCount,
  itemUnits,
  margins,
  negatives,
  sums,
  weights,
} from './places'

/** Cosines of examples [first, end), slice by slice. */
export function dots(first: u32, end: u32): void {
  const slices = dimensions >> 5
  for (let slice: u32 = 0; slice < slices; slice++) {
    const rows = itemUnits + ((<usize>slice * <usize>itemCount) << 7)
    const own = exampleUnits + ((<usize>slice * <usize>batch) << 7)
    const stride = (<usize>(negatives + 1)) << 2
    let at = <usize>first * stride
    for (let example = first; example < end; example++, at += stride) {
      dotsOf(own + ((<usize>example) << 7), rows, drawn + at, weights + at, slice !== 0)
    }
  }
}

function rowAt(rows: usize, index: usize): usize {
  return rows + ((<usize>load<u32>(index)) << 7)
}

/**
 * One slice of one example: four rows at a time, the example's own in registers. Written out, as
 * the compiler would call a function of one row four times.
 */
function dotsOf(own: usize, rows: usize, index: usize, to: usize, more: bool): void {
  const p0 = v128.load(own)
  const p1 = v128.load(own, 16)
  const p2 = v128.load(own, 32)
  const p3 = v128.load(own, 48)
  const p4 = v128.load(own, 64)
  const p5 = v128.load(own, 80)
  const p6 = v128.load(own, 96)
  const p7 = v128.load(own, 112)
  const end = index + ((<usize>negatives) << 2)
  const zero = f32x4.splat(0)
  for (; index < end; index += 16, to += 16) {
    const q = rowAt(rows, index)
    const r = rowAt(rows, index + 4)
    const s = rowAt(rows, index + 8)
    const t = rowAt(rows, index + 12)
    let a = f32x4.mul(p0, v128.load(q))
    let b = f32x4.mul(p0, v128.load(r))
    let c = f32x4.mul(p0, v128.load(s))
    let d = f32x4.mul(p0, v128.load(t))
    a = madd(p1, v128.load(q, 16), a)
    b = madd(p1, v128.load(r, 16), b)
    c = madd(p1, v128.load(s, 16), c)
    d = madd(p1, v128.load(t, 16), d)
    a = madd(p2, v128.load(q, 32), a)
    b = madd(p2, v128.load(r, 32), b)
    c = madd(p2, v128.load(s, 32), c)
    d = madd(p2, v128.load(t, 32), d)
    a = madd(p3, v128.load(q, 48), a)
    b = madd(p3, v128.load(r, 48), b)
    c = madd(p3, v128.load(s, 48), c)
    d = madd(p3, v128.load(t, 48), d)
    a = madd(p4, v128.load(q, 64), a)
    b = madd(p4, v128.load(r, 64), b)
    c = madd(p4, v128.load(s, 64), c)
    d = madd(p4, v128.load(t, 64), d)
    a = madd(p5, v128.load(q, 80), a)
    b = madd(p5, v128.load(r, 80), b)
    c = madd(p5, v128.load(s, 80), c)
    d = madd(p5, v128.load(t, 80), d)
    a = madd(p6, v128.load(q, 96), a)
    b = madd(p6, v128.load(r, 96), b)
    c = madd(p6, v128.load(s, 96), c)
    d = madd(p6, v128.load(t, 96), d)
    a = madd(p7, v128.load(q, 112), a)
    b = madd(p7, v128.load(r, 112), b)
    c = madd(p7, v128.load(s, 112), c)
    d = madd(p7, v128.load(t, 112), d)
    const before = more ? v128.load(to) : zero
    v128.store(to, f32x4.add(before, sumsOf(a, b, c, d)))
  }
  const saved = rowAt(rows, index)
  let x = zero
  for (let lane: usize = 0; lane < 128; lane += 16) {
    x = madd(v128.load(own + lane), v128.load(saved + lane), x)
  }
  store<f32>(to, (more ? load<f32>(to) : 0) + sumOf(x))
}

/**
 * Turns cosines into the loss's derivative by each: (softmax - 1 if saved) × sharpness × share,
 * where sharpness is 1 / temperature and share 1 / the batch's examples.
 */
export function softmax(first: u32, end: u32, sharpness: f32, share: f32): void {
  const stride = (<usize>(negatives + 1)) << 2
  const sharp = f32x4.splat(sharpness)
  for (let example = first; example < end; example++) {
    const begin = weights + <usize>example * stride
    const saved = begin + stride - 4
    let most = v128.load32_splat(saved)
    for (let at = begin; at < saved; at += 16) most = f32x4.max(most, v128.load(at))
    most = f32x4.max(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1))
    most = f32x4.max(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2))
    let total = f32x4.splat(0)
    for (let at = begin; at < saved; at += 16) {
      const power = exponential(f32x4.mul(sharp, f32x4.sub(v128.load(at), most)))
      v128.store(at, power)
      total = f32x4.add(total, power)
    }
    const margin = f32x4.mul(sharp, f32x4.sub(most, v128.load32_splat(saved)))
    const own = f32x4.extract_lane(exponential(f32x4.neg(margin)), 0)
    const sum = sumOf(total) + own
    const scale = sharpness * share
    const factor = f32x4.splat(scale / sum)
    for (let at = begin; at < saved; at += 16) {
      v128.store(at, f32x4.mul(factor, v128.load(at)))
    }
    store<f32>(saved, (own / sum - 1) * scale)
    store<f32>(sums + ((<usize>example) << 2), sum)
    store<f32>(margins + ((<usize>example) << 2), f32x4.extract_lane(margin, 0))
  }
}
