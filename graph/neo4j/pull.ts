/**
 * The graph of Neo4j as edges: boards in order of their ids, each with one list of its pins, so
 * that a row of the stream carries many edges and neither side holds all of it.
 */
import { type Clock, Interner } from '../../base/index.ts'
import type { NamedEdges } from '../named-edges.ts'
import type { Neo4jConnection, Neo4jTransaction } from './connection.ts'
import { readState } from './load-state.ts'

export type PullOptions = {
  readonly clock: Clock
  readonly onProgress?: (done: number, total: number | undefined) => void
}

export type PulledGraph = {
  readonly graph: NamedEdges
  /** False while a push is on its way or when something was written meanwhile. */
  readonly complete: boolean
  readonly seconds: number
}

export async function pullGraph(
  connection: Neo4jConnection,
  { clock, onProgress = () => {} }: PullOptions,
): Promise<PulledGraph> {
  const started = clock.monotonic()
  // A second try after a lost connection begins anew, with a new builder.
  return connection.read(async (transaction) => {
    const before = await readState(transaction)
    const builder = new EdgeBuilder()
    for await (const { board, pins } of rowsOf(transaction)) {
      builder.add(board, pins)
      onProgress(builder.edgeCount, before?.edges || undefined)
    }
    const after = await readState(transaction)
    const complete = before?.complete === true && before.turn === after?.turn
    return { graph: builder.build(), complete, seconds: (clock.monotonic() - started) / 1000 }
  })
}

async function* rowsOf(transaction: Neo4jTransaction) {
  const statement = `
    MATCH (board:Board) WHERE board.id >= '' WITH board ORDER BY board.id
    RETURN board.id AS board, [(board)-[:HOLDS]->(pin:Pin) | pin.id] AS pins`
  for await (const row of transaction.stream(statement)) {
    yield row as { readonly board: string; readonly pins: readonly string[] }
  }
}

/** Edges that come one board at a time. */
class EdgeBuilder {
  readonly #pinNames = new Interner()
  readonly #boardNames = new Interner()
  #pins = new Uint32Array(1 << 16)
  #boards = new Uint32Array(1 << 16)
  edgeCount = 0

  add(board: string, pins: readonly string[]): void {
    const number = this.#boardNames.intern(board)
    this.#room(pins.length)
    for (const pin of pins) {
      this.#pins[this.edgeCount] = this.#pinNames.intern(pin)
      this.#boards[this.edgeCount++] = number
    }
  }

  build(): NamedEdges {
    const pins = this.#pinNames
    const boards = this.#boardNames
    const { edgeCount } = this
    const counts = { edgeCount, pinCount: pins.size, boardCount: boards.size }
    const edges = { pins: this.#pins, boards: this.#boards, ...counts }
    return { edges, pins, boards }
  }

  #room(more: number): void {
    if (this.edgeCount + more <= this.#pins.length) return
    const wider = (old: Uint32Array) => {
      const next = new Uint32Array(old.length * 2 + more)
      next.set(old)
      return next
    }
    this.#pins = wider(this.#pins)
    this.#boards = wider(this.#boards)
  }
}
