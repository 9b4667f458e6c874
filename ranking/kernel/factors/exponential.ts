/**
 * exp of four numbers at once, relative error below 2e-7 from -87 to 0 (tested over the range):
 * x = n ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts so that r is exact, a polynomial of degree
 * 7 for e^r, and 2^n by way of the exponent's bits. Coefficients: Cephes, `expf`.
 */
import { madd } from '../lanes'

export function exponential(given: v128): v128 {
  const x = f32x4.max(given, f32x4.splat(-87))
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)))
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)))
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.splat(-2.1219444e-4)))
  let p = f32x4.splat(1.98756915e-4)
  p = madd(p, r, f32x4.splat(1.3981999507e-3))
  p = madd(p, r, f32x4.splat(8.3334519073e-3))
  p = madd(p, r, f32x4.splat(4.1665795894e-2))
  p = madd(p, r, f32x4.splat(1.6666665459e-1))
  p = madd(p, r, f32x4.splat(5.0000001201e-1))
  const y = f32x4.add(madd(p, f32x4.mul(r, r), r), f32x4.splat(1))
  return i32x4.add(y, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23))
}

/** In place, for a multiple of four numbers up to 0. */
export function exponentials(at: usize, n: u32): void {
  const end = at + ((<usize>n) << 2)
  for (; at < end; at += 16) v128.store(at, exponential(v128.load(at)))
}
