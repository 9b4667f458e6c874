/**
 * Makes the graph in Neo4j equal to a source, batch by batch in the order of `BoardRows`.
 *
 * A batch is a range of that order. What Neo4j holds in the range is read, compared, and only the
 * difference is written, together with how far the push has come. So an edge the source no longer
 * has goes away with its range; a push of what is there already writes nothing; and a push that
 * was cut off is taken up after its last batch. A batch whose commit was acknowledged to nobody is
 * sent again by the driver and known by its place.
 */
import type { Clock } from '../../base/index.ts'
import {
  type BoardRows,
  compareEdges,
  compareIds,
  type Edge,
  edgeDigest,
  edgesOf,
  edgesUpTo,
} from '../board-rows.ts'
import type { Neo4jConnection, Neo4jTransaction } from './connection.ts'
import { changeEdges } from './edge-changes.ts'
import { busy, type LogCursor, lockState, writeState } from './load-state.ts'
import { ensureSchema } from './schema.ts'

export type PushOptions = {
  readonly rows: BoardRows
  /** Where the log was, when the rows come from one: sync goes on from there. */
  readonly cursor?: LogCursor
  readonly batchEdges?: number
  readonly clock: Clock
  readonly onProgress?: (done: number, total: number) => void
}

export type PushReport = {
  readonly edges: number
  readonly boards: number
  readonly pins: number
  readonly added: number
  readonly removed: number
  /** Edges that an earlier push, cut off, had brought there. */
  readonly resumedAt: number
  readonly seconds: number
  /** Edges compared and, where need be, written. */
  readonly edgesPerSecond: number
  readonly digest: string
}

/** In edges; a transaction of so many keeps the server's memory below 100 MB. */
export const pushDefaults = Object.freeze({ batchEdges: 10_000 })

const PAGE_BOARDS_MIN = 100

/** NEO4J_BUSY when another command writes meanwhile; after any error, push again. */
export async function pushGraph(
  connection: Neo4jConnection,
  options: PushOptions,
): Promise<PushReport> {
  const started = options.clock.monotonic()
  await ensureSchema(connection)
  const push = new Push(connection, options)
  const resumedAt = await push.begin()
  await push.batches(resumedAt)
  await push.end()
  const seconds = (options.clock.monotonic() - started) / 1000
  const { rows } = options
  const edges = rows.pinOf.length
  return {
    edges,
    boards: rows.boards.length,
    pins: rows.pins.length,
    added: push.added,
    removed: push.removed,
    resumedAt,
    seconds,
    edgesPerSecond: Math.round((edges - resumedAt) / seconds),
    digest: push.digest,
  }
}

class Push {
  readonly digest: string
  added = 0
  removed = 0
  readonly #connection: Neo4jConnection
  readonly #rows: BoardRows
  readonly #cursor: LogCursor | undefined
  readonly #batchEdges: number
  readonly #onProgress: (done: number, total: number) => void
  /** How far the state in Neo4j says this load is. */
  #last: Edge | undefined
  /** How far Neo4j is known to be equal: ranges without a difference write nothing. */
  #equalTo: Edge | undefined

  constructor(connection: Neo4jConnection, options: PushOptions) {
    this.#connection = connection
    this.#rows = options.rows
    this.#cursor = options.cursor
    this.#batchEdges = options.batchEdges ?? pushDefaults.batchEdges
    this.#onProgress = options.onProgress ?? (() => {})
    this.digest = edgeDigest(options.rows)
  }

