/**
 * Events in columns, as a generator appends them: 48 bytes each, so that 300,000 of them are drawn
 * and put in order of time before the first becomes an object.
 */
import type { EpochMs } from '../../base/index.ts'

/** Means the user's implicit board. */
export const NO_BOARD = -1

/** One event to append. What a kind does not use stays as the last append left it. */
export type Row = {
  /** A `kindCode`. */
  kind: number
  time: EpochMs
  user: number
  /** The pin; of a follow the topic. */
  subject: number
  /** NO_BOARD for the implicit board. */
  board: number
  /** Number of the feed request that it belongs to. */
  request: number
  /** Index of a device, as the writer numbers them. */
  device: number
  /** Index of a source or surface, as the writer numbers them. */
  place: number
  rank: number
  propensity: number
  viewed: boolean
  dwell: number
}

export class Ledger {
  readonly kind: Uint8Array
  readonly time: Float64Array
  readonly user: Uint32Array
  readonly subject: Uint32Array
  readonly board: Int32Array
  readonly request: Uint32Array
  readonly device: Uint8Array
  readonly place: Uint8Array
  readonly rank: Uint8Array
  readonly propensity: Float32Array
  readonly viewed: Uint8Array
  readonly dwell: Float32Array
  readonly capacity: number
  #count = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.kind = new Uint8Array(capacity)
    this.time = new Float64Array(capacity)
    this.user = new Uint32Array(capacity)
    this.subject = new Uint32Array(capacity)
    this.board = new Int32Array(capacity)
    this.request = new Uint32Array(capacity)
    this.device = new Uint8Array(capacity)
    this.place = new Uint8Array(capacity)
    this.rank = new Uint8Array(capacity)
    this.propensity = new Float32Array(capacity)
    this.viewed = new Uint8Array(capacity)
    this.dwell = new Float32Array(capacity)
  }

  get count(): number {
    return this.#count
  }

  get full(): boolean {
    return this.#count === this.capacity
  }

  /** Appends a copy of `row`; once full, further rows are dropped. */
  append(row: Readonly<Row>): void {
    if (this.full) return
    const at = this.#count++
    this.kind[at] = row.kind
    this.time[at] = row.time
    this.user[at] = row.user
    this.subject[at] = row.subject
    this.board[at] = row.board
    this.request[at] = row.request
    this.device[at] = row.device
    this.place[at] = row.place
    this.rank[at] = row.rank
    this.propensity[at] = row.propensity
    this.viewed[at] = row.viewed ? 1 : 0
    this.dwell[at] = row.dwell
  }

  /** The numbers of the rows by (time, order of appending). */
  inOrder(): Uint32Array {
    const { time } = this
    const rows = new Uint32Array(this.#count).map((_, at) => at)
    return rows.sort((a, b) => time[a]! - time[b]! || a - b)
  }
}
