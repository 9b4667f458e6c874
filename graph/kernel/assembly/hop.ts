/** Half a step: from nodes of one side to a neighbour of each. */
import { LABEL_MIX } from './desk'

/** to[i] = the two words at offsets[from[i]]: where a row begins and ends. */
export function bounds(n: u32, offsets: usize, from: usize, to: usize): void {
  const end = from + ((<usize>n) << 2)
  for (; from < end; from += 4, to += 8) {
    store<u64>(to, load<u64>(offsets + ((<usize>load<u32>(from)) << 2)))
  }
}

/** The same where nodes beyond `last` are to be read as `last`. */
export function boundsUpTo(n: u32, offsets: usize, from: usize, to: usize, last: u32): void {
  const end = from + ((<usize>n) << 2)
  for (; from < end; from += 4, to += 8) {
    store<u64>(to, load<u64>(offsets + ((<usize>min(load<u32>(from), last)) << 2)))
  }
}

/** to[i] = the record of two words at records[from[i]]: where fresh edges begin, how many. */
export function recordsUpTo(n: u32, records: usize, from: usize, to: usize, last: u32): void {
  const end = from + ((<usize>n) << 2)
  for (; from < end; from += 4, to += 8) {
    store<u64>(to, load<u64>(records + ((<usize>min(load<u32>(from), last)) << 3)))
  }
}

function highWords(r: v128, degree: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(r, degree)
  const high = i64x2.extmul_high_i32x4_u(r, degree)
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7)
}

/** to[i] = the place in row bounds[i] that random[i] chooses: (random x degree) >> 32. */
export function choose(n: u32, bounds: usize, random: usize, to: usize): void {
  const end = to + ((<usize>n) << 2)
  for (; to < end; to += 16, random += 16, bounds += 32) {
    const x = v128.load(bounds)
    const y = v128.load(bounds, 16)
    const first = v128.shuffle<i32>(x, y, 0, 2, 4, 6)
    const degree = i32x4.sub(v128.shuffle<i32>(x, y, 1, 3, 5, 7), first)
    v128.store(to, i32x4.add(first, highWords(v128.load(random), degree)))
  }
}

/**
 * The same over a frozen row and fresh edges together: `to` gets the place in the list or 0,
 * `fresh` the place in the pool or 0, `which` all ones where the fresh one counts. A node without
 * edges gets the pool's first word.
 */
export function chooseBoth(
  n: u32,
  bounds: usize,
  records: usize,
  random: usize,
  to: usize,
  fresh: usize,
  which: usize,
): void {
  const end = to + ((<usize>n) << 2)
  const zero = i32x4.splat(0)
  for (; to < end; to += 16, fresh += 16, which += 16, random += 16, bounds += 32, records += 32) {
    const x = v128.load(bounds)
    const y = v128.load(bounds, 16)
    const first = v128.shuffle<i32>(x, y, 0, 2, 4, 6)
    const frozen = i32x4.sub(v128.shuffle<i32>(x, y, 1, 3, 5, 7), first)
    const z = v128.load(records)
    const u = v128.load(records, 16)
    const begin = v128.shuffle<i32>(z, u, 0, 2, 4, 6)
    const degree = i32x4.add(v128.shuffle<i32>(z, u, 1, 3, 5, 7), frozen)
    const k = highWords(v128.load(random), degree)
    const mask = i32x4.ge_u(k, frozen)
    const some = i32x4.ne(degree, zero)
    v128.store(to, v128.andnot(i32x4.add(first, k), mask))
    const inPool = i32x4.add(begin, i32x4.sub(k, frozen))
    v128.store(fresh, v128.and(v128.and(inPool, mask), some))
    v128.store(which, mask)
  }
}

/** to[i] = fresh[i] where which[i], else frozen[i]. Returns 1 where one was removed. */
export function blend(n: u32, frozen: usize, fresh: usize, which: usize, to: usize): u32 {
  const end = to + ((<usize>n) << 2)
  const nowhere = i32x4.splat(-1)
  let removed = i32x4.splat(0)
  for (; to < end; to += 16, frozen += 16, fresh += 16, which += 16) {
    const item = v128.bitselect(v128.load(fresh), v128.load(frozen), v128.load(which))
    removed = v128.or(removed, v128.andnot(item, i32x4.eq(item, nowhere)))
    v128.store(to, item)
  }
  return i32x4.bitmask(removed) === 0 ? 0 : 1
}

/**
 * to[i] = list[index[i]] & bits. A walk that began before any edge was removed does not look for
 * the highest bit: it takes such an edge as it was.
 */
export function gather(n: u32, list: usize, index: usize, to: usize, bits: u32): void {
  const whole = index + ((<usize>n & ~3) << 2)
  const end = index + ((<usize>n) << 2)
  for (; index < whole; index += 16, to += 16) {
    const a = load<u32>(list + ((<usize>load<u32>(index)) << 2))
    const b = load<u32>(list + ((<usize>load<u32>(index, 4)) << 2))
    const c = load<u32>(list + ((<usize>load<u32>(index, 8)) << 2))
    const d = load<u32>(list + ((<usize>load<u32>(index, 12)) << 2))
    store<u32>(to, a & bits)
    store<u32>(to, b & bits, 4)
    store<u32>(to, c & bits, 8)
    store<u32>(to, d & bits, 12)
  }
  for (; index < end; index += 4, to += 4) {
    store<u32>(to, load<u32>(list + ((<usize>load<u32>(index)) << 2)) & bits)
  }
}

function lowerBound(list: usize, first: u32, end: u32, item: u32): u32 {
  let low = first
  let size = end - first
  while (size > 0) {
    const half = size >> 1
    const middle = low + half
    // A removed entry keeps its place: its highest bit is not looked at.
    if ((load<u32>(list + ((<usize>middle) << 2)) & 0x7fffffff) < item) {
      low = middle + 1
      size -= half + 1
    } else {
      size = half
    }
  }
  return low
}

/**
 * Overrules choices for walkers whose coin, made from random[i] of the other half-step, is at most
 * `strength`: among the entries of their row that lie in one of `count` ranges [low, high) of node
 * numbers, if there are any. `which[i]` is set to 0, since the entry is a frozen one.
 */
export function prefer(
  n: u32,
  list: usize,
  bounds: usize,
  random: usize,
  coins: usize,
  strength: u32,
  ranges: usize,
  count: u32,
  to: usize,
  which: usize,
): void {
  const end = to + ((<usize>n) << 2)
  const last = ranges + ((<usize>count) << 3)
  for (; to < end; to += 4, which += 4, random += 4, coins += 4, bounds += 8) {
    if (load<u32>(coins) * <u32>LABEL_MIX > strength) continue
    const first = load<u32>(bounds)
    const stop = load<u32>(bounds, 4)
    let total: u32 = 0
    for (let r = ranges; r < last; r += 8) {
      const low = lowerBound(list, first, stop, load<u32>(r))
      total += lowerBound(list, low, stop, load<u32>(r, 4)) - low
    }
    if (total === 0) continue
    let k = <u32>((<u64>load<u32>(random) * <u64>total) >> 32)
    for (let r = ranges; r < last; r += 8) {
      const low = lowerBound(list, first, stop, load<u32>(r))
      const width = lowerBound(list, low, stop, load<u32>(r, 4)) - low
      if (k < width) {
        store<u32>(to, low + k)
        break
      }
      k -= width
    }
    store<u32>(which, 0)
  }
}
