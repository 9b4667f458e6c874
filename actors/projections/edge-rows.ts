/**
 * Columns of edges, in chunks: a table of a hundred million grows by a chunk, where whole columns
 * would be copied and lie twice in memory. 21 bytes a row; the first chunk grows by doubling, so
 * that a small table is small.
 */
const SHIFT = 20
const CHUNK = 1 << SHIFT
const MASK = CHUNK - 1
const FIRST = 1024

type Chunk = {
  readonly pin: Uint32Array
  readonly board: Uint32Array
  readonly time: Float64Array
  readonly alive: Uint8Array
  /** The row before it of the same board, + 1; 0 where it is the first. */
  readonly before: Uint32Array
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

  #grow(): void {
    const [first] = this.#chunks
    if (this.#room >= CHUNK) {
      this.#chunks.push(chunkOf(CHUNK))
      this.#room += CHUNK
      return
    }
    this.#room *= 2
    const wider = chunkOf(this.#room)
    for (const name of ['pin', 'board', 'time', 'alive', 'before'] as const) {
      wider[name].set(first![name])
    }
    this.#chunks[0] = wider
  }
}

function chunkOf(rows: number): Chunk {
  return {
    pin: new Uint32Array(rows),
    board: new Uint32Array(rows),
    time: new Float64Array(rows),
    alive: new Uint8Array(rows),
    before: new Uint32Array(rows),
  }
}
