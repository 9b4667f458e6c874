/**
 * What a step of training does beside its products: optimisers, rows of embedding tables, dropout.
 * Lists are float32 and begin on 16 bytes; lengths are multiples of 4.
 * `training/engine/training-kernel.twin.ts` says the same in TypeScript.
 */
import { madd } from '../lanes'

const BETA1: f32 = 0.9
const BETA2: f32 = 0.999
const EPSILON: f32 = 1e-8

/**
 * Adam (Kingma and Ba, 2015) with decoupled decay (Loshchilov and Hutter, "Decoupled weight decay
 * regularization", 2019). `rate` and `spread` carry the corrections of the moments' bias; `keep` is
 * 1 - learning rate · decay.
 */
export function adam(
  weight: usize,
  mean: usize,
  square: usize,
  gradient: usize,
  length: u32,
  rate: f32,
  spread: f32,
  keep: f32,
): void {
  const rates = f32x4.splat(-rate)
  const spreads = f32x4.splat(spread)
  const keeps = f32x4.splat(keep)
  for (const end = weight + ((<usize>length) << 2); weight < end; weight += 16) {
    const g = v128.load(gradient)
    const m = madd(f32x4.splat(BETA1), v128.load(mean), f32x4.mul(f32x4.splat(1 - BETA1), g))
    const gg = f32x4.mul(f32x4.mul(f32x4.splat(1 - BETA2), g), g)
    const v = madd(f32x4.splat(BETA2), v128.load(square), gg)
    v128.store(mean, m)
    v128.store(square, v)
    const under = madd(f32x4.sqrt(v), spreads, f32x4.splat(EPSILON))
    const kept = f32x4.mul(keeps, v128.load(weight))
    v128.store(weight, madd(rates, f32x4.div(m, under), kept))
    mean += 16
    square += 16
    gradient += 16
  }
}

/** Stochastic gradient descent with momentum, which lies in `mean`. */
export function sgd(
  weight: usize,
  mean: usize,
  gradient: usize,
  length: u32,
  rate: f32,
  momentum: f32,
  keep: f32,
): void {
  const rates = f32x4.splat(-rate)
  const momenta = f32x4.splat(momentum)
  const keeps = f32x4.splat(keep)
  for (const end = weight + ((<usize>length) << 2); weight < end; weight += 16) {
    const m = madd(momenta, v128.load(mean), v128.load(gradient))
    v128.store(mean, m)
    v128.store(weight, madd(rates, m, f32x4.mul(keeps, v128.load(weight))))
    mean += 16
    gradient += 16
  }
}

/** Copies row `rows[i]` of a table to place i of `to`. */
export function gather(table: usize, width: u32, rows: usize, count: u32, to: usize): void {
  const bytes = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++, to += bytes) {
    memory.copy(to, table + <usize>load<u32>(rows + ((<usize>i) << 2)) * bytes, bytes)
  }
}

/**
 * Adds each gradient to the first one of the same row: `firsts[i]` is the place of that one, i
 * itself for a first one.
 */
export function sumRows(gradients: usize, width: u32, firsts: usize, count: u32): void {
  const bytes = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    const first = load<u32>(firsts + ((<usize>i) << 2))
    if (first !== i) add(gradients + <usize>first * bytes, gradients + <usize>i * bytes, bytes)
  }
}

/** Adam on the rows that a batch has gradients of, after `sumRows`. */
export function adamRows(
  table: usize,
  means: usize,
  squares: usize,
  gradients: usize,
  width: u32,
  rows: usize,
  firsts: usize,
  count: u32,
  rate: f32,
  spread: f32,
  keep: f32,
): void {
  const bytes = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    if (load<u32>(firsts + ((<usize>i) << 2)) !== i) continue
    const at = <usize>load<u32>(rows + ((<usize>i) << 2)) * bytes
    const gradient = gradients + <usize>i * bytes
    adam(table + at, means + at, squares + at, gradient, width, rate, spread, keep)
  }
}

/** Gradient descent on them. */
export function sgdRows(
  table: usize,
  means: usize,
  gradients: usize,
  width: u32,
  rows: usize,
  firsts: usize,
  count: u32,
  rate: f32,
  momentum: f32,
  keep: f32,
): void {
  const bytes = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    if (load<u32>(firsts + ((<usize>i) << 2)) !== i) continue
    const at = <usize>load<u32>(rows + ((<usize>i) << 2)) * bytes
    sgd(table + at, means + at, gradients + <usize>i * bytes, width, rate, momentum, keep)
  }
}

function add(to: usize, from: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)))
  }
}

/**
 * A mask of dropout (Srivastava et al., 2014): number i is 0 where the hash of (key, i) is below
 * `threshold`, else `scale`.
 */
export function dropout(to: usize, length: u32, key: u32, threshold: u32, scale: f32): void {
  const keys = i32x4.splat(key)
  const limits = i32x4.splat(threshold)
  const scales = f32x4.splat(scale)
  let at = i32x4(0, 1, 2, 3)
  for (const end = to + ((<usize>length) << 2); to < end; to += 16) {
    const isKept = i32x4.ge_u(hash(v128.xor(i32x4.mul(at, i32x4.splat(0x9e3779b1)), keys)), limits)
    v128.store(to, v128.and(scales, isKept))
    at = i32x4.add(at, i32x4.splat(4))
  }
}

/** The last rounds of MurmurHash3 (Appleby). */
function hash(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16))
  x = i32x4.mul(x, i32x4.splat(0x85ebca6b))
  x = v128.xor(x, i32x4.shr_u(x, 13))
  x = i32x4.mul(x, i32x4.splat(0xc2b2ae35))
  return v128.xor(x, i32x4.shr_u(x, 16))
}
