/**
 * The actors of one type that are held in memory, each as its document was at an etag. Only turns
 * change them, one at a time per shard.
 *
 * A holding that differs from its document is harmless to writes, which the store refuses by etag.
 * Reads would be answered from it: so a shard that is moved away is let go, and what was not
 * compared with the store for `heldMs` is read again before it is read from. That long may a read
 * be behind when two hosts believe that they have the shard.
 *
 * Invariant: when a turn is over, a holding and its actor's state in memory are what a document was
 * at the holding's etag.
 */
import type { Clock, Names, Space } from '../../../base/index.ts'
import type { Shard } from '../../shard/shard.ts'
import { type DocumentStore, type DocumentWrite, writeAndRead } from './document-store.ts'
import { ANSWERED_KEPT, type Answered } from './shard-call.ts'

export type Holding = {
  /** The number of its shard. */
  readonly shard: number
  etag: string | undefined
  readonly applied: Map<number, number>
  answered: readonly Answered[]
  /** When the store was last asked for its document and had this one; monotonic. */
  since: number
}

export type HoldingsOptions = {
  /** Has the states. */
  readonly shard: Shard
  readonly names: Names
  readonly store: DocumentStore
  readonly clock: Clock
  readonly heldMs: number
}

export class Holdings {
  readonly #options: HoldingsOptions
  readonly #space: Space
  readonly #held = new Map<number, Holding>()

  constructor(options: HoldingsOptions) {
    this.#options = options
    this.#space = options.shard.space
  }

  get(key: number): Holding | undefined {
    return this.#held.get(key)
  }

  /** Whether an actor has a state, here or in the store. Asking leaves nothing behind. */
  async exists(id: string): Promise<boolean> {
    const { names, shard, store } = this.#options
    const key = names[this.#space].find(id)
    if (key >= 0 && shard.has(key)) return true
    const document = this.#document(id)
    return (await store.read([document])).has(document)
  }

  /** Brings in what is not held. */
  async bring(shard: number, keys: readonly number[]): Promise<void> {
    const { store, clock } = this.#options
    const missing = keys.filter((key) => !this.#held.has(key))
    const since = clock.monotonic()
    const stored = await store.read(missing.map((key) => this.#documentOf(key)))
    for (const key of missing) {
      const document = stored.get(this.#documentOf(key))
      if (document) this.#options.shard.load(key, document.state)
      const applied = new Map(document?.applied)
      const { etag, answered = [] } = document ?? {}
      this.#held.set(key, { shard, etag, applied, answered, since })
    }
  }

  /** Writes what a turn changed; what could not be written is forgotten. */
  async save(keys: readonly number[]): Promise<void> {
    if (keys.length === 0) return
    const { store, clock } = this.#options
    const writes = keys.map((key) => this.writeOf(key))
    const since = clock.monotonic()
    try {
      const etags = await writeAndRead(store, writes)
      for (const [n, key] of keys.entries()) {
        const etag = etags.get(writes[n]!.key)
        if (etag === undefined) this.drop([key])
        else this.wrote(key, etag, since)
      }
    } catch (error) {
      this.drop(keys)
      throw error
    }
  }

  /** Has the document say that a call wrote it. */
  answer(key: number, answer: Answered): void {
    const holding = this.#held.get(key)!
    holding.answered = [...holding.answered.slice(1 - ANSWERED_KEPT), answer]
  }

  drop(keys: Iterable<number>): void {
    for (const key of keys) {
      this.#options.shard.erase(key)
      this.#held.delete(key)
    }
  }

  dropShard(shard: number): void {
    for (const [key, holding] of this.#held) if (holding.shard === shard) this.drop([key])
  }

  /** What an actor is written as now. */
  writeOf(key: number): DocumentWrite {
    const { etag, applied, answered } = this.#held.get(key)!
    const document = { applied: new Map(applied), state: this.#options.shard.bytes(key)!, answered }
    return { key: this.#documentOf(key), document, ...(etag !== undefined && { etag }) }
  }

  /** Its document was written, and had this etag then. */
  wrote(key: number, etag: string, since: number): void {
    const holding = this.#held.get(key)
    if (holding) Object.assign(holding, { etag, since })
  }

  /** Forgets an actor that was not compared with the store for long. */
  dropOld(key: number): void {
    const { clock, heldMs } = this.#options
    const holding = this.#held.get(key)
    if (holding && clock.monotonic() - holding.since > heldMs) this.drop([key])
  }

  #documentOf(key: number): string {
    return this.#document(this.#options.names[this.#space].id(key))
  }

  /** Ids are base64url in keys: Dapr joins keys with "||" and stores differ in what they take. */
  #document(id: string): string {
    return `${this.#options.shard.type.name}-${Buffer.from(id).toString('base64url')}`
  }
}
