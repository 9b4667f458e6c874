/** The documents of a cluster as a whole, in the store behind Dapr's state component. A port. */
import { crc32 } from 'node:zlib'
import { pinwheelError } from '../../base/index.ts'

export type ArchivedDocument = {
  /** As Dapr has it: the component's prefix, "||" and ours. */
  readonly key: string
  readonly value: Uint8Array
}

export interface DocumentArchive {
  /** Writes all there are, as they were at one moment, to a file that is not there. */
  save(file: string): Promise<void>
  /** Puts those of a file in the place of what the store has: all of it or nothing. */
  load(file: string): Promise<void>
  /** Those of a file; those in the store. */
  saved(file: string): AsyncIterable<ArchivedDocument>
  stored(): AsyncIterable<ArchivedDocument>
  /** Changes those in the store: all of it or nothing. */
  change(change: DocumentChange): Promise<void>
}

export type DocumentChange = {
  readonly put: readonly ArchivedDocument[]
  /** Keys. */
  readonly remove: readonly string[]
}

export type DocumentFacts = {
  readonly count: number
  /** A sum over keys and values, in whatever order they come. */
  readonly fingerprint: number
  /** By partition, the newest position that any document has applied; -1 for none. */
  readonly newest: readonly number[]
  /** By partition, up to where everything is in documents; -1 for nothing. */
  readonly written: readonly number[]
}

const BOOKMARK = /\|\|Delivery-(\d+)$/

/** Reads documents, whatever they are of. STATE_DAMAGED. */
export async function documentFacts(
  documents: AsyncIterable<ArchivedDocument>,
  partitions: number,
): Promise<DocumentFacts> {
  const newest = new Array<number>(partitions).fill(-1)
  const written = new Array<number>(partitions).fill(-1)
  let [count, fingerprint] = [0, 0]
  for await (const { key, value } of documents) {
    count++
    fingerprint = (fingerprint + crc32(value, crc32(key))) >>> 0
    const bookmark = BOOKMARK.exec(key)?.[1]
    for (const [partition, position] of appliedOf(key, value)) {
      newest[partition] = Math.max(newest[partition] ?? -1, position)
      if (Number(bookmark) === partition) written[partition] = position
    }
  }
  return { count, fingerprint, newest, written }
}

function appliedOf(key: string, value: Uint8Array): [partition: number, position: number][] {
  try {
    const { applied = {} } = JSON.parse(Buffer.from(value).toString()) as { applied?: object }
    return Object.entries(applied).map(([partition, at]) => [Number(partition), Number(at)])
  } catch (error) {
    const reason = (error as Error).message
    throw pinwheelError('STATE_DAMAGED', { type: 'document', id: key, reason }, error)
  }
}
