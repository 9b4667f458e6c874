export { type OwnApp, type RunningApp, startApps } from './apps.ts'
export {
  type Cluster,
  type ClusterOptions,
  type ReadyLine,
  startCluster,
} from './cluster.ts'
export { type DaprEntry, readDaprFile, readDaprYaml } from './dapr-file.ts'
export { postgresDocuments } from './postgres-documents.ts'
export { programFailed } from './program.ts'
export { defaultPostgres, type OptionalServer, optionalServers } from './servers.ts'
