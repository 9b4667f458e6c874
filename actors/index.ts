export {
  type ActorContext,
  type AnyActorType,
  actorType,
  type CommandedContext,
} from './actor.ts'
export { ClusterRecommender, DaprFeedCache, openEdgeLog, openFoundLog } from './edge/index.ts'
export type { HostedType } from './engine-options.ts'
export {
  type Arm,
  Assigner,
  type Assignment,
  type Experiment,
  type SampleRatio,
  sampleRatio,
} from './experiments/index.ts'
export {
  type ActorDocument,
  type Answers,
  Carrier,
  DaprHost,
  type DaprHostOptions,
  DeliveredFileLog,
  type DeliveredLog,
  type Delivery,
  type DocumentStore,
  type DocumentWrite,
  encodeFront,
  type Hosted,
  HostedShard,
  type HostRole,
  hostRoles,
  LocalShards,
  LogDelivery,
  type Sending,
  type ShardAsk,
  Sidecar,
  type StoredDocument,
  sendCall,
  type Taken,
} from './hosts/dapr/index.ts'
export { BlockHost, type BlockHostOptions } from './hosts/embedded/block-host.ts'
export type { Verdict } from './hosts/embedded/intake.ts'
export { Outbox } from './hosts/embedded/outbox.ts'
export { Revival } from './hosts/embedded/revival.ts'
export { Runtime } from './hosts/embedded/runtime.ts'
export type {
  HostedModule,
  RuntimeOptions,
  RuntimePorts,
} from './hosts/embedded/runtime-options.ts'
export { StateLog } from './hosts/embedded/state-log.ts'
export { type LoneAsk, LoneHost, type LoneHostOptions } from './hosts/lone/lone-host.ts'
export {
  type Disk,
  type DiskFile,
  DuplicateWindow,
  EntryReader,
  EntryWriter,
  type EventLog,
  type Frame,
  LogFollower,
  lockDirectory,
  openFileLog,
  PartitionLog,
  realDisk,
} from './log/index.ts'
export { backup } from './operations/backup.ts'
export type { BackupFacts } from './operations/backup-facts.ts'
export { backupCluster } from './operations/cluster-backup.ts'
export { type ReshardedCluster, reshardCluster } from './operations/cluster-reshard.ts'
export { type RestoredCluster, restoreCluster } from './operations/cluster-restore.ts'
export { type Examination, examine } from './operations/doctor.ts'
export type { ArchivedDocument, DocumentArchive } from './operations/document-archive.ts'
export { type EraseReport, erase } from './operations/erase.ts'
export { type LastEntry, lastEntry } from './operations/last-entry.ts'
export { type Restored, restore } from './operations/restore.ts'
export { PinActor, pinActor } from './pin-actor.ts'
export { addTotal, type PinView } from './pin-state.ts'
export { edgesFromLog } from './projections/edges-from-log.ts'
export { Feeder } from './projections/feeder.ts'
export { FollowedGraph } from './projections/followed-graph.ts'
export { Recommender, type RecommenderOptions } from './recommender/recommender.ts'
export type { DeadLetter } from './shard/dead-letter.ts'
export { type EntryBatch, RecordBlock, roles } from './shard/record-block.ts'
export { Residents } from './shard/residents.ts'
export { Dump } from './snapshots/dump.ts'
export { type ColdStore, MemoryColdStore } from './store/index.ts'
export { chooseTeaching } from './training/choose-teaching.ts'
export {
  type ColdBoards,
  coldBoards,
  coldBoardsDefaults,
} from './training/cold-boards.ts'
export {
  contextsFromLog,
  type FoldedUsers,
} from './training/contexts-from-log.ts'
export { type DeepTeaching, teachings } from './training/deep-teaching.ts'
export { framesOf } from './training/frames.ts'
export { type FrameSource, interactionsFromLog } from './training/interactions-from-log.ts'
export { logSize } from './training/log-size.ts'
export { TaughtGenerations } from './training/taught-generations.ts'
export { type LogSize, type ReadableLog, trainFromLog } from './training/train-from-log.ts'
export { UserActor, userActor } from './user-actor.ts'
export { userServices } from './user-services.ts'
export { BlockFolder } from './worker/block-folder.ts'
export type { Signals } from './worker/block-ring.ts'
export type { Channel } from './worker/channel.ts'
export { percentile } from './worker/durations.ts'
export type { FromWorker, ToWorker, WorkerSetup, WorkerStats } from './worker/messages.ts'
export { serve, type WorkerHome } from './worker/serve.ts'
export type { Threads, WorkerEnd } from './worker/threads.ts'
