/** Visit counters in open addressing, and their joining by pin. `walk/slots.ts` is the twin. */
import { AT, GOLDEN, HASH, LABEL, LABEL_MIX, ONE_VISIT, OVERFLOW, TOUCHED, VISITS } from './desk'

/** Zeroes; a WASM fill is several times as fast as one through a shared typed array. */
export function clear(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes)
}

/** HASH = the slots, below `mask` + 1, where the walkers' pins and labels are looked for first. */
function hash(desk: usize, n: u32, mask: u32): void {
  const one = i32x4.splat(1)
  const golden = i32x4.splat(GOLDEN)
  const mix = i32x4.splat(LABEL_MIX)
  const bits = i32x4.splat(mask)
  const end = desk + ((<usize>n) << 2)
  for (let p = desk; p < end; p += 16) {
    const pin = i32x4.mul(i32x4.add(v128.load(p, AT), one), golden)
    let h = v128.xor(pin, i32x4.mul(v128.load(p, LABEL), mix))
    h = v128.xor(h, i32x4.shr_u(h, 15))
    v128.store(p, v128.and(h, bits), HASH)
  }
}

/**
 * Counts the landings of a block in open-addressing slots of 8 bytes: pin + 1, count in 16 bits,
 * label in 16 bits. A full count opens another slot. Where a count reaches `famous`, the label's
 * word in `reached` goes up. Returns the slots newly taken.
 */
export function count(
  desk: usize,
  n: u32,
  slots: usize,
  mask: u32,
  famous: u32,
  reached: usize,
): u32 {
  hash(desk, n, mask)
  let taken: u32 = 0
  const end = desk + ((<usize>n) << 2)
  let touched: u32 = 0
  for (let p = desk; p < end; p += 4) {
    touched |= load<u32>(slots + ((<usize>load<u32>(p, HASH)) << 3))
  }
  store<u32>(desk, touched, TOUCHED)
  for (let p = desk; p < end; p += 4) {
    // Nowhere is not counted.
    if (load<u32>(p, AT) === 0xffffffff) continue
    const label = load<u32>(p, LABEL)
    const key = (<u64>load<u32>(p, AT) + 1) | ((<u64>label) << 48)
    let h = load<u32>(p, HASH)
    for (;;) {
      const at = slots + ((<usize>h) << 3)
      const held = load<u64>(at)
      const free = <u32>(held === 0)
      if (free | <u32>(((held ^ key) & ~VISITS) === 0)) {
        const visits = <u32>(held >> 32) & 0xffff
        if (visits !== 0xffff) {
          // Free or held, without a branch that could not be foreseen.
          store<u64>(at, select<u64>(key, held, free) + ONE_VISIT)
          taken += free
          if (visits + 1 === famous) {
            const r = reached + ((<usize>label) << 2)
            store<u32>(r, load<u32>(r) + 1)
          }
          break
        }
        store<u32>(desk, 1, OVERFLOW)
      }
      h = (h + 1) & mask
    }
  }
  return taken
}

/** Puts `n` slots into an empty table of another size. */
export function rehash(from: usize, n: u32, slots: usize, mask: u32): void {
  const end = from + ((<usize>n) << 3)
  for (; from < end; from += 8) {
    const held = load<u64>(from)
    if (held === 0) continue
    const mixed = (<u32>held * GOLDEN) ^ (<u32>(held >> 48) * LABEL_MIX)
    let h = (mixed ^ (mixed >>> 15)) & mask
    while (load<u64>(slots + ((<usize>h) << 3)) !== 0) h = (h + 1) & mask
    store<u64>(slots + ((<usize>h) << 3), held)
  }
}

/**
 * Joins the slots of each pin: `index` (n words, zero, n a power of two, behind the sums) finds a
 * pin's row, whose number counts from 1; pins, sums, best label and best visits stand by row. A sum
 * is of visits, or of their square roots. Of labels with equal visits the lowest is best. Returns
 * the rows.
 */
export function join(
  slots: usize,
  n: u32,
  index: usize,
  pins: usize,
  sums: usize,
  best: usize,
  bestVisits: usize,
  boosted: bool,
): u32 {
  const mask = n - 1
  const last = slots + ((<usize>n) << 3)
  // Taken slots are put together first, without a branch that could not be foreseen. They stand
  // where the sums will: a row is not beyond its slot, which has been read by then. Free slots at
  // the end leave a zero behind the sums, where the index is zero anyway.
  let end = sums
  for (; slots < last; slots += 8) {
    const held = load<u64>(slots)
    store<u64>(end, held)
    end += (<usize>(held !== 0)) << 3
  }
  let rows: u32 = 0
  for (let taken = sums; taken < end; taken += 8) {
    const held = load<u64>(taken)
    const pin = <u32>held
    const visits = <u32>(held >> 32) & 0xffff
    const label = <u32>(held >> 48)
    const gain = boosted ? sqrt<f64>(<f64>visits) : <f64>visits
    const mixed = pin * GOLDEN
    let h = (mixed ^ (mixed >>> 15)) & mask
    for (;;) {
      const at = index + ((<usize>h) << 2)
      const row = load<u32>(at)
      if (row === 0) {
        store<u32>(at, ++rows)
        const r = <usize>(rows - 1)
        store<u32>(pins + (r << 2), pin - 1)
        store<f64>(sums + (r << 3), gain)
        store<u32>(best + (r << 2), label)
        store<u32>(bestVisits + (r << 2), visits)
        break
      }
      const r = <usize>(row - 1)
      if (load<u32>(pins + (r << 2)) === pin - 1) {
        store<f64>(sums + (r << 3), load<f64>(sums + (r << 3)) + gain)
        const most = load<u32>(bestVisits + (r << 2))
        if (visits > most || (visits === most && label < load<u32>(best + (r << 2)))) {
          store<u32>(best + (r << 2), label)
          store<u32>(bestVisits + (r << 2), visits)
        }
        break
      }
      h = (h + 1) & mask
    }
  }
  return rows
}
