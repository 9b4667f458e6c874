/**
 * (:Board {id})-[:HOLDS]->(:Pin {id}), ids unique; a board or pin is there while it has an edge.
 * One (:Pinwheel) node beside them (load-state.ts).
 */
import type { Neo4jConnection } from './connection.ts'

const constraints = ['Board', 'Pin', 'Pinwheel'].map(
  (label) =>
    `CREATE CONSTRAINT pinwheel_${label.toLowerCase()}_id IF NOT EXISTS ` +
    `FOR (node:${label}) REQUIRE node.id IS UNIQUE`,
)

/** Makes what is missing; a bulk import makes no constraints. */
export async function ensureSchema(connection: Neo4jConnection): Promise<void> {
  for (const constraint of constraints) await connection.schema(constraint)
}
