export { boltProblem } from './bolt-probe.ts'
export { type BulkFiles, type BulkOptions, writeBulkFiles } from './bulk.ts'
export { Neo4jConnection, type Neo4jOptions, neo4jDefaults } from './connection.ts'
export type { EdgeChanges } from './edge-changes.ts'
export {
  type BoardOfPin,
  boardsOfPin,
  type Companion,
  companionsOfPin,
  exploreDefaults,
  exploreLimits,
  type PinPath,
  pathBetweenPins,
} from './explore.ts'
export { type LoadState, type LogCursor, readState } from './load-state.ts'
export { type PulledGraph, pullGraph } from './pull.ts'
export { type PushOptions, type PushReport, pushDefaults, pushGraph } from './push.ts'
export { type SyncOrigin, type SyncStep, syncDefaults, syncOrigin, syncStep } from './sync.ts'
