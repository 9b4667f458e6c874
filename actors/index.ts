export { type ActorContext, type AnyActorType, actorType } from './actor.ts'
export {
  type ActorDocument,
  DaprHost,
  type DaprHostOptions,
  type Delivery,
  type DocumentStore,
  type DocumentWrite,
  encodeFront,
  type Hosted,
  HostedShard,
  LogDelivery,
  type ShardAsk,
  type StoredDocument,
  sendCall,
} from './hosts/dapr/index.ts'
export { Runtime, type RuntimeOptions } from './hosts/embedded/runtime.ts'
export {
  type Disk,
  type DiskFile,
  EntryReader,
  EntryWriter,
  type EventLog,
  type Frame,
  LogFollower,
  lockDirectory,
  openFileLog,
  realDisk,
} from './log/index.ts'
export { pinActor } from './pin-actor.ts'
export { edgesFromLog } from './projections/edges-from-log.ts'
export { FollowedGraph } from './projections/followed-graph.ts'
export { Recommender, type RecommenderOptions } from './recommender/recommender.ts'
export type { EntryBatch } from './shard/record-block.ts'
export type { DeadLetter } from './shard/shard.ts'
export { trainFromLog } from './training/train-from-log.ts'
export { userActor } from './user-actor.ts'
export { userServices } from './user-services.ts'
