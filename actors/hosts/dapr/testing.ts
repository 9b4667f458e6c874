/** Documents in memory, for tests: every write gives a new etag, a stale one is refused. */
import { pinwheelError } from '../../../base/index.ts'
import type { DocumentStore, DocumentWrite, StoredDocument } from './document-store.ts'

export class MemoryDocuments implements DocumentStore {
  readonly documents = new Map<string, StoredDocument>()
  writes = 0
  /** It does not answer. */
  isAway = false

  async read(keys: readonly string[]): Promise<Map<string, StoredDocument>> {
    this.#check()
    return new Map([...this.documents].filter(([key]) => keys.includes(key)))
  }

  async write(writes: readonly DocumentWrite[]): Promise<void> {
    this.#check()
    for (const { key, document, etag } of writes) {
      if (this.documents.get(key)?.etag !== etag) {
        throw pinwheelError('STATE_CONFLICT', { type: 'document', id: key })
      }
      const applied = new Map(document.applied)
      this.documents.set(key, { ...document, applied, etag: `e${this.writes++}` })
    }
  }

  #check(): void {
    if (this.isAway) throw pinwheelError('STATE_UNREACHABLE', { store: 'memory', reason: 'away' })
  }
}
