/**
 * Edges into Neo4j and out of it, as sets: adding what is there and removing what is not changes
 * nothing. Nodes come with their first edge and go with their last, so after any batch each has
 * one; a node that somebody else has tied to something stays.
 */
import type { Edge } from '../board-rows.ts'
import type { Neo4jTransaction } from './connection.ts'

export type EdgeChanges = { readonly added: readonly Edge[]; readonly removed: readonly Edge[] }

const addStatement = `
  UNWIND $rows AS row
  MERGE (board:Board {id: row.board})
  WITH board, row
  UNWIND row.pins AS id
  MERGE (pin:Pin {id: id})
  MERGE (board)-[:HOLDS]->(pin)`

const removeStatement = `
  UNWIND $rows AS row
  MATCH (board:Board {id: row.board})
  UNWIND row.pins AS id
  MATCH (pin:Pin {id: id})
  MATCH (board)-[edge:HOLDS]->(pin)
  DELETE edge
  WITH collect(DISTINCT board) + collect(DISTINCT pin) AS ends
  UNWIND ends AS end
  WITH end WHERE NOT EXISTS { (end)--() }
  DELETE end`

export async function changeEdges(
  transaction: Neo4jTransaction,
  { added, removed }: EdgeChanges,
): Promise<void> {
  // First what comes, so that a node which only changes its edges stays.
  if (added.length > 0) await transaction.run(addStatement, { rows: byBoard(added) })
  if (removed.length > 0) await transaction.run(removeStatement, { rows: byBoard(removed) })
}

/** One row for each run of edges of one board. */
function byBoard(edges: readonly Edge[]) {
  const rows: { board: string; pins: string[] }[] = []
  for (const { board, pin } of edges) {
    const row = rows.at(-1)
    if (row?.board === board) row.pins.push(pin)
    else rows.push({ board, pins: [pin] })
  }
  return rows
}
