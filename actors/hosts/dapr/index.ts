export type { Answers, Sending } from './bundle.ts'
export { Carrier } from './carrier.ts'
export { DaprHost, type DaprHostOptions, type HostRole, hostRoles } from './dapr-host.ts'
export { DeliveredFileLog, type DeliveredLog } from './delivered-log.ts'
export type {
  ActorDocument,
  DocumentStore,
  DocumentWrite,
  StoredDocument,
} from './document-store.ts'
export { BEHIND, FeedPath, type Invoke, isOfHosts } from './feed-path.ts'
export { encodeFront } from './front.ts'
export type { RankerFacts } from './host-ranker.ts'
export {
  type Delivery,
  type Hosted,
  HostedShard,
  type HostedShardOptions,
  type ShardAsk,
  type Taken,
} from './hosted-shard.ts'
export { LocalShards } from './local-shards.ts'
export { LogDelivery, type LogDeliveryOptions } from './log-delivery.ts'
export { SHARDS, shardOf } from './shard-of.ts'
export { Sidecar, sendCall, tokenHeaders } from './sidecar.ts'
