/**
 * Every save the graph has heard of: (board, pin) with the time of the latest word on it, and what
 * is known of boards and pins. The frozen graph and its delta are made from this; so is the
 * digest.
 *
 * The latest time wins, ties by log order, so a late unsave cannot undo a newer save. Memory: 21
 * bytes an edge + 5-11 for its slot, and 4 a board. upsert O(1), rowsOf O(rows of the board).
 *
 * A slot has in its low bits a row + 1, which is below the number of slots, and in the others what
 * is left of the edge's hash: a slot of another edge is known without a look at its row, a miss of
 * the cache, so that slots may be fuller.
 */
import type { BoardIndex, PinIndex } from '../../base/index.ts'
import type { EdgeChunk } from '../../graph/index.ts'
import type { WordDigest } from '../shard/digest.ts'
import type { EdgeDump } from './edge-dump.ts'

/** Rows between two pauses of a sliced pass: about a millisecond. */
const SLICE = 50_000
const GONE = 1
const PRIVATE = 2
/** Slots in use at most, as a share. */
const FULL = 0.75

/** Flags and times by dense number, growing. */
class Notes {
  #flags = new Uint8Array(1024)
  #times = new Float64Array(1024)
  /** Highest number noted + 1. */
  size = 0
  /** Hears what a number said before it changes. */
  onChange: ((index: number, flags: number, time: number) => void) | undefined

  flags(index: number): number {
    return index < this.#flags.length ? this.#flags[index]! : 0
  }

  time(index: number): number {
    return index < this.#times.length ? this.#times[index]! : 0
  }

