/**
 * The edge table as it is at one moment, written in chunks while entries are applied. Rows are
 * never taken away, so only what changes in an old row must be remembered, until the dump is over.
 *
 * A chunk: u32 what it holds, u32 first index, u32 count, then
 * - of edges u32 0, then column by column: f64 times, u32 pins, u32 boards, u8 whether the latest
 *   word is a save (until format 2 of snapshots edge by edge, without the 0);
 * - of slots, where rows are found, u32 how many there are in all, then those: for what they say a
 *   start would take a second for twenty million edges (until format 2 it does);
 * - for each pin or board: u8 flags, f64 time of the latest word;
 * - owner: u32 owner of a board;
 * - title: u32 bytes, then the title of a board in UTF-8.
 */
import { NONE } from '../../base/index.ts'
import { ChunkReader, type Chunks, ChunkWriter } from '../snapshots/section.ts'
import { type EdgeColumns, edgeColumns } from './edge-rows.ts'
import type { EdgeTable } from './edge-table.ts'

const parts = {
  edgeByEdge: 1,
  pins: 2,
  boards: 3,
  owners: 4,
  titles: 5,
  edges: 6,
  slots: 7,
} as const
/** Of one chunk: below a mebibyte. */
const ROWS = 1 << 15
const TITLES = 1 << 11
const SLOTS = 1 << 18

type Word = { readonly flags: number; readonly time: number }

/** What is known of boards beside the table. */
export type BoardTexts = {
  readonly ownerOf: (board: number) => number
  /** Empty where it has none. */
  readonly titleOf: (board: number) => string
}

export class EdgeDump {
  readonly #table: EdgeTable
  readonly #texts: BoardTexts
  readonly #rows: number
  readonly #slots: Uint32Array
  readonly #pins: number
  readonly #boards: number
  /** What rows, pins and boards said that have changed since. */
  readonly #oldRows = new Map<number, Word>()
  readonly #oldPins = new Map<number, Word>()
  readonly #oldBoards = new Map<number, Word>()
  /** Boards that had no owner. */
  readonly #unowned = new Set<number>()
  readonly #oldTitles = new Map<number, string>()

  constructor(table: EdgeTable, texts: BoardTexts) {
    this.#table = table
    this.#texts = texts
    this.#rows = table.rows
    this.#slots = table.slots()
    this.#pins = table.pins.size
    this.#boards = table.boards.size
  }

