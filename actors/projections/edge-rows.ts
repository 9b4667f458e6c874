/**
 * Columns of edges, in chunks: a table of a hundred million grows by a chunk, where whole columns
 * would be copied and lie twice in memory. 21 bytes a row; the first chunk grows by doubling, so
 * that a small table is small.
 */
const SHIFT = 20
const CHUNK = 1 << SHIFT
const MASK = CHUNK - 1
const FIRST = 1024

const names = ['pin', 'board', 'time', 'alive'] as const

/** What rows say, column by column. */
export type EdgeColumns = {
  readonly pin: Uint32Array
  readonly board: Uint32Array
  readonly time: Float64Array
  readonly alive: Uint8Array
}
type Chunk = EdgeColumns & {
  /** The row before it of the same board, + 1; 0 where it is the first. */
  readonly before: Uint32Array
}

/** Rows [at, at + length) of a chunk; `done` of those asked for come before. */
export type Stretch = {
  readonly chunk: EdgeColumns
  readonly at: number
  readonly length: number
  readonly done: number
}

export type EdgeRow = {
  readonly pin: number
  readonly board: number
  readonly time: number
  readonly alive: 0 | 1
  readonly before: number
}

export class EdgeRows {
  readonly #chunks = [chunkOf(FIRST)]
  #room = FIRST
  count = 0

  /** Bytes that it has reserved. */
  get bytes(): number {
    return 21 * this.#room
  }

  pin(row: number): number {
    return this.#chunks[row >>> SHIFT]!.pin[row & MASK]!
  }

  board(row: number): number {
    return this.#chunks[row >>> SHIFT]!.board[row & MASK]!
  }

  time(row: number): number {
    return this.#chunks[row >>> SHIFT]!.time[row & MASK]!
  }

  alive(row: number): number {
    return this.#chunks[row >>> SHIFT]!.alive[row & MASK]!
  }

  before(row: number): number {
    return this.#chunks[row >>> SHIFT]!.before[row & MASK]!
  }

  setTime(row: number, time: number): void {
    this.#chunks[row >>> SHIFT]!.time[row & MASK] = time
  }

  setAlive(row: number, alive: 0 | 1): void {
    this.#chunks[row >>> SHIFT]!.alive[row & MASK] = alive
  }

  /** A new row, the last. */
  push({ pin, board, time, alive, before }: EdgeRow): number {
    if (this.count === this.#room) this.#grow()
    const row = this.count++
    const chunk = this.#chunks[row >>> SHIFT]!
    const at = row & MASK
    chunk.pin[at] = pin
    chunk.board[at] = board
    chunk.time[at] = time
    chunk.alive[at] = alive
    chunk.before[at] = before
    return row
  }

  /** Copies of `count` rows from `first` on. */
  columns(first: number, count: number): EdgeColumns {
    const copies = edgeColumns(count)
    for (const { chunk, at, done, length } of this.stretches(first, count)) {
      for (const name of names) copies[name].set(chunk[name].subarray(at, at + length), done)
    }
    return copies
  }

  /** New rows, the last; `last` has of each board its last row + 1. Returns how many are alive. */
  append(columns: EdgeColumns, last: Uint32Array): number {
    const first = this.count
    this.count += columns.pin.length
    while (this.#room < this.count) this.#grow()
    let live = 0
    for (const { chunk, at, done, length } of this.stretches(first, columns.pin.length)) {
      for (const name of names) chunk[name].set(columns[name].subarray(done, done + length), at)
      live += chain(chunk, { at, length, row: first + done }, last)
    }
    return live
  }

  /** Where `count` rows from `first` on lie: loops over many rows need not look each up. */
  *stretches(first: number, count: number): Generator<Stretch & { readonly chunk: Chunk }, void> {
    for (let done = 0; done < count; ) {
      const at = (first + done) & MASK
      const length = Math.min(count - done, CHUNK - at)
      yield { chunk: this.#chunks[(first + done) >>> SHIFT]!, at, done, length }
      done += length
    }
  }

  #grow(): void {
    const [first] = this.#chunks
    if (this.#room >= CHUNK) {
      this.#chunks.push(chunkOf(CHUNK))
      this.#room += CHUNK
      return
    }
    this.#room *= 2
    const wider = chunkOf(this.#room)
    for (const name of [...names, 'before'] as const) wider[name].set(first![name])
    this.#chunks[0] = wider
  }
}

export function edgeColumns(rows: number): EdgeColumns {
  return {
    pin: new Uint32Array(rows),
    board: new Uint32Array(rows),
    time: new Float64Array(rows),
    alive: new Uint8Array(rows),
  }
}

function chunkOf(rows: number): Chunk {
  return { ...edgeColumns(rows), before: new Uint32Array(rows) }
}

/** Chains rows that are in a chunk to those of their boards; how many of them are alive. */
function chain(
  { board, alive, before }: Chunk,
  { at, length, row }: { readonly at: number; readonly length: number; readonly row: number },
  last: Uint32Array,
): number {
  let live = 0
  for (let i = 0; i < length; i++) {
    const of = board[at + i]!
    before[at + i] = last[of]!
    last[of] = row + i + 1
    live += alive[at + i]!
  }
  return live
}
