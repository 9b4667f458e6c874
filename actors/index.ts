export { DaprHost, type DaprHostOptions, encodeFront } from './hosts/dapr/index.ts'
export { Runtime } from './hosts/embedded/runtime.ts'
export type { RuntimeOptions, RuntimePorts } from './hosts/embedded/runtime-options.ts'
export {
  type Disk,
  type DiskFile,
  EntryReader,
  EntryWriter,
  type EventLog,
  LogFollower,
  lockDirectory,
  openFileLog,
  realDisk,
} from './log/index.ts'
export { backup } from './operations/backup.ts'
export type { BackupFacts } from './operations/backup-facts.ts'
export { type Examination, examine } from './operations/doctor.ts'
export { type EraseReport, erase } from './operations/erase.ts'
export { type LastEntry, lastEntry } from './operations/last-entry.ts'
export { type Restored, restore } from './operations/restore.ts'
export { edgesFromLog } from './projections/edges-from-log.ts'
export { FollowedGraph } from './projections/followed-graph.ts'
export { Recommender, type RecommenderOptions } from './recommender/recommender.ts'
export { trainFromLog } from './training/train-from-log.ts'
