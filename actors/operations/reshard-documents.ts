/**
 * What documents say of partitions. Those of users and pins need not change: what they have applied
 * lies before everything that the new log has. Those of shards and the bookmarks do: they say of
 * each new partition that all of the copies is in documents, or some would be applied again to a
 * shard that has lost what it had not written.
 */
import { pinwheelError } from '../../base/index.ts'
import { bookmarkDocument, bookmarkKey, type Place, placeOf } from '../hosts/dapr/bookmark.ts'
import { formatDocument, parseDocument } from '../hosts/dapr/document-format.ts'
import type { ActorDocument } from '../hosts/dapr/document-store.ts'
import { type FoldedType, parcelsOf } from '../hosts/dapr/parcels.ts'
import { SHARDS } from '../hosts/dapr/shard-of.ts'
import { shardKey } from '../hosts/dapr/write-behind.ts'
import type { JetStreamLog } from '../ingest/index.ts'
import { DuplicateWindow } from '../log/index.ts'
import { pinActor } from '../pin-actor.ts'
import { userActor } from '../user-actor.ts'
import type { ArchivedDocument, DocumentArchive, DocumentChange } from './document-archive.ts'
import { type DocumentFacts, documentFacts } from './document-archive.ts'
import type { Cut } from './reshard-copies.ts'

export type ShardDocuments = {
  readonly facts: DocumentFacts
  /** What stands before our keys in the store. */
  readonly prefix: string
  /** By partition. */
  readonly bookmarks: readonly Place[]
  /** By key, what shards have applied. */
  readonly floors: ReadonlyMap<string, ReadonlyMap<number, number>>
}

/** What every host of shards folds. */
const types: readonly FoldedType[] = [
  { name: userActor.name, space: 'user' },
  { name: pinActor.name, space: 'pin' },
]

const OURS = /^(.*\|\|)((?:Delivery|\w+Shard)-\d+)$/

/** Reads all documents. STATE_DAMAGED, STATE_NEWER. */
export async function readShardDocuments(
  documents: DocumentArchive,
  partitions: number,
): Promise<ShardDocuments> {
  const found = new Map<string, ActorDocument>()
  let prefix = ''
  async function* noted(): AsyncGenerator<ArchivedDocument> {
    for await (const document of documents.stored()) {
      const [, before, key] = OURS.exec(document.key) ?? []
      if (before !== undefined && key !== undefined) {
        prefix = before
        found.set(key, parseDocument(JSON.parse(Buffer.from(document.value).toString()), key))
      }
      yield document
    }
  }
  const facts = await documentFacts(noted(), partitions)
  const bookmarks = Array.from({ length: partitions }, (_, partition) => {
    return placeOf(found.get(bookmarkKey(partition)), partition)
  })
  const floors = new Map(Array.from(found, ([key, { applied }]) => [key, applied] as const))
  return { facts, prefix, bookmarks, floors }
}

/** CLUSTER_UNSETTLED unless everything that the log has is in documents. */
export async function mustBeWritten(
  log: JetStreamLog,
  cluster: string,
  { bookmarks, floors }: ShardDocuments,
): Promise<void> {
  for (const [partition, { resume, begin }] of bookmarks.entries()) {
    const lacking = (position: number) => {
      const reason = `entries of partition ${partition} are not in documents from ${position} on`
      const next = 'Start its hosts again, and end them in order'
      return pinwheelError('CLUSTER_UNSETTLED', { cluster, reason, next })
    }
    const window = new DuplicateWindow()
    let end = resume
    for await (const frame of log.range(partition, begin, Number.POSITIVE_INFINITY)) {
      const parcels = parcelsOf([frame], { types, shards: SHARDS }, window)
      const last = frame.first + frame.count - 1
      if (last <= resume) continue
      for (const { type, shard, delivery } of parcels) {
        const floor = floors.get(shardKey(type, shard))?.get(partition) ?? -1
        if (delivery.positions.at(-1)! > floor) throw lacking(delivery.positions[0]!)
      }
      end = last
    }
    // One that cannot be read is buried by those who deliver.
    if ((await log.waitingSince(partition, end)) !== undefined) throw lacking(end + 1)
  }
}

/** What is to be changed so that all up to the cut is in documents, of so many partitions. */
export function shardChanges(
  { position, begins }: Cut,
  { prefix, keys, from }: Readonly<{ prefix: string; keys: readonly string[]; from: number }>,
): DocumentChange {
  const resume = position - 1
  const whole = { applied: new Map(begins.map((_, partition) => [partition, resume])) }
  const shard = { ...whole, state: new Uint8Array(0), answered: [] }
  const known = keys.flatMap((key) => /^(\w+)Shard-\d+$/.exec(key)?.[1] ?? [])
  const all = new Set([...types.map(({ name }) => name), ...known])
  const documents = new Map<string, ActorDocument>()
  // Of those too that have none yet: nothing of the copies may be new to them.
  for (const type of all) {
    for (let n = 0; n < SHARDS; n++) documents.set(shardKey(type, n), shard)
  }
  for (const [partition, begin] of begins.entries()) {
    documents.set(bookmarkKey(partition), bookmarkDocument(partition, { resume, begin }))
  }
  const gone = Array.from({ length: from }, (_, partition) => bookmarkKey(partition))
  return {
    put: Array.from(documents, ([key, document]) => {
      const value = Buffer.from(JSON.stringify(formatDocument(document)))
      return { key: prefix + key, value }
    }),
    remove: gone.filter((key) => !documents.has(key)).map((key) => prefix + key),
  }
}
