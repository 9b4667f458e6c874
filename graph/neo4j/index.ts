export {
  Neo4jConnection,
  type Neo4jOptions,
  neo4jDefaults,
} from './connection.ts'
export { type PulledGraph, pullGraph } from './pull.ts'
export { type PushOptions, type PushReport, pushDefaults, pushGraph } from './push.ts'
