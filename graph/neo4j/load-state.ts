/**
 * What Neo4j knows of itself: one node (:Pinwheel {id: 'graph'}), written in the same transaction
 * as the edges it speaks of. So a batch that is sent twice is known by it, a load that was cut off
 * is taken up where it stopped, and an entry of the log has its effect once.
 */
import { pinwheelError } from '../../base/index.ts'
import type { Edge } from '../board-rows.ts'
import type { Neo4jTransaction, Row } from './connection.ts'

/** How far a log has been read. */
export type LogCursor = {
  /** Entries read, by partition. */
  readonly positions: readonly number[]
  /** CRC-32 of what was read, so that another log is not mistaken for this one. */
  readonly fingerprint: number
}

export type LoadState = {
  /** Transactions that wrote so far. */
  readonly turn: number
  /** Digest of the source that a push loads or has loaded. */
  readonly load?: string
  /** The last edge that an unfinished push is sure of. */
  readonly last?: Edge
  /** False while a push is on its way. */
  readonly complete: boolean
  /** Edges, when complete. */
  readonly edges: number
  /** Where the log was that the edges came from. */
  readonly cursor?: LogCursor
  /** Where a sync of several transactions is going: edges are those of `cursor`, or later. */
  readonly toward?: LogCursor
}

const node = `(state:Pinwheel {id: 'graph'})`

/** Undefined in a database that Pinwheel never wrote to. */
export async function readState(transaction: Neo4jTransaction): Promise<LoadState | undefined> {
  const [row] = await transaction.run(`MATCH ${node} RETURN state {.*} AS state`)
  return row && decode(row['state'] as Row)
}

/**
 * The state, with the node locked until the transaction ends: other writers wait here, so two
 * commands never write at a time and cannot deadlock.
 */
export async function lockState(transaction: Neo4jTransaction): Promise<LoadState> {
  const [row] = await transaction.run(
    `MERGE ${node} SET state.turn = coalesce(state.turn, 0) + 1 RETURN state {.*} AS state`,
  )
  return decode(row!['state'] as Row)
}

/** Writes the state; what it lacks is taken away. */
export async function writeState(
  transaction: Neo4jTransaction,
  state: Omit<LoadState, 'turn'>,
): Promise<void> {
  await transaction.run(`MATCH ${node} SET state += $state`, { state: stateProperties(state) })
}

/** The properties of the node; null where there is none. */
export function stateProperties({ load, last, complete, edges, cursor, toward }: Stored) {
  return {
    load: load ?? null,
    lastBoard: last?.board ?? null,
    lastPin: last?.pin ?? null,
    complete,
    edges,
    positions: cursor?.positions ?? null,
    fingerprint: cursor?.fingerprint ?? null,
    towardPositions: toward?.positions ?? null,
    towardFingerprint: toward?.fingerprint ?? null,
  }
}

type Stored = Omit<LoadState, 'turn'>

function decode(row: Row): LoadState {
  const { turn, load, lastBoard, lastPin, complete = true, edges = 0 } = row
  const cursor = cursorOf(row['positions'], row['fingerprint'])
  const toward = cursorOf(row['towardPositions'], row['towardFingerprint'])
  return {
    turn: turn as number,
    complete: complete as boolean,
    edges: edges as number,
    ...(typeof load === 'string' && { load }),
    ...(typeof lastBoard === 'string' && { last: { board: lastBoard, pin: lastPin as string } }),
    ...(cursor && { cursor }),
    ...(toward && { toward }),
  }
}

function cursorOf(positions: unknown, fingerprint: unknown): LogCursor | undefined {
  // A bulk import may leave an empty list where there is none.
  if (!Array.isArray(positions) || positions.length === 0) return undefined
  return { positions: positions as number[], fingerprint: fingerprint as number }
}

export function sameCursor(a: LogCursor | undefined, b: LogCursor | undefined): boolean {
  if (!a || !b) return a === b
  const { positions } = b
  return (
    a.fingerprint === b.fingerprint &&
    a.positions.length === positions.length &&
    a.positions.every((position, i) => position === positions[i])
  )
}

/** Another command wrote what this one did not expect. */
export function busy() {
  return pinwheelError('NEO4J_BUSY')
}
