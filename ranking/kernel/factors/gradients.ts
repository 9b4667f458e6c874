/** Gradients by the normalised rows: sums of rows, weighted by coefficients. */
import { madd } from '../lanes'
import {
  allCounts,
  batch,
  cursors,
  dimensions,
  drawn,
  ends,
  entries,
  exampleGradient,
  exampleUnits,
  itemCount,
  itemGradient,
  itemUnits,
  negatives,
  thread,
  threads,
  weights,
} from './places'

/** Of examples [first, end), slice by slice. */
export function userGradients(first: u32, end: u32): void {
  const slices = dimensions >> 5
  const stride = (<usize>(negatives + 1)) << 2
  const row = (<usize>dimensions) << 2
  for (let slice: u32 = 0; slice < slices; slice++) {
    const rows = itemUnits + ((<usize>slice * <usize>itemCount) << 7)
    let to = exampleGradient + <usize>first * row + ((<usize>slice) << 7)
    let at = <usize>first * stride
    for (let example = first; example < end; example++, at += stride, to += row) {
      weighted(drawn + at, 4, weights + at, 4, negatives + 1, rows, to)
    }
  }
}

/** to = the sum of `count` rows, each an index and a coefficient at some stride. */
function weighted(
  index: usize,
  indexStride: usize,
  coefficient: usize,
  coefficientStride: usize,
  count: u32,
  rows: usize,
  to: usize,
): void {
  const end = index + <usize>count * indexStride
  let x0 = f32x4.splat(0)
  let x1 = x0
  let x2 = x0
  let x3 = x0
  let x4 = x0
  let x5 = x0
  let x6 = x0
  let x7 = x0
  for (; index < end; index += indexStride, coefficient += coefficientStride) {
    const c = v128.load32_splat(coefficient)
    const q = rows + ((<usize>load<u32>(index)) << 7)
    x0 = madd(c, v128.load(q), x0)
    x1 = madd(c, v128.load(q, 16), x1)
    x2 = madd(c, v128.load(q, 32), x2)
    x3 = madd(c, v128.load(q, 48), x3)
    x4 = madd(c, v128.load(q, 64), x4)
    x5 = madd(c, v128.load(q, 80), x5)
    x6 = madd(c, v128.load(q, 96), x6)
    x7 = madd(c, v128.load(q, 112), x7)
  }
  v128.store(to, x0)
  v128.store(to, x1, 16)
  v128.store(to, x2, 32)
  v128.store(to, x3, 48)
  v128.store(to, x4, 64)
  v128.store(to, x5, 80)
  v128.store(to, x6, 96)
  v128.store(to, x7, 112)
}

/** Writes (example, coefficient) of examples [first, end) to the lists of their items. */
export function scatter(first: u32, end: u32): void {
  prepareCursors()
  const stride = (<usize>(negatives + 1)) << 2
  for (let example = first; example < end; example++) {
    let at = <usize>example * stride
    for (const last = at + stride; at < last; at += 4) {
      const cursor = cursors + ((<usize>load<u32>(drawn + at)) << 2)
      const place = load<u32>(cursor)
      store<u32>(cursor, place + 1)
      const entry = entries + ((<usize>place) << 3)
      store<u32>(entry, example)
      store<u32>(entry, load<u32>(weights + at), 4)
    }
  }
}

/** By item, behind all entries of former items and those that former threads have of this one. */
function prepareCursors(): void {
  const bytes = (<usize>itemCount) << 2
  let total: u32 = 0
  for (let at: usize = 0; at < bytes; at += 4) {
    let count = allCounts + at
    let own = total
    for (let t: u32 = 0; t < threads; t++, count += bytes) {
      const n = load<u32>(count)
      total += n
      if (t < thread) own += n
    }
    store<u32>(cursors + at, own)
  }
}

/** Of items [first, end), when all threads have written their entries. */
export function itemGradients(first: u32, end: u32): void {
  const slices = dimensions >> 5
  for (let slice: u32 = 0; slice < slices; slice++) {
    const rows = exampleUnits + ((<usize>slice * <usize>batch) << 7)
    const to = itemGradient + ((<usize>slice * <usize>itemCount) << 7)
    let begin = first === 0 ? 0 : load<u32>(ends + ((<usize>(first - 1)) << 2))
    for (let item = first; item < end; item++) {
      const stop = load<u32>(ends + ((<usize>item) << 2))
      const entry = entries + ((<usize>begin) << 3)
      weighted(entry, 8, entry + 4, 8, stop - begin, rows, to + ((<usize>item) << 7))
      begin = stop
    }
  }
}
