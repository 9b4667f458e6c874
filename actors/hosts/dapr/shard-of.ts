import { hashId } from '../../../base/index.ts'

/** Fixed when a cluster is made. */
export const SHARDS = 64

/** The shard of an outside id. */
export function shardOf(id: string): number {
  return hashId(id) % SHARDS
}
