export { type ActorContext, actorType } from './actor.ts'
export type { HostedType } from './engine.ts'
export { DaprHost, type DaprHostOptions, encodeFront } from './hosts/dapr/index.ts'
export type { Verdict } from './hosts/embedded/intake.ts'
export { Runtime } from './hosts/embedded/runtime.ts'
export type {
  HostedModule,
  RuntimeOptions,
  RuntimePorts,
} from './hosts/embedded/runtime-options.ts'
export { StateLog } from './hosts/embedded/state-log.ts'
export {
  type Disk,
  type DiskFile,
  DuplicateWindow,
  EntryReader,
  EntryWriter,
  type EventLog,
  LogFollower,
  lockDirectory,
  openFileLog,
  PartitionLog,
  realDisk,
} from './log/index.ts'
export { PinActor } from './pin-actor.ts'
export { edgesFromLog } from './projections/edges-from-log.ts'
export { Feeder } from './projections/feeder.ts'
export { FollowedGraph } from './projections/followed-graph.ts'
export { Recommender, type RecommenderOptions } from './recommender/recommender.ts'
export { type EntryBatch, RecordBlock } from './shard/record-block.ts'
export { Residents } from './shard/residents.ts'
export { type ColdStore, MemoryColdStore } from './store/index.ts'
export { trainFromLog } from './training/train-from-log.ts'
export { UserActor } from './user-actor.ts'
export { BlockFolder } from './worker/block-folder.ts'
export type { Signals } from './worker/block-ring.ts'
export type { Channel } from './worker/channel.ts'
export type { FromWorker, ToWorker, WorkerSetup } from './worker/messages.ts'
export { serve, type WorkerHome } from './worker/serve.ts'
export type { Threads, WorkerEnd } from './worker/threads.ts'
