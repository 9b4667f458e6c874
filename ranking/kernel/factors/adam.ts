/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015) by rows: the moments of
 * a row change only in a batch that has a gradient for it. First the gradient by the normalised row
 * is led through the normalisation: (g - (g · unit) unit) / length.
 */
import { madd, sumOf } from '../lanes'
import {
  dimensions,
  ends,
  exampleGradient,
  itemCount,
  itemGradient,
  itemMean,
  itemSquare,
  items,
  itemUnits,
  order,
  pairUser,
  userMean,
  userSquare,
  users,
} from './places'
import { inverseLength, writeUnit } from './rows'

/** `rate` and `spread` carry the corrections of the moments' bias. */
function step(
  row: usize,
  mean: usize,
  square: usize,
  gradient: usize,
  sliceStride: usize,
  rate: f32,
  spread: f32,
): void {
  const inverse = inverseLength(row)
  const slices = dimensions >> 5
  let along: f32 = 0
  for (let s: u32 = 0, g = gradient, r = row; s < slices; s++, g += sliceStride, r += 128) {
    along += dotSlice(g, r)
  }
  const scale = f32x4.splat(inverse)
  const off = f32x4.splat(-along * inverse * inverse)
  const rates = f32x4.splat(-rate)
  const spreads = f32x4.splat(spread)
  for (let s: u32 = 0; s < slices; s++, gradient += sliceStride) {
    for (let lane: usize = 0; lane < 128; lane += 16, row += 16, mean += 16, square += 16) {
      const w = v128.load(row)
      const g = f32x4.mul(scale, madd(off, w, v128.load(gradient + lane)))
      const m = madd(f32x4.splat(0.9), v128.load(mean), f32x4.mul(f32x4.splat(0.1), g))
      const gg = f32x4.mul(f32x4.mul(f32x4.splat(0.001), g), g)
      const v = madd(f32x4.splat(0.999), v128.load(square), gg)
      v128.store(mean, m)
      v128.store(square, v)
      const under = madd(f32x4.sqrt(v), spreads, f32x4.splat(1e-8))
      v128.store(row, madd(rates, f32x4.div(m, under), w))
    }
  }
}

function dotSlice(a: usize, b: usize): f32 {
  let x = f32x4.splat(0)
  for (let lane: usize = 0; lane < 128; lane += 16) {
    x = madd(v128.load(a + lane), v128.load(b + lane), x)
  }
  return sumOf(x)
}

function userOf(place: u32): u32 {
  const pair = <usize>load<u32>(order + ((<usize>place) << 2))
  return load<u32>(pairUser + (pair << 2))
}

/** Examples [first, end) hold all examples of their users, those of one user together. */
export function usersStep(first: u32, end: u32, from: u32, rate: f32, spread: f32): void {
  const bytes = (<usize>dimensions) << 2
  for (let example = first; example < end; ) {
    const user = userOf(from + example)
    const gradient = exampleGradient + <usize>example * bytes
    for (example++; example < end && userOf(from + example) === user; example++) {
      add(gradient, exampleGradient + <usize>example * bytes, bytes)
    }
    const at = <usize>user * bytes
    step(users + at, userMean + at, userSquare + at, gradient, 128, rate, spread)
  }
}

function add(to: usize, from: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)))
  }
}

/** Items [first, end) that the batch has examples of; their normalised rows are made anew. */
export function itemsStep(first: u32, end: u32, rate: f32, spread: f32): void {
  const bytes = (<usize>dimensions) << 2
  const stride = (<usize>itemCount) << 7
  let begin = first === 0 ? 0 : load<u32>(ends + ((<usize>(first - 1)) << 2))
  for (let item = first; item < end; item++) {
    const stop = load<u32>(ends + ((<usize>item) << 2))
    const seen = stop !== begin
    begin = stop
    if (!seen) continue
    const at = <usize>item * bytes
    const gradient = itemGradient + ((<usize>item) << 7)
    step(items + at, itemMean + at, itemSquare + at, gradient, stride, rate, spread)
    writeUnit(items + at, itemUnits, item, itemCount)
  }
}
