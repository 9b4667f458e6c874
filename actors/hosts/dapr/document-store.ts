/**
 * Actor documents through Dapr's state API: one document an actor, written by its own etag.
 *
 * A document is { v, applied, state }: the position of the last entry applied, by partition, and
 * the state's compact bytes in base64. Redelivery is recognised by the document alone, so it may
 * come from anywhere. What the SDK gets wrong is handled here: `get` gives no etag (bulk reads do),
 * and `save` returns its error instead of throwing it.
 */
import {
  CommunicationProtocolEnum,
  DaprClient,
  StateConcurrencyEnum,
  StateConsistencyEnum,
} from '@dapr/dapr'
import { pinwheelError } from '../../../base/index.ts'

const VERSION = 1

export type ActorDocument = {
  /** Last applied position by partition. */
  readonly applied: ReadonlyMap<number, number>
  readonly state: Uint8Array
}
export type StoredDocument = ActorDocument & { readonly etag: string }
export type DocumentWrite = {
  readonly key: string
  readonly document: ActorDocument
  /** Absent for a document that must not exist yet. */
  readonly etag?: string
}

type BulkItem = { readonly key: string; readonly data?: unknown; readonly etag?: string }

export class DocumentStore {
  readonly #client: DaprClient
  readonly #store: string

  constructor(daprPort: number, store = 'state') {
    this.#store = store
    this.#client = new DaprClient({
      daprHost: '127.0.0.1',
      daprPort: String(daprPort),
      communicationProtocol: CommunicationProtocolEnum.HTTP,
      logger: { level: 0 },
    })
  }

  /** The documents that exist, by key. */
  async read(keys: readonly string[]): Promise<Map<string, StoredDocument>> {
    const found = new Map<string, StoredDocument>()
    if (keys.length === 0) return found
    const items = (await this.#client.state.getBulk(this.#store, [
      ...keys,
    ])) as unknown as BulkItem[]
    for (const { key, data, etag } of items) {
      if (data === undefined || data === null || etag === undefined) continue
      found.set(key, { ...parse(data, key), etag })
    }
    return found
  }

  /** STATE_CONFLICT when somebody else wrote one of them meanwhile. */
  async write(writes: readonly DocumentWrite[]): Promise<void> {
    const items = writes.map(({ key, document, etag }) => ({
      key,
      value: {
        v: VERSION,
        applied: Object.fromEntries(document.applied),
        state: Buffer.from(document.state).toString('base64'),
      },
      ...(etag !== undefined && { etag }),
      options: {
        concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE,
        consistency: StateConsistencyEnum.CONSISTENCY_STRONG,
      },
    }))
    const reply = await this.#client.state.save(this.#store, items)
    if (reply?.error) {
      const details = {
        type: 'document',
        id: writes
          .map(({ key }) => key)
          .join(', ')
          .slice(0, 200),
      }
      throw pinwheelError('STATE_CONFLICT', details, reply.error)
    }
  }

  stop(): Promise<void> {
    return this.#client.stop()
  }
}

function parse(data: unknown, key: string): ActorDocument {
  const damaged = (reason: string) =>
    pinwheelError('STATE_DAMAGED', { type: 'document', id: key, reason })
  const document = data as { v?: unknown; applied?: unknown; state?: unknown }
  if (typeof document.v !== 'number') throw damaged('it has no version')
  if (document.v > VERSION) {
    throw pinwheelError('STATE_NEWER', { type: key, version: document.v, known: VERSION })
  }
  if (typeof document.state !== 'string' || typeof document.applied !== 'object') {
    throw damaged('it has no state')
  }
  const applied = Object.entries(document.applied ?? {}).map(
    ([partition, position]) => [Number(partition), Number(position)] as const,
  )
  return { applied: new Map(applied), state: Buffer.from(document.state, 'base64') }
}
