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
import { EdgeNotes } from './edge-notes.ts'
import { type EdgeColumns, EdgeRows, type Stretch } from './edge-rows.ts'
import { hashOf, slotsOf } from './edge-slots.ts'

/** Rows between two pauses of a sliced pass: about a millisecond. */
const SLICE = 50_000
const GONE = 1
const PRIVATE = 2
/** Slots in use at most, as a share. */
const FULL = 0.75

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
  readonly #rows = new EdgeRows()
  /** A power of two of them; 0 where free. */
  #slots = new Uint32Array(4096)
  /** Rows that slots know of; those behind were put back. */
  #found = 0
  /** Of each board, its last row + 1. */
  #last = new Uint32Array(1024)
  #live = 0
  /** Where loads go that nobody needs. */
  readonly #loads = { seen: 0 }
  readonly pins = new EdgeNotes()
  readonly boards = new EdgeNotes()
  /** Is told of what changes while it writes what was. */
  #dump: EdgeDump | undefined

  set dump(dump: EdgeDump | undefined) {
    this.#dump = dump
    this.pins.onChange = dump && ((pin, flags, time) => dump.keepPin(pin, flags, time))
    this.boards.onChange = dump && ((board, flags, time) => dump.keepBoard(board, flags, time))
  }

  /** Rows ever made; a row is never reused. */
  get rows(): number {
    return this.#rows.count
  }

  /** Edges whose latest word is a save, private boards and hidden pins included. */
  get live(): number {
    return this.#live
  }

  /** Bytes that it has reserved, notes left out. */
  get bytes(): number {
    return this.#rows.bytes + this.#slots.byteLength + this.#last.byteLength
  }

  pinOf(row: number): PinIndex {
    return this.#rows.pin(row) as PinIndex
  }

  boardOf(row: number): BoardIndex {
    return this.#rows.board(row) as BoardIndex
  }

  timeOf(row: number): number {
    return this.#rows.time(row)
  }

  isLive(row: number): boolean {
    return this.#rows.alive(row) === 1
  }

  /** Every row that names a board, the last made first. */
  *rowsOf(board: number): IterableIterator<number> {
    let row = this.#last[board] ?? 0
    for (; row !== 0; row = this.#rows.before(row - 1)) yield row - 1
  }

  /** True when the edge belongs in the shared graph. */
  isShared(row: number): boolean {
    const rows = this.#rows
    return (
      rows.alive(row) === 1 &&
      this.pins.flags(rows.pin(row)) === 0 &&
      this.boards.flags(rows.board(row)) === 0
    )
  }

  isDeleted(board: number): boolean {
    return (this.boards.flags(board) & GONE) !== 0
  }

  /** Live pins of a board that are not gone, at most `most`: newest first, then the later row. */
  newestOf(board: number, most: number): { readonly pins: PinIndex[]; readonly times: number[] } {
    const newest: number[] = []
    for (const row of this.rowsOf(board)) {
      if (this.isLive(row) && this.pins.flags(this.pinOf(row)) === 0) newest.push(row)
    }
    newest.sort((a, b) => this.timeOf(b) - this.timeOf(a) || b - a).splice(most)
    const pins = newest.map((row) => this.pinOf(row))
    return { pins, times: newest.map((row) => this.timeOf(row)) }
  }

  /** The row whose life changed, or -1 when nothing did. */
  upsert(board: number, pin: number, time: number, alive: 0 | 1): number {
    this.find()
    this.pins.touch(pin)
    this.boards.touch(board)
    const hash = hashOf(board, pin)
    let slot = this.#probe(hash, board, pin)
    const held = this.#slots[slot]!
    if (held !== 0) {
      const row = (held & (this.#slots.length - 1)) - 1
      const rows = this.#rows
      if (time < rows.time(row)) return -1
      this.#dump?.keepRow(row, rows.alive(row), rows.time(row))
      rows.setTime(row, time)
      if (rows.alive(row) === alive) return -1
      rows.setAlive(row, alive)
      this.#live += alive === 1 ? 1 : -1
      return row
    }
    if (this.#rows.count >= this.#slots.length * FULL) {
      this.#slots = slotsOf(this.#rows, this.#slots.length * 2)
      slot = this.#probe(hash, board, pin)
    }
    const row = this.#push(board, pin, time, alive)
    this.#slots[slot] = (hash & -this.#slots.length) | (row + 1)
    this.#found = row + 1
    return alive === 1 ? row : -1
  }

  /** Copies of `count` rows from `first` on. */
  columns(first: number, count: number): EdgeColumns {
    return this.#rows.columns(first, count)
  }

  /**
   * Puts back the next rows of a table that had them, before anything else is told. They are found
   * when their slots are, too; else from `find` on, or when one is looked up: all at once, that
   * takes half of the time.
   */
  restore(columns: EdgeColumns): void {
    let highest = 0
    for (const board of columns.board) if (board > highest) highest = board
    if (highest >= this.#last.length) this.#widenBoards(highest)
    this.#live += this.#rows.append(columns, this.#last)
  }

  /**
   * Loads what upserts of records at `places` will look at: each is a miss of the cache, and misses
   * that do not wait for each other overlap.
   */
  lookAhead(
    { board, pin }: Pick<EdgeColumns, 'board' | 'pin'>,
    places: Uint32Array,
    count: number,
  ): void {
    const slots = this.#slots
    const rows = this.#rows
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
    for (let i = 0; i < count; i++) if (ahead[i] !== 0) seen |= rows.pin(ahead[i]! - 1)
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
    const rows = this.#rows.count
    const pins = new Uint32Array(rows)
    const boards = new Uint32Array(rows)
    const times = new Float64Array(rows)
    let n = 0
    for (let from = 0; from < rows; from += SLICE) {
      for (const stretch of this.#rows.stretches(from, Math.min(SLICE, rows - from))) {
        n = takeShared(stretch, this.pins.told, this.boards.told, { pins, boards, times }, n)
      }
      yield
    }
    return { pins, boards, times, edgeCount: n }
  }

  /**
   * The shared edges as a stream, in slices: a bit a row, and the columns as they lie. Rows that
   * change meanwhile may be in or out, as in `sharedSteps`; once cut they are the same each time.
   */
  *cutSteps(): Generator<void, EdgeCut> {
    const rows = this.#rows.count
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
        pins[count] = this.pinOf(row)
        boards[count++] = this.boardOf(row)
      }
      yield { pins, boards, count }
    }
  }

  /** Adds every row: what it joins, its time and whether its latest word is a save. */
  digest(into: WordDigest, kind: number): void {
    const words = new Uint32Array(4)
    const time = new Float64Array(words.buffer, 8, 1)
    for (let row = 0; row < this.rows; row++) {
      words[0] = this.boardOf(row)
      words[1] = this.#rows.alive(row)
      time[0] = this.timeOf(row)
      into.add(kind, this.pinOf(row), words, 0, 4)
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
      if (this.#rows.pin(row) === pin && this.#rows.board(row) === board) return slot
    }
  }

  #push(board: number, pin: number, time: number, alive: 0 | 1): number {
    if (board >= this.#last.length) this.#widenBoards(board)
    const row = this.#rows.push({ pin, board, time, alive, before: this.#last[board]! })
    this.#last[board] = row + 1
    this.#live += alive
    return row
  }

  /** What rows are found by. Rows that come later take free ones, or all are made anew. */
  slots(): Uint32Array {
    this.find()
    return this.#slots
  }

  /**
   * Puts back slots from `first` on of the `length` that a table had with the rows that are back;
   * with the last of them rows are found.
   */
  restoreSlots(slots: Uint32Array, first: number, length: number): void {
    if (first === 0) this.#slots = new Uint32Array(length)
    this.#slots.set(slots, first)
    if (first + slots.length === length) this.#found = this.#rows.count
  }

  /** Makes slots for rows that were put back without. */
  find(): void {
    if (this.#found === this.#rows.count) return
    let length = this.#slots.length
    while (this.#rows.count >= length * FULL) length *= 2
    this.#slots = slotsOf(this.#rows, length)
    this.#found = this.#rows.count
  }

  #widenBoards(board: number): void {
    const wider = new Uint32Array(Math.max(this.#last.length * 2, board + 1))
    wider.set(this.#last)
    this.#last = wider
  }
}

/** Adds the shared edges of a stretch to lists that have `n`; how many they have then. */
function takeShared(
  { chunk: { pin, board, time, alive }, at, length }: Stretch,
  pinFlags: Uint8Array,
  boardFlags: Uint8Array,
  { pins, boards, times }: Omit<EdgeLists, 'edgeCount'>,
  n: number,
): number {
  let next = n
  for (let i = at; i < at + length; i++) {
    const ofPin = pin[i]!
    const ofBoard = board[i]!
    if (alive[i] === 0) continue
    if (ofPin < pinFlags.length && pinFlags[ofPin] !== 0) continue
    if (ofBoard < boardFlags.length && boardFlags[ofBoard] !== 0) continue
    pins[next] = ofPin
    boards[next] = ofBoard
    times[next++] = time[i]!
  }
  return next
}
