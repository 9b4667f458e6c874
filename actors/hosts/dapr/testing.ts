/** For tests and benches: documents in memory, and what logs of frames that were made share. */
import { type EpochMs, pinwheelError } from '../../../base/index.ts'
import type { Frame } from '../../log/index.ts'
import type { DocumentStore, DocumentWrite, StoredDocument } from './document-store.ts'
import type { HostLog } from './host-log.ts'

/** Every write gives a new etag, a stale one is refused. */
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

/** Frames as a stream has them, for a ranker: nobody appends, and nothing is delivered. */
export abstract class MadeFrames implements HostLog {
  readonly isOneOrder = true
  readonly delivered = undefined as never
  abstract readonly partitions: number

  abstract read(from?: readonly number[]): AsyncGenerator<Frame>

  async follow(
    take: (frame: Frame) => void | Promise<void>,
    _lost: unknown,
    from?: readonly number[],
  ): Promise<void> {
    for await (const frame of this.read(from)) await take(frame)
  }

  async append(): Promise<never> {
    throw new Error('nobody appends here')
  }

  async waitingSince(_position: number): Promise<EpochMs | undefined> {
    return undefined
  }

  async isWhole(_after?: number): Promise<boolean> {
    return true
  }

  async close(): Promise<void> {}
}
