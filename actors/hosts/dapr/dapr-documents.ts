/**
 * Actor documents through Dapr's state API: those of one write in one transaction where the store
 * rolls one back as a whole (a commit for each of many documents costs two and a half times the
 * CPU), else one by one.
 *
 * A large state lies in pieces (`pieces.ts`), under `key.piece`; they come and go in a transaction
 * that says so; where the store has none nothing is divided. A document is known then by its etag
 * and the names of its pieces.
 *
 * What the SDK gets wrong is handled here: `get` gives no etag (bulk reads do); `save` returns its
 * error instead of throwing it, and has the status in the text of it. A key that a bulk read failed
 * for comes without data, as one that does not exist does: its error tells them apart.
 */
import { isDeepStrictEqual } from 'node:util'
import {
  CommunicationProtocolEnum,
  DaprClient,
  StateConcurrencyEnum,
  StateConsistencyEnum,
} from '@dapr/dapr'
import { pinwheelError } from '../../../base/index.ts'
import {
  damaged,
  formatDocument,
  formatPiece,
  parseDocument,
  parsePiece,
} from './document-format.ts'
import type {
  ActorDocument,
  DocumentStore,
  DocumentWrite,
  StoredDocument,
} from './document-store.ts'
import {
  divide,
  type Layout,
  noPieces,
  type Pieces,
  piecesOf,
  putTogether,
  whole,
} from './pieces.ts'

/** A document whose pieces have gone since it was read has been written again. */
const READ_AGAIN = 3

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

const byEtag = {
  concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE,
  consistency: StateConsistencyEnum.CONSISTENCY_STRONG,
}

type Item = {
  readonly key: string
  readonly value: object
  readonly etag?: string
  readonly options: typeof byEtag
}

/** What was written, until it is read again to learn its etag. */
type Sent = { readonly value: object; readonly document: ActorDocument; readonly pieces: Pieces }

type Read = {
  readonly key: string
  readonly etag: string
  readonly document: ActorDocument
  readonly layout?: Layout
}

export class DaprDocuments implements DocumentStore {
  readonly #client: DaprClient
  readonly #store: string
  #isTransactional: Promise<boolean> | undefined
  /** Of those with pieces apart: they need not be fetched to see that all is as it was sent. */
  readonly #sent = new Map<string, Sent>()

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
    let missing = keys
    for (let tries = 0; missing.length > 0; tries++) {
      const divided: Read[] = []
      for (const { key, data, etag } of await this.#bulk(missing)) {
        const sent = this.#sent.get(key)
        this.#sent.delete(key)
        if (sent && isDeepStrictEqual(data, sent.value)) {
          found.set(key, { ...sent.document, etag: versionOf(etag, sent.pieces) })
          continue
        }
        const { layout, ...document } = parseDocument(data, key)
        if (layout) divided.push({ key, etag, document, layout })
        else found.set(key, { ...document, etag })
      }
      missing = await this.#addDivided(divided, found)
      if (missing.length === 0 || tries < READ_AGAIN) continue
      throw damaged(missing[0]!, 'a piece of it is missing')
    }
    return found
  }

  async write(writes: readonly DocumentWrite[]): Promise<void> {
    const isOne = await this.#rollsBack()
    const items: Item[] = []
    const gone: string[] = []
    for (const write of writes) {
      const { key, document } = write
      const { etag, pieces } = knownBy(write.etag)
      const divided = isOne ? divide(document.state, pieces) : whole(document.state)
      const value = formatDocument(document, divided)
      items.push(itemOf(key, value, etag))
      if (divided.layout) this.#sent.set(key, { value, document, pieces: divided.pieces })
      for (const [name, bytes] of divided.fresh) {
        items.push(itemOf(pieceKey(key, name), formatPiece(bytes)))
      }
      gone.push(...divided.gone.map((name) => pieceKey(key, name)))
    }
    // Two who write the same ones wait for each other in one order.
    items.sort((a, b) => (a.key < b.key ? -1 : 1))
    const isAlone = items.length + gone.length === 1
    const error = await (isOne && !isAlone ? this.#transaction(items, gone) : this.#save(items))
    if (!error) return
    for (const { key } of writes) this.#sent.delete(key)
    if (!isRefusal(error)) throw this.#unreachable(error)
    const keys = writes.map(({ key }) => key).join(', ')
    throw pinwheelError('STATE_CONFLICT', { type: 'document', id: keys.slice(0, 200) }, error)
  }

  stop(): Promise<void> {
    return this.#client.stop()
  }

  /** Adds those whose pieces are all there; the keys of the others. */
  async #addDivided(
    divided: readonly Read[],
    found: Map<string, StoredDocument>,
  ): Promise<readonly string[]> {
    const pieces = new Map<string, Uint8Array>()
    const names = divided.flatMap(({ key, layout }) => {
      return layout!.filter((part) => typeof part === 'string').map((name) => pieceKey(key, name))
    })
    for (const { key, data } of await this.#bulk(names)) pieces.set(key, parsePiece(data, key))
    const missing: string[] = []
    for (const { key, etag, document, layout } of divided) {
      const own = document.state
      const state = putTogether(layout!, own, (name) => pieces.get(pieceKey(key, name)))
      const version = versionOf(etag, piecesOf(layout!, own))
      if (state) found.set(key, { ...document, state, etag: version })
      else missing.push(key)
    }
    return missing
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

  async #transaction(items: readonly Item[], gone: readonly string[]): Promise<Error | undefined> {
    try {
      // The SDK's type has objects for etags; the sidecar wants them as it gave them.
      const upserts = items.map((request) => ({ operation: 'upsert', request: request as never }))
      const deletes = gone.map((key) => ({ operation: 'delete', request: { key } as never }))
      await this.#client.state.transaction(this.#store, [...upserts, ...deletes])
      return undefined
    } catch (error) {
      return error as Error
    }
  }

  /** Those of the keys that are there. STATE_UNREACHABLE. */
  async #bulk(keys: readonly string[]): Promise<Required<Omit<BulkItem, 'error'>>[]> {
    if (keys.length === 0) return []
    let items: BulkItem[]
    try {
      items = (await this.#client.state.getBulk(this.#store, [...keys])) as unknown as BulkItem[]
    } catch (error) {
      throw this.#unreachable(error)
    }
    return items.flatMap(({ key, data, etag, error }) => {
      if (error) throw pinwheelError('STATE_UNREACHABLE', { store: this.#store, reason: error })
      const isThere = data !== undefined && data !== null && etag !== undefined
      return isThere ? [{ key, data, etag }] : []
    })
  }

  #unreachable(error: unknown) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error)
    return pinwheelError('STATE_UNREACHABLE', { store: this.#store, reason }, error)
  }
}

function itemOf(key: string, value: object, etag?: string): Item {
  return { key, value, ...(etag !== undefined && { etag }), options: byEtag }
}

const pieceKey = (key: string, name: string) => `${key}.${name}`

/** What a document is known by: the store's etag, then names of pieces apart and of its own. */
function versionOf(etag: string, { apart, own }: Pieces): string {
  if (apart.size + own.size === 0) return etag
  return [etag, [...apart].join(), [...own].join()].join(' ')
}

function knownBy(version: string | undefined): { etag?: string; pieces: Pieces } {
  if (version === undefined) return { pieces: noPieces }
  const [etag, apart, own] = version.split(' ')
  const names = (list: string | undefined) => new Set(list ? list.split(',') : [])
  return { etag: etag!, pieces: { apart: names(apart), own: names(own) } }
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