  /** An edge is about to change from this. */
  keepRow(row: number, flags: number, time: number): void {
    keep(this.#oldRows, row, this.#rows, { flags, time })
  }
  keepPin(pin: number, flags: number, time: number): void {
    keep(this.#oldPins, pin, this.#pins, { flags, time })
  }
  keepBoard(board: number, flags: number, time: number): void {
    keep(this.#oldBoards, board, this.#boards, { flags, time })
  }
  /** A board is about to get its owner. */
  keepOwner(board: number): void {
    this.#unowned.add(board)
  }

  /** A board is about to be called otherwise. */
  keepTitle(board: number): void {
    if (!this.#oldTitles.has(board)) this.#oldTitles.set(board, this.#texts.titleOf(board))
  }

  *chunks(): Chunks & Generator<Uint8Array, void> {
    const { pins, boards } = this.#table
    for (let first = 0; first < this.#rows; first += ROWS) {
      const edges = this.#table.columns(first, Math.min(ROWS, this.#rows - first))
      for (let i = 0; i < edges.pin.length && this.#oldRows.size > 0; i++) {
        const old = this.#oldRows.get(first + i)
        if (!old) continue
        edges.time[i] = old.time
        edges.alive[i] = old.flags
      }
      yield chunkOfEdges(first, edges)
    }
    yield* this.#slotChunks()
    yield* sliced(parts.pins, this.#pins, (writer, pin) => {
      write(writer, this.#oldPins.get(pin) ?? { flags: pins.flags(pin), time: pins.time(pin) })
    })
    yield* sliced(parts.boards, this.#boards, (writer, board) => {
      const now = { flags: boards.flags(board), time: boards.time(board) }
      write(writer, this.#oldBoards.get(board) ?? now)
    })
    yield* sliced(parts.owners, this.#boards, (writer, board) => {
      writer.u32(this.#unowned.has(board) ? NONE : this.#texts.ownerOf(board))
    })
    const title = (writer: ChunkWriter, board: number) => {
      const bytes = Buffer.from(this.#oldTitles.get(board) ?? this.#texts.titleOf(board))
      writer.u32(bytes.length)
      writer.bytes(bytes)
    }
    yield* sliced(parts.titles, this.#boards, title, TITLES)
  }

  /** Later rows, which took free slots meanwhile, are left out. */
  *#slotChunks(): Generator<Uint8Array, void> {
    const { length } = this.#slots
    for (let first = 0; first < length; first += SLOTS) {
      const slots = this.#slots.slice(first, first + SLOTS)
      for (let i = 0; i < slots.length; i++) {
        if ((slots[i]! & (length - 1)) > this.#rows) slots[i] = 0
      }
      yield chunkOf([parts.slots, first, slots.length, length], [slots])
    }
  }
}

/** Bytes of the head of a chunk of columns: they lie where they may. */
const HEAD = 16

function chunkOf(head: readonly number[], columns: readonly ArrayBufferView[]): Uint8Array {
  const writer = new ChunkWriter()
  for (const word of head) writer.u32(word)
  for (const { buffer, byteOffset, byteLength } of columns) {
    writer.bytes(new Uint8Array(buffer, byteOffset, byteLength))
  }
  return writer.take()
}

function chunkOfEdges(first: number, { time, pin, board, alive }: EdgeColumns): Uint8Array {
  return chunkOf([parts.edges, first, pin.length, 0], [time, pin, board, alive])
}

/** The chunk at a multiple of 8, as columns of it must be. */
const aligned = (chunk: Uint8Array) => (chunk.byteOffset % 8 === 0 ? chunk : chunk.slice())

/** The edges of a chunk, views of it where they lie as columns; undefined of other things. */
function edgesOf(chunk: Uint8Array): EdgeColumns | undefined {
  const reader = new ChunkReader(chunk)
  const [part, _first, count] = [reader.u32(), reader.u32(), reader.u32()]
  if (part === parts.edges) {
    const { buffer, byteOffset } = aligned(chunk)
    const at = byteOffset + HEAD
    return {
      time: new Float64Array(buffer, at, count),
      pin: new Uint32Array(buffer, at + 8 * count, count),
      board: new Uint32Array(buffer, at + 12 * count, count),
      alive: new Uint8Array(buffer, at + 16 * count, count),
    }
  }
  if (part !== parts.edgeByEdge) return undefined
  const edges = edgeColumns(count)
  const { pin, board, time, alive } = edges
  for (let i = 0; i < count; i++) {
    pin[i] = reader.u32()
    board[i] = reader.u32()
    time[i] = reader.f64()
    alive[i] = reader.u8()
  }
  return edges
}

function keep(old: Map<number, Word>, index: number, end: number, word: Word): void {
  if (index < end && !old.has(index)) old.set(index, word)
}

function write(writer: ChunkWriter, { flags, time }: Word): void {
  writer.u8(flags)
  writer.f64(time)
}

function* sliced(
  part: number,
  end: number,
  row: (writer: ChunkWriter, index: number) => void,
  rows = ROWS,
) {
  for (let first = 0; first < end; first += rows) {
    const writer = new ChunkWriter()
    const count = Math.min(rows, end - first)
    writer.u32(part)
    writer.u32(first)
    writer.u32(count)
    for (let index = first; index < first + count; index++) row(writer, index)
    yield writer.take()
  }
}

/**
 * Puts a chunk's part of the table back, in the order in which chunks were written; owners, titles
 * and pins that are gone are told.
 */
export function restoreEdges(
  table: EdgeTable,
  chunk: Uint8Array,
  tell: {
    own: (board: number, owner: number) => void
    call: (board: number, title: string) => void
    hide: (pin: number) => void
  },
): void {
  const edges = edgesOf(chunk)
  if (edges) {
    table.restore(edges)
    return
  }
  const reader = new ChunkReader(chunk)
  const [part, first, count] = [reader.u32(), reader.u32(), reader.u32()]
  if (part === parts.slots) {
    const { buffer, byteOffset } = aligned(chunk)
    const slots = new Uint32Array(buffer, byteOffset + HEAD, count)
    table.restoreSlots(slots, first, reader.u32())
    return
  }
  for (let index = first; index < first + count; index++) {
    if (part === parts.owners) tell.own(index, reader.u32())
    else if (part === parts.titles) {
      const title = titleBytes(reader)
      if (title.length > 0) tell.call(index, Buffer.from(title).toString())
    } else {
      const notes = part === parts.pins ? table.pins : table.boards
      const flags = reader.u8()
      const time = reader.f64()
      if (flags === 0 && time === 0) notes.touch(index)
      else notes.note(index, flags, time)
      if (part === parts.pins && flags !== 0) tell.hide(index)
    }
  }
}

function titleBytes(reader: ChunkReader): Uint8Array {
  return reader.bytes(reader.u32())
}

/** Adds the boards that a chunk says are owned by one of `owners`. */
export function boardsOf(chunk: Uint8Array, owners: ReadonlySet<number>, into: Set<number>): void {
  const reader = new ChunkReader(chunk)
  const isOwners = reader.u32() === parts.owners
  const first = reader.u32()
  const count = isOwners ? reader.u32() : 0
  for (let i = 0; i < count; i++) if (owners.has(reader.u32())) into.add(first + i)
}

/** The chunk as if nobody had ever named those boards: no edges, owner or title, nothing told. */
export function withoutBoards(chunk: Uint8Array, boards: ReadonlySet<number>): Uint8Array {
  const reader = new ChunkReader(chunk)
  const [part, first, count] = [reader.u32(), reader.u32(), reader.u32()]
  const edges = edgesOf(chunk)
  if (edges) {
    const { pin, board, time, alive } = edges
    const isKept = (_: number, i: number) => !boards.has(board[i]!)
    return chunkOfEdges(first, {
      pin: pin.filter(isKept),
      board: board.filter(isKept),
      time: time.filter(isKept),
      alive: alive.filter(isKept),
    })
  }
  // They would find other rows: a start makes them.
  if (part === parts.slots)
    return boards.size === 0 ? chunk : chunkOf([part, first, 0, reader.u32()], [])
  const rows = new ChunkWriter()
  for (let index = first; index < first + count; index++) {
    if (part === parts.owners) {
      const owner = reader.u32()
      rows.u32(boards.has(index) ? NONE : owner)
    } else if (part === parts.titles) {
      const title = titleBytes(reader)
      const kept = boards.has(index) ? title.subarray(0, 0) : title
      rows.u32(kept.length)
      rows.bytes(kept)
    } else {
      const word = { flags: reader.u8(), time: reader.f64() }
      write(rows, part === parts.boards && boards.has(index) ? { flags: 0, time: 0 } : word)
    }
  }
  const whole = new ChunkWriter()
  whole.u32(part)
  whole.u32(first)
  whole.u32(count)
  whole.bytes(rows.take())
  return whole.take()
}
