/**
 * What edges of a table are found by: an open-addressing table of slots, a power of two of them, 0
 * where free. Here the hash, and slots made anew for all rows.
 *
 * A row's slot is anywhere, and a miss of the cache and the page table each time. So rows are first
 * spread over parts of the slots, some millions at a time, and a part is filled while the cache has
 * it: that takes half of the time. Memory meanwhile: 12 bytes a row of those.
 */
import type { EdgeRows, Stretch } from './edge-rows.ts'

/** Rows that are spread at once. */
const BATCH = 1 << 22
/** Slots of a part: a second-level cache holds them. */
const PART_LOG2 = 16

/** 32 bits: the low ones say where an edge belongs, the others tell it from those around it. */
export function hashOf(board: number, pin: number): number {
  let h = Math.imul(board, 0x9e3779b1) ^ Math.imul(pin, 0x85ebca6b)
  h ^= h >>> 15
  h = Math.imul(h ^ (h >>> 13), 0x2c1b3c6d)
  return h ^ (h >>> 16)
}

/** `length` slots that have every row. */
export function slotsOf(rows: EdgeRows, length: number): Uint32Array<ArrayBuffer> {
  const slots = new Uint32Array(length)
  const low = length - 1
  const batch = Math.min(BATCH, rows.count)
  const hashes = new Int32Array(batch)
  /** Hash and row + 1 of each, part by part. */
  const spread = new Int32Array(2 * batch)
  const next = new Int32Array((length >>> PART_LOG2) + 2)
  for (let from = 0; from < rows.count; from += batch) {
    const count = Math.min(batch, rows.count - from)
    next.fill(0)
    for (const stretch of rows.stretches(from, count)) hashStretch(stretch, low, hashes, next)
    for (let part = 1; part < next.length; part++) next[part]! += next[part - 1]!
    for (let i = 0; i < count; i++) {
      const hash = hashes[i]!
      const at = next[(hash & low) >>> PART_LOG2]!++
      spread[2 * at] = hash
      spread[2 * at + 1] = from + i + 1
    }
    fill(slots, spread, count)
  }
  return slots
}

/** Counts what each part gets, one place ahead: its end becomes the beginning of the next. */
function hashStretch(
  { chunk: { pin, board }, at, length, done }: Stretch,
  low: number,
  hashes: Int32Array,
  counts: Int32Array,
): void {
  for (let i = 0; i < length; i++) {
    const hash = hashOf(board[at + i]!, pin[at + i]!)
    hashes[done + i] = hash
    counts[((hash & low) >>> PART_LOG2) + 1]!++
  }
}

function fill(slots: Uint32Array, spread: Int32Array, count: number): void {
  const low = slots.length - 1
  for (let i = 0; i < count; i++) {
    const hash = spread[2 * i]!
    let slot = hash & low
    while (slots[slot] !== 0) slot = (slot + 1) & low
    slots[slot] = (hash & ~low) | spread[2 * i + 1]!
  }
}
