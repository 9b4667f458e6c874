/** Keeps the graph in Neo4j equal to that of a log which a server may be writing. */
import { FollowedGraph } from '../../actors/index.ts'
import { pinwheelError } from '../../base/index.ts'
import {
  type LogCursor,
  type Neo4jConnection,
  type SyncStep,
  syncOrigin,
  syncStep,
} from '../../graph/neo4j/index.ts'

export class GraphSync {
  readonly #connection: Neo4jConnection
  readonly #followed: FollowedGraph
  #sentTo: LogCursor | undefined
  /** Changes that were taken from the log and not yet confirmed. */
  #pending: SyncStep | undefined
  added = 0
  removed = 0

  private constructor(
    connection: Neo4jConnection,
    followed: FollowedGraph,
    sentTo: LogCursor | undefined,
  ) {
    this.#connection = connection
    this.#followed = followed
    this.#sentTo = sentTo
  }

  /**
   * Reads the log to where Neo4j is, and ends what an earlier sync left half done.
   * NEO4J_OTHER_GRAPH when Neo4j is not on this log's way.
   */
  static async open(connection: Neo4jConnection, directory: string): Promise<GraphSync> {
    const { cursor, toward } = await syncOrigin(connection)
    const followed = await FollowedGraph.open({ directory })
    if (cursor) await reach(followed, cursor)
    followed.changes()
    const sync = new GraphSync(connection, followed, cursor)
    if (toward) {
      await reach(followed, toward)
      sync.#take()
      await sync.#send()
    }
    return sync
  }

  get edges(): number {
    return this.#followed.edgeCount
  }

  /** Entries of the log that Neo4j does not have: its lag. */
  async lag(): Promise<number> {
    const read = sum(this.#followed.cursor.positions)
    return (await this.#followed.unread()) + read - sum(this.#sentTo?.positions ?? [])
  }

  /** Sends what the log has by now; NEO4J_UNREACHABLE may be tried again. */
  async pass(onProgress: (edges: number) => void = () => {}): Promise<void> {
    if (!this.#pending) {
      await this.#followed.advance()
      this.#take()
    }
    await this.#send(onProgress)
  }

  #take(): void {
    const to = this.#followed.cursor
    if (sum(to.positions) === sum(this.#sentTo?.positions ?? [])) return
    const changes = this.#followed.changes()
    this.#pending = { from: this.#sentTo, to, changes, edges: this.#followed.edgeCount }
  }

  async #send(onProgress: (edges: number) => void = () => {}): Promise<void> {
    const step = this.#pending
    if (!step) return
    await syncStep(this.#connection, step, { onProgress })
    this.#pending = undefined
    this.#sentTo = step.to
    this.added += step.changes.added.length
    this.removed += step.changes.removed.length
  }
}

async function reach(followed: FollowedGraph, cursor: LogCursor): Promise<void> {
  if (await followed.advance(cursor)) return
  const held = `the graph of a log at ${cursor.positions.join('-')}`
  throw pinwheelError('NEO4J_OTHER_GRAPH', { held })
}

function sum(positions: readonly number[]): number {
  return positions.reduce((total, position) => total + position, 0)
}
