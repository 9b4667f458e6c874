/**
 * Actor documents through Dapr's state API: those of one write in one transaction where the store
 * rolls one back as a whole (a commit for each of many documents costs two and a half times the
 * CPU), else one by one.
 *
 * What the SDK gets wrong is handled here: `get` gives no etag (bulk reads do); `save` returns its
 * error instead of throwing it, and has the status in the text of it. A key that a bulk read failed
 * for comes without data, as one that does not exist does: its error tells them apart.
 */
import {
  CommunicationProtocolEnum,
  DaprClient,
  StateConcurrencyEnum,
  StateConsistencyEnum,
} from '@dapr/dapr'
import { pinwheelError } from '../../../base/index.ts'
import { formatDocument, parseDocument } from './document-format.ts'
import type { DocumentStore, DocumentWrite, StoredDocument } from './document-store.ts'

const pass = () => {}
/** What fails is told by whom it fails for. */
const silent = { error: pass, warn: pass, info: pass, verbose: pass, debug: pass }

type BulkItem = {
  readonly key: string
  readonly data?: unknown
  readonly etag?: string
  readonly error?: string
}

/** What the SDK's type leaves out. */
type Component = { readonly type: string; readonly capabilities?: readonly string[] }

type Item = ReturnType<typeof itemOf>

export class DaprDocuments implements DocumentStore {
  readonly #client: DaprClient
  readonly #store: string
  #isTransactional: Promise<boolean> | undefined

  constructor(
    daprPort: number,
    { store = 'state', token }: { store?: string; token?: string | undefined } = {},
  ) {
    this.#store = store
    this.#client = new DaprClient({
      daprHost: '127.0.0.1',
      daprPort: String(daprPort),
      ...(token !== undefined && { daprApiToken: token }),
      communicationProtocol: CommunicationProtocolEnum.HTTP,
      logger: { service: silent },
    })
  }

  async read(keys: readonly string[]): Promise<Map<string, StoredDocument>> {
    const found = new Map<string, StoredDocument>()
    if (keys.length === 0) return found
    const items = await this.#bulk(keys)
    for (const { key, data, etag, error } of items) {
      if (error) throw pinwheelError('STATE_UNREACHABLE', { store: this.#store, reason: error })
      if (data === undefined || data === null || etag === undefined) continue
      found.set(key, { ...parseDocument(data, key), etag })
    }
    return found
  }

  async write(writes: readonly DocumentWrite[]): Promise<void> {
    // Two who write the same ones wait for each other in one order.
    const items = writes.map(itemOf).toSorted((a, b) => (a.key < b.key ? -1 : 1))
    const isOne = items.length > 1 && (await this.#rollsBack())
    const error = await (isOne ? this.#transaction(items) : this.#save(items))
    if (!error) return
    if (!isRefusal(error)) throw this.#unreachable(error)
    const keys = items.map(({ key }) => key).join(', ')
    throw pinwheelError('STATE_CONFLICT', { type: 'document', id: keys.slice(0, 200) }, error)
  }

  stop(): Promise<void> {
    return this.#client.stop()
  }

  /** Whether of a transaction with a stale etag nothing is written: of Redis' the others are. */
  #rollsBack(): Promise<boolean> {
    this.#isTransactional ??= this.#client.metadata.get().then(
      ({ components }) => {
        const own = components?.find(({ name }) => name === this.#store) as Component | undefined
        const can = own?.capabilities?.includes('TRANSACTIONAL') ?? false
        return can && !own?.type.startsWith('state.redis')
      },
      (error: unknown) => {
        this.#isTransactional = undefined
        throw this.#unreachable(error)
      },
    )
    return this.#isTransactional
  }

  async #save(items: readonly Item[]): Promise<Error | undefined> {
    return (await this.#client.state.save(this.#store, [...items]))?.error
  }

  async #transaction(items: readonly Item[]): Promise<Error | undefined> {
    try {
      // The SDK's type has objects for etags; the sidecar wants them as it gave them.
      const operations = items.map((request) => ({
        operation: 'upsert',
        request: request as never,
      }))
      await this.#client.state.transaction(this.#store, operations)
      return undefined
    } catch (error) {
      return error as Error
    }
  }

  async #bulk(keys: readonly string[]): Promise<BulkItem[]> {
    try {
      return (await this.#client.state.getBulk(this.#store, [...keys])) as unknown as BulkItem[]
    } catch (error) {
      throw this.#unreachable(error)
    }
  }

  #unreachable(error: unknown) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error)
    return pinwheelError('STATE_UNREACHABLE', { store: this.#store, reason }, error)
  }
}

function itemOf({ key, document, etag }: DocumentWrite) {
  return {
    key,
    value: formatDocument(document),
    ...(etag !== undefined && { etag }),
    options: {
      concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE,
      consistency: StateConsistencyEnum.CONSISTENCY_STRONG,
    },
  }
}

/**
 * Whether the store refused an etag: with 409; in a transaction with 500 and these words; of a
 * document that was to be new, and is there, PostgreSQL with 500 and its own.
 */
function isRefusal(error: Error): boolean {
  const said = ['possible etag mismatch', 'no item was updated']
  return statusOf(error) === 409 || said.some((words) => error.message.includes(words))
}

/** The status that the sidecar answered with, which the SDK writes into the message as JSON. */
function statusOf(error: Error): number | undefined {
  try {
    const { status } = JSON.parse(error.message) as { status?: unknown }
    return typeof status === 'number' ? status : undefined
  } catch {
    return undefined
  }
}
