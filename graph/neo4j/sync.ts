/**
 * Brings the graph in Neo4j from one point of a log to a later one. The point is stored in the
 * transaction that has the effect, so entries have theirs once.
 *
 * What does not fit one transaction is announced first: `toward` says where it goes. A sync that
 * finds it, after a crash, makes the same changes again (they are sets) before it goes on.
 */
import { pinwheelError } from '../../base/index.ts'
import type { Edge } from '../board-rows.ts'
import type { Neo4jConnection, Neo4jTransaction } from './connection.ts'
import { changeEdges, type EdgeChanges } from './edge-changes.ts'
import { busy, type LogCursor, lockState, readState, sameCursor, writeState } from './load-state.ts'
import { ensureSchema } from './schema.ts'

export type SyncOrigin = {
  /** The edges in Neo4j are those of the log here; undefined: none yet. */
  readonly cursor?: LogCursor
  /** Or some of those up to here: an earlier sync was cut off. */
  readonly toward?: LogCursor
}

export type SyncStep = {
  readonly from: LogCursor | undefined
  readonly to: LogCursor
  readonly changes: EdgeChanges
  /** Edges of the graph at `to`. */
  readonly edges: number
}

export const syncDefaults = Object.freeze({ batchEdges: 10_000 })

/** Where a sync begins. NEO4J_OTHER_GRAPH when what Neo4j holds is not of a log. */
export async function syncOrigin(connection: Neo4jConnection): Promise<SyncOrigin> {
  await ensureSchema(connection)
  return connection.read(async (transaction) => {
    const state = await readState(transaction)
    if (!state) {
      const [board] = await transaction.run('MATCH (board:Board) RETURN board.id LIMIT 1')
      if (board) throw pinwheelError('NEO4J_OTHER_GRAPH', { held: 'boards of unknown origin' })
      return {}
    }
    const { cursor, toward } = state
    if (!state.complete && !toward) {
      throw pinwheelError('NEO4J_OTHER_GRAPH', { held: 'a push that did not finish' })
    }
    if (!cursor && !toward) {
      throw pinwheelError('NEO4J_OTHER_GRAPH', { held: 'a graph that came from no log' })
    }
    return { ...(cursor && { cursor }), ...(toward && { toward }) }
  })
}

/** Makes one step. NEO4J_BUSY when Neo4j is neither at its beginning nor at its end. */
export async function syncStep(
  connection: Neo4jConnection,
  step: SyncStep,
  options: { readonly batchEdges?: number; readonly onProgress?: (done: number) => void } = {},
): Promise<void> {
  const { batchEdges = syncDefaults.batchEdges, onProgress = () => {} } = options
  const { added, removed } = step.changes
  const batches: EdgeChanges[] = []
  for (let i = 0; i < added.length; i += batchEdges) batches.push(changed(added, [], i, batchEdges))
  for (let i = 0; i < removed.length; i += batchEdges) {
    batches.push(changed([], removed, i, batchEdges))
  }
  const last = batches.pop() ?? { added: [], removed: [] }
  let done = 0
  for (const batch of batches) {
    await connection.write(async (transaction) => {
      if (await isDone(transaction, step)) return
      await changeEdges(transaction, batch)
      await writeState(transaction, onTheWay(step))
    })
    done += batch.added.length + batch.removed.length
    onProgress(done)
  }
  await connection.write(async (transaction) => {
    if (await isDone(transaction, step)) return
    await changeEdges(transaction, last)
    await writeState(transaction, { complete: true, edges: step.edges, cursor: step.to })
  })
  onProgress(done + last.added.length + last.removed.length)
}

function changed(added: readonly Edge[], removed: readonly Edge[], from: number, size: number) {
  return { added: added.slice(from, from + size), removed: removed.slice(from, from + size) }
}

function onTheWay({ from, to, edges }: SyncStep) {
  return { complete: false, edges, toward: to, ...(from && { cursor: from }) }
}

/** Whether Neo4j is at the step's end: only the acknowledgement of its commit was lost. */
async function isDone(transaction: Neo4jTransaction, { from, to }: SyncStep): Promise<boolean> {
  const { cursor, toward, complete, load } = await lockState(transaction)
  if (complete && sameCursor(cursor, to)) return true
  // Without a cursor only an empty graph is a beginning, not one that a push loaded.
  const isBeginning = sameCursor(cursor, from) && (from !== undefined || load === undefined)
  if (isBeginning && (toward ? sameCursor(toward, to) : complete)) return false
  throw busy()
}
