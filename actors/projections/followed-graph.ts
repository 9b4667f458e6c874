/**
 * The shared graph of a data directory that a server may have open, brought forward pass by pass,
 * with the edges that came and went in between. It is folded from the log's beginning: 20 bytes an
 * edge and its ids.
 */
import type { NamedEdges } from '../../graph/index.ts'
import type { EdgeChanges, LogCursor } from '../../graph/neo4j/index.ts'
import { LogFollower, type LogFollowerOptions } from '../log/index.ts'
import { GraphFold } from './graph-fold.ts'

export class FollowedGraph {
  readonly #log: LogFollower
  readonly #fold: GraphFold
  /** Rows of the table whose edge was shared when `changes` was asked last. */
  #told = new Uint8Array(1024)
  /** Edges that `changes` has told of and not taken back. */
  edgeCount = 0

  private constructor(log: LogFollower) {
    this.#log = log
    this.#fold = new GraphFold(log.partitions)
  }

  /** DIRECTORY_INVALID when no log is there; LOG_DROPPED. */
  static async open(options: LogFollowerOptions): Promise<FollowedGraph> {
    return new FollowedGraph(await LogFollower.open({ ...options, fromStart: true }))
  }

  get cursor(): LogCursor {
    return this.#log.cursor
  }

  /**
   * Reads what came since, or exactly up to `until`; false when this log never was at `until`.
   */
  async advance(until?: LogCursor): Promise<boolean> {
    if (until && isAt(this.cursor, until)) return this.cursor.fingerprint === until.fingerprint
    for await (const frame of this.#log.read()) {
      this.#fold.feed(frame)
      if (!until) continue
      const { cursor } = this
      if (isAt(cursor, until)) return cursor.fingerprint === until.fingerprint
      if (!until.positions.every((position, p) => cursor.positions[p]! <= position)) return false
    }
    return until === undefined
  }

  /** Entries that the log has beyond the cursor. */
  unread(): Promise<number> {
    return this.#log.unread()
  }

  edges(): NamedEdges {
    return this.#fold.edges()
  }

  /** What came and went since this was asked before, board by board. */
  changes(): EdgeChanges {
    const table = this.#fold.table()
    if (this.#told.length < table.rows) {
      const wider = new Uint8Array(table.rows * 2)
      wider.set(this.#told)
      this.#told = wider
    }
    const changed: number[] = []
    for (let row = 0; row < table.rows; row++) {
      if ((this.#told[row] === 1) !== table.isShared(row)) changed.push(row)
    }
    changed.sort((a, b) => table.boardOf(a) - table.boardOf(b))
    const { pin, board } = this.#fold.names
    const edgeOf = (row: number) => ({
      board: board.id(table.boardOf(row)),
      pin: pin.id(table.pinOf(row)),
    })
    const gone = (row: number) => this.#told[row] === 1
    const removed = changed.filter(gone).map(edgeOf)
    const added = changed.filter((row) => !gone(row)).map(edgeOf)
    for (const row of changed) this.#told[row] = gone(row) ? 0 : 1
    this.edgeCount += added.length - removed.length
    return { added, removed }
  }
}

function isAt(cursor: LogCursor, wanted: LogCursor): boolean {
  const { positions } = wanted
  return (
    positions.length === cursor.positions.length &&
    positions.every((position, p) => position === cursor.positions[p])
  )
}