  /** Marks the load as begun; the number of edges that one cut off has done. */
  async begin(): Promise<number> {
    this.#last = await this.#connection.write(async (transaction) => {
      const { load, complete, last } = await lockState(transaction)
      const goesOn = load === this.digest && !complete
      await writeState(transaction, this.#state(goesOn ? last : undefined))
      return goesOn ? last : undefined
    })
    this.#equalTo = this.#last
    return this.#last === undefined ? 0 : edgesUpTo(this.#rows, this.#last)
  }

  async batches(from: number): Promise<void> {
    const total = this.#rows.pinOf.length
    for (let at = from; at < total; at += this.#batchEdges) {
      const end = Math.min(total, at + this.#batchEdges)
      const edges = edgesOf(this.#rows, at, end)
      await this.#range(edges, edges.at(-1))
      this.#onProgress(end, total)
    }
    // What lies beyond the last edge.
    await this.#range([], undefined)
  }

  end(): Promise<void> {
    return this.#write(this.#last, async (transaction) => {
      const state = { load: this.digest, complete: true, edges: this.#rows.pinOf.length }
      await writeState(transaction, { ...state, ...(this.#cursor && { cursor: this.#cursor }) })
    })
  }

  /** Makes a range equal: from where it is equal to `until`, or to the end of everything. */
  async #range(edges: readonly Edge[], until: Edge | undefined): Promise<void> {
    const after = this.#equalTo
    const boards = new Set(edges.map(({ board }) => board)).size
    const held = await this.#connection.read((transaction) =>
      heldIn(transaction, { after, until }, Math.max(PAGE_BOARDS_MIN, boards)),
    )
    const wanted = new Set(edges.map(keyOf))
    const there = new Set(held.map(keyOf))
    const added = edges.filter((edge) => !there.has(keyOf(edge)))
    const removed = held.filter((edge) => !wanted.has(keyOf(edge)))
    for (let i = 0; i < removed.length; i += this.#batchEdges) {
      const some = { added: [], removed: removed.slice(i, i + this.#batchEdges) }
      await this.#write(this.#last, (transaction) => changeEdges(transaction, some))
    }
    if (added.length > 0) {
      await this.#write(until, async (transaction) => {
        await changeEdges(transaction, { added, removed: [] })
        await writeState(transaction, this.#state(until))
      })
      this.#last = until
    }
    this.added += added.length
    this.removed += removed.length
    this.#equalTo = until
  }

  /** Runs `work` unless it was done. NEO4J_BUSY when the load is not where this one left it. */
  #write(
    to: Edge | undefined,
    work: (transaction: Neo4jTransaction) => Promise<void>,
  ): Promise<void> {
    const from = this.#last
    return this.#connection.write(async (transaction) => {
      const { load, last, complete } = await lockState(transaction)
      if (load !== this.digest) throw busy()
      // The commit went through, only its acknowledgement was lost.
      if (complete || (!sameEdge(from, to) && sameEdge(last, to))) return
      if (!sameEdge(last, from)) throw busy()
      await work(transaction)
    })
  }

  #state(last: Edge | undefined) {
    return { load: this.digest, complete: false, edges: 0, ...(last && { last }) }
  }
}

/**
 * The edges in Neo4j after one and up to another; undefined is without bound. Boards come a page at
 * a time in the order of the index, by code point. The upper bound is kept here: with two bounds
 * Neo4j 5.26 compares them by UTF-16, and finds nothing between U+FFEE and an emoji.
 */
async function heldIn(
  transaction: Neo4jTransaction,
  bounds: { readonly after: Edge | undefined; readonly until: Edge | undefined },
  pageBoards: number,
): Promise<Edge[]> {
  const { after, until } = bounds
  const statement = `
    MATCH (board:Board) USING INDEX board:Board(id) WHERE board.id >= $from
    WITH board ORDER BY board.id LIMIT $limit
    RETURN board.id AS board, [(board)-[:HOLDS]->(pin:Pin) | pin.id] AS pins`
  const held: Edge[] = []
  let from = after?.board ?? ''
  for (let page = 0; ; page++) {
    // The board that a page ends with begins the next one.
    const found = await transaction.run(statement, { from, limit: pageBoards + 1 })
    for (const row of page === 0 ? found : found.slice(1)) {
      const board = row['board'] as string
      if (until && compareIds(board, until.board) > 0) return held
      for (const pin of row['pins'] as readonly string[]) {
        const edge = { board, pin }
        if (isWithin(edge, after, until)) held.push(edge)
      }
    }
    if (found.length <= pageBoards) return held
    from = found.at(-1)!['board'] as string
  }
}

function isWithin(edge: Edge, after: Edge | undefined, until: Edge | undefined): boolean {
  return (!after || compareEdges(edge, after) > 0) && (!until || compareEdges(edge, until) <= 0)
}

/** No id has a line break. */
function keyOf({ board, pin }: Edge): string {
  return `${board}\n${pin}`
}

function sameEdge(a: Edge | undefined, b: Edge | undefined): boolean {
  return a?.board === b?.board && a?.pin === b?.pin
}