  /** Sets the flags unless something newer was said; true when they changed. */
  note(index: number, flags: number, time: number): boolean {
    this.touch(index)
    if (time < this.#times[index]!) return false
    this.onChange?.(index, this.#flags[index]!, this.#times[index]!)
    this.#times[index] = time
    const changed = this.#flags[index] !== flags
    this.#flags[index] = flags
    return changed
  }

  touch(index: number): void {
    if (index >= this.size) this.size = index + 1
    if (index < this.#flags.length) return
    const length = Math.max(this.#flags.length * 2, index + 1)
    const flags = new Uint8Array(length)
    flags.set(this.#flags)
    this.#flags = flags
    const times = new Float64Array(length)
    times.set(this.#times)
    this.#times = times
  }
}

/** Edges as blocks of records have them. */
type EdgeColumns = { readonly board: Uint32Array; readonly pin: Uint32Array }
/** Rows that may be of the edges looked up; as many as are looked up at once. */
const ahead = new Uint32Array(512)

export type EdgeLists = {
  readonly pins: Uint32Array
  readonly boards: Uint32Array
  readonly times: Float64Array
  readonly edgeCount: number
}

/** The same edges at each call, though the table goes on changing. */
export type EdgeCut = {
  readonly edgeCount: number
  readonly chunks: () => Iterable<EdgeChunk>
}

export class EdgeTable {
  #pin = new Uint32Array(1024)
  #board = new Uint32Array(1024)
  #time = new Float64Array(1024)
  #alive = new Uint8Array(1024)
  /** A power of two of them; 0 where free. */
  #slots = new Uint32Array(4096)
  /** Of each row, the one before it of the same board, + 1; of each board, its last row + 1. */
  #before = new Uint32Array(1024)
  #last = new Uint32Array(1024)
  #count = 0
  #live = 0
  /** Where loads go that nobody needs. */
  readonly #loads = { seen: 0 }
  readonly pins = new Notes()
  readonly boards = new Notes()
  /** Is told of what changes while it writes what was. */
  #dump: EdgeDump | undefined

  set dump(dump: EdgeDump | undefined) {
    this.#dump = dump
    this.pins.onChange = dump && ((pin, flags, time) => dump.keepPin(pin, flags, time))
    this.boards.onChange = dump && ((board, flags, time) => dump.keepBoard(board, flags, time))
  }

  /** Rows ever made; a row is never reused. */
  get rows(): number {
    return this.#count
  }

  /** Edges whose latest word is a save, private boards and hidden pins included. */
  get live(): number {
    return this.#live
  }

  /** Bytes that it has reserved, notes left out. */
  get bytes(): number {
    const columns = [this.#pin, this.#board, this.#time, this.#alive, this.#slots, this.#before]
    return [...columns, this.#last].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  pinOf(row: number): PinIndex {
    return this.#pin[row]! as PinIndex
  }

  boardOf(row: number): BoardIndex {
    return this.#board[row]! as BoardIndex
  }

  timeOf(row: number): number {
    return this.#time[row]!
  }

  isLive(row: number): boolean {
    return this.#alive[row] === 1
  }

  /** Every row that names a board, the last made first. */
  *rowsOf(board: number): IterableIterator<number> {
    for (let row = this.#last[board] ?? 0; row !== 0; row = this.#before[row - 1]!) yield row - 1
  }

  /** True when the edge belongs in the shared graph. */
  isShared(row: number): boolean {
    return (
      this.#alive[row] === 1 &&
      this.pins.flags(this.#pin[row]!) === 0 &&
      this.boards.flags(this.#board[row]!) === 0
    )
  }

  isDeleted(board: number): boolean {
    return (this.boards.flags(board) & GONE) !== 0
  }

  /** Live pins of a board that are not gone, at most `most`: newest first, then the later row. */
  newestOf(board: number, most: number): { readonly pins: PinIndex[]; readonly times: number[] } {
    const newest: number[] = []
    for (const row of this.rowsOf(board)) {
      if (this.isLive(row) && this.pins.flags(this.#pin[row]!) === 0) newest.push(row)
    }
    newest.sort((a, b) => this.#time[b]! - this.#time[a]! || b - a).splice(most)
    const pins = newest.map((row) => this.pinOf(row))
    return { pins, times: newest.map((row) => this.#time[row]!) }
  }

  /** The row whose life changed, or -1 when nothing did. */
  upsert(board: number, pin: number, time: number, alive: 0 | 1): number {
    this.pins.touch(pin)
    this.boards.touch(board)
    const hash = hashOf(board, pin)
    let slot = this.#probe(hash, board, pin)
    const held = this.#slots[slot]!
    if (held !== 0) {
      const row = (held & (this.#slots.length - 1)) - 1
      if (time < this.#time[row]!) return -1
      this.#dump?.keepRow(row, this.#alive[row]!, this.#time[row]!)
      this.#time[row] = time
      if (this.#alive[row] === alive) return -1
      this.#alive[row] = alive
      this.#live += alive === 1 ? 1 : -1
      return row
    }
    if (this.#count >= this.#slots.length * FULL) {
      this.#rehash()
      slot = this.#probe(hash, board, pin)
    }
    if (this.#count === this.#pin.length) this.#widen()
    const row = this.#count++
    this.#slots[slot] = (hash & -this.#slots.length) | (row + 1)
    this.#pin[row] = pin
    this.#board[row] = board
    this.#time[row] = time
    this.#alive[row] = alive
    this.#live += alive
    if (board >= this.#last.length) this.#widenBoards(board)
    this.#before[row] = this.#last[board]!
    this.#last[board] = row + 1
    return alive === 1 ? row : -1
  }

  /**
   * Loads what upserts of records at `places` will look at: each is a miss of the cache, and misses
   * that do not wait for each other overlap.
   */
  lookAhead({ board, pin }: EdgeColumns, places: Uint32Array, count: number): void {
    const slots = this.#slots
    const pins = this.#pin
    const last = this.#last
    const low = slots.length - 1
    let seen = 0
    for (let i = 0; i < count; i++) {
      const place = places[i]!
      const hash = hashOf(board[place]!, pin[place]!)
      const held = slots[hash & low]!
      seen |= last[board[place]!]! | 0
      // Row + 1 where it may be this edge's.
      ahead[i] = ((held ^ hash) & ~low) === 0 ? held & low : 0
    }
    for (let i = 0; i < count; i++) if (ahead[i] !== 0) seen |= pins[ahead[i]! - 1]!
    // Kept, so that the loads are not seen as useless.
    this.#loads.seen = seen
  }

  notePin(pin: number, gone: boolean, time: number): boolean {
    return this.pins.note(pin, gone ? GONE : 0, time)
  }

  noteBoard(board: number, isPrivate: boolean, time: number): boolean {
    return this.boards.note(board, isPrivate ? PRIVATE : 0, time)
  }

  deleteBoard(board: number, time: number): boolean {
    return this.boards.note(board, GONE, time)
  }

  /**
   * The shared edges, for a builder, in slices. Rows that change meanwhile may be in or out: the
   * caller keeps track of them.
   */
  *sharedSteps(): Generator<void, EdgeLists> {
    const rows = this.#count
    const pins = new Uint32Array(rows)
    const boards = new Uint32Array(rows)
    const times = new Float64Array(rows)
    let n = 0
    for (let row = 0; row < rows; row++) {
      if (row % SLICE === SLICE - 1) yield
      if (!this.isShared(row)) continue
      pins[n] = this.#pin[row]!
      boards[n] = this.#board[row]!
      times[n] = this.#time[row]!
      n++
    }
    return { pins, boards, times, edgeCount: n }
  }

  /**
   * The shared edges as a stream, in slices: a bit a row, and the columns as they lie. Rows that
   * change meanwhile may be in or out, as in `sharedSteps`; once cut they are the same each time.
   */
  *cutSteps(): Generator<void, EdgeCut> {
    const rows = this.#count
    const shared = new Uint32Array((rows + 31) >>> 5)
    let edgeCount = 0
    for (let row = 0; row < rows; row++) {
      if (row % SLICE === SLICE - 1) yield
      if (!this.isShared(row)) continue
      shared[row >>> 5]! |= 1 << (row & 31)
      edgeCount++
    }
    return { edgeCount, chunks: () => this.#chunksOf(shared, rows) }
  }

  *#chunksOf(shared: Uint32Array, rows: number): Generator<EdgeChunk, void> {
    const pins = new Uint32Array(SLICE)
    const boards = new Uint32Array(SLICE)
    for (let from = 0; from < rows; from += SLICE) {
      const to = Math.min(rows, from + SLICE)
      let count = 0
      for (let row = from; row < to; row++) {
        if ((shared[row >>> 5]! & (1 << (row & 31))) === 0) continue
        pins[count] = this.#pin[row]!
        boards[count++] = this.#board[row]!
      }
      yield { pins, boards, count }
    }
  }

  /** Adds every row: what it joins, its time and whether its latest word is a save. */
  digest(into: WordDigest, kind: number): void {
    const words = new Uint32Array(4)
    const time = new Float64Array(words.buffer, 8, 1)
    for (let row = 0; row < this.#count; row++) {
      words[0] = this.#board[row]!
      words[1] = this.#alive[row]!
      time[0] = this.#time[row]!
      into.add(kind, this.#pin[row]!, words, 0, 4)
    }
  }

  /** The slot of an edge, or the free one where it belongs. */
  #probe(hash: number, board: number, pin: number): number {
    const slots = this.#slots
    const low = slots.length - 1
    for (let slot = hash & low; ; slot = (slot + 1) & low) {
      const held = slots[slot]!
      if (held === 0) return slot
      if (((held ^ hash) & ~low) !== 0) continue
      const row = (held & low) - 1
      if (this.#pin[row] === pin && this.#board[row] === board) return slot
    }
  }

  #rehash(): void {
    const slots = new Uint32Array(this.#slots.length * 2)
    const low = slots.length - 1
    for (let row = 0; row < this.#count; row++) {
      const hash = hashOf(this.#board[row]!, this.#pin[row]!)
      let slot = hash & low
      while (slots[slot] !== 0) slot = (slot + 1) & low
      slots[slot] = (hash & ~low) | (row + 1)
    }
    this.#slots = slots
  }

  #widenBoards(board: number): void {
    this.#last = wider(this.#last, new Uint32Array(Math.max(this.#last.length * 2, board + 1)))
  }

  #widen(): void {
    const length = this.#pin.length * 2
    this.#pin = wider(this.#pin, new Uint32Array(length))
    this.#board = wider(this.#board, new Uint32Array(length))
    this.#time = wider(this.#time, new Float64Array(length))
    this.#alive = wider(this.#alive, new Uint8Array(length))
    this.#before = wider(this.#before, new Uint32Array(length))
  }
}

/** 32 bits: the low ones say where an edge belongs, the others tell it from those around it. */
function hashOf(board: number, pin: number): number {
  let h = Math.imul(board, 0x9e3779b1) ^ Math.imul(pin, 0x85ebca6b)
  h ^= h >>> 15
  h = Math.imul(h ^ (h >>> 13), 0x2c1b3c6d)
  return h ^ (h >>> 16)
}

function wider<T extends Uint32Array | Float64Array | Uint8Array>(old: T, next: T): T {
  next.set(old)
  return next
}
