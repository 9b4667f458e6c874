/**
 * Where shards keep their actors: one document an actor, written by its own etag. A port, so that a
 * simulator can stand in for the sidecar and its store.
 *
 * Several documents in one write are several writes: some may be there and others not when it
 * fails. Redelivery is recognised by the document alone, so it may come from anywhere.
 */

import type { Answered } from './shard-call.ts'

export type ActorDocument = {
  /** Last applied position by partition. */
  readonly applied: ReadonlyMap<number, number>
  readonly state: Uint8Array
  /** The last calls that wrote it, oldest first. */
  readonly answered: readonly Answered[]
}
export type StoredDocument = ActorDocument & { readonly etag: string }
export type DocumentWrite = {
  readonly key: string
  readonly document: ActorDocument
  /** Absent for a document that must not exist yet. */
  readonly etag?: string
}

export interface DocumentStore {
  /** The documents that exist, by key. STATE_UNREACHABLE. */
  read(keys: readonly string[]): Promise<Map<string, StoredDocument>>
  /**
   * STATE_CONFLICT when somebody else wrote one of them meanwhile; STATE_UNREACHABLE when nobody
   * knows whether they are written.
   */
  write(writes: readonly DocumentWrite[]): Promise<void>
}

/** Whether two documents say the same; etags apart. */
export function isSame(a: ActorDocument, b: ActorDocument): boolean {
  const isApplied = ([partition, position]: readonly [number, number]) =>
    b.applied.get(partition) === position
  return (
    a.applied.size === b.applied.size &&
    [...a.applied].every(isApplied) &&
    a.answered.length === b.answered.length &&
    a.answered.every(({ call }, n) => call === b.answered[n]?.call) &&
    Buffer.compare(a.state, b.state) === 0
  )
}

/**
 * Writes, and returns the new etags, which are only to be had by reading: of those documents that
 * nobody else has written by then.
 */
export async function writeAndRead(
  store: DocumentStore,
  writes: readonly DocumentWrite[],
): Promise<Map<string, string>> {
  await store.write(writes)
  const stored = await store.read(writes.map(({ key }) => key))
  const etags = new Map<string, string>()
  for (const { key, document } of writes) {
    const found = stored.get(key)
    if (found && isSame(found, document)) etags.set(key, found.etag)
  }
  return etags
}
