/**
 * The actors of one type in this process, as Dapr's shards see them: one turn at a time per shard.
 * State is held in memory between calls and written before a call is answered.
 * When a write is refused, somebody else holds the actor: what is in memory is dropped and the call
 * fails with STATE_CONFLICT, to be sent again.
 */
import {
  idProblem,
  knownIds,
  type Names,
  NONE,
  type PageOptions,
  pinwheelError,
  type Space,
} from '../../../base/index.ts'
import type { AnyActorType } from '../../actor.ts'
import { EntryReader } from '../../log/index.ts'
import { RecordMaker } from '../../projections/record-maker.ts'
import { copyArgument } from '../../shard/arguments.ts'
import { RecordBlock, roles } from '../../shard/record-block.ts'
import { type DeadLetter, Shard } from '../../shard/shard.ts'
import type { ActorDocument, DocumentStore, DocumentWrite } from './document-store.ts'
import { Turns } from './turns.ts'

export type Hosted = {
  readonly type: AnyActorType
  readonly space: Space
  /** What reads of the type may use. */
  readonly services?: unknown
}

export type ShardAsk = {
  /** The actor's outside id. */
  readonly id: string
  readonly method: string
  readonly argument: unknown
}

/** Entries of one partition for one shard, with the position of each. */
export type Delivery = {
  readonly partition: number
  readonly positions: readonly number[]
  /** Packed entries, end to end. */
  readonly payload: Uint8Array
}

export type HostedShardOptions = {
  readonly hosted: Hosted
  readonly names: Names
  readonly store: DocumentStore
  readonly onDeadLetter: (letter: DeadLetter) => void
  readonly pages?: PageOptions
}

type Holding = { etag: string | undefined; readonly applied: Map<number, number> }

export class HostedShard {
  readonly #hosted: Hosted
  readonly #names: Names
  readonly #store: DocumentStore
  readonly #shard: Shard
  readonly #maker: RecordMaker
  readonly #held = new Map<number, Holding>()
  readonly #turns = new Turns()

  constructor({ hosted, names, store, onDeadLetter, pages }: HostedShardOptions) {
    this.#hosted = hosted
    this.#names = names
    this.#store = store
    const memory = { isSparse: true, ...(pages && { pages }) }
    this.#shard = new Shard({ ...hosted, ...memory, names, onDeadLetter })
    this.#maker = new RecordMaker(names)
  }

  get name(): string {
    return this.#hosted.type.name
  }

  get space(): Space {
    return this.#hosted.space
  }

  get folds(): boolean {
    return this.#shard.folds
  }

  /** Runs a listed method of an actor of `shard`; arguments and results have outside ids. */
  ask(shard: number, { id, method, argument }: ShardAsk): Promise<unknown> {
    return this.#turns.run(shard, () => this.#ask(id, method, argument))
  }

  /** Folds what the documents do not have yet. */
  apply(shard: number, delivery: Delivery): Promise<void> {
    return this.#turns.run(shard, () => this.#apply(delivery))
  }

  /** Everything held is in the store: memory may forget it. */
  evict(shard: number, id: string): Promise<void> {
    return this.#turns.run(shard, async () => {
      const key = this.#names[this.#hosted.space].find(id)
      if (key >= 0) this.#drop([key])
    })
  }

  async #ask(id: string, method: string, argument: unknown): Promise<unknown> {
    const { type, space } = this.#hosted
    const spec = this.#shard.method(method)
    if (idProblem(id)) throw pinwheelError('ACTOR_ID_INVALID', { id, limit: 200 })
    if (this.#shard.folds && !(await this.#exists(id))) {
      throw pinwheelError(space === 'user' ? 'USER_UNKNOWN' : 'PIN_UNKNOWN', { id })
    }
    const key = this.#names[space].intern(id)
    const dense = copyArgument(type, method, argument, knownIds(this.#names))
    await this.#activate([key])
    const result = await this.#shard.call(key, method, dense)
    if (spec.kind === 'write') await this.#save([key])
    return spec.result.pack(result, this.#names)
  }

  async #apply(delivery: Delivery): Promise<void> {
    const block = this.#records(delivery)
    const column = this.#hosted.space === 'pin' ? block.pin : block.owner
    const keys = [...new Set(column.subarray(0, block.count))].filter((key) => key !== NONE)
    await this.#activate(keys)
    const role = this.#hosted.space === 'pin' ? roles.pin : roles.user
    for (let i = 0; i < block.count; i++) {
      const applied = this.#held.get(column[i]!)?.applied.get(delivery.partition) ?? -1
      if (block.position[i]! <= applied) block.roles[i] = 0
    }
    const changed = this.#fold(block, column, role, delivery.partition)
    await this.#save(changed)
  }

  /** In memory or in the store. Asking for what is not leaves nothing behind. */
  async #exists(id: string): Promise<boolean> {
    const key = this.#names[this.#hosted.space].find(id)
    if (key >= 0 && this.#shard.has(key)) return true
    const document = this.#document(id)
    return (await this.#store.read([document])).has(document)
  }

  #records({ partition, positions, payload }: Delivery): RecordBlock {
    const block = new RecordBlock(positions.length)
    const reader = new EntryReader(payload)
    for (const position of positions) {
      if (!reader.next()) throw pinwheelError('BAD_REQUEST', { reason: 'entries are missing' })
      this.#maker.append(block, reader, partition, position)
    }
    return block
  }

  /** The keys that changed. */
  #fold(block: RecordBlock, column: Uint32Array, role: number, partition: number): number[] {
    this.#shard.foldBlock(block, column, role)
    const changed = new Set<number>()
    for (let i = 0; i < block.count; i++) {
      const key = column[i]!
      if ((block.roles[i]! & role) === 0 || key === NONE) continue
      this.#held.get(key)!.applied.set(partition, block.position[i]!)
      changed.add(key)
    }
    return [...changed]
  }

  async #activate(keys: readonly number[]): Promise<void> {
    const missing = keys.filter((key) => !this.#held.has(key))
    const stored = await this.#store.read(missing.map((key) => this.#document(this.#idOf(key))))
    for (const key of missing) {
      const document = stored.get(this.#document(this.#idOf(key)))
      if (document) this.#shard.load(key, document.state)
      this.#held.set(key, { etag: document?.etag, applied: new Map(document?.applied) })
    }
  }

  async #save(keys: readonly number[]): Promise<void> {
    if (keys.length === 0) return
    const writes = keys.map((key): DocumentWrite => {
      const { etag, applied } = this.#held.get(key)!
      const document = { applied, state: this.#shard.bytes(key)! }
      return { key: this.#document(this.#idOf(key)), document, ...(etag !== undefined && { etag }) }
    })
    try {
      await this.#store.write(writes)
      // The new etags are only to be had by reading, and somebody else may have written by then.
      const stored = await this.#store.read(writes.map(({ key }) => key))
      for (const [i, key] of keys.entries()) {
        const found = stored.get(writes[i]!.key)
        if (found && isSame(found, writes[i]!.document)) this.#held.get(key)!.etag = found.etag
        else this.#drop([key])
      }
    } catch (error) {
      this.#drop(keys)
      throw error
    }
  }

  #drop(keys: readonly number[]): void {
    for (const key of keys) {
      this.#shard.erase(key)
      this.#held.delete(key)
    }
  }

  #idOf(key: number): string {
    return this.#names[this.#hosted.space].id(key)
  }

  /** Ids are base64url in keys: Dapr joins keys with "||" and stores differ in what they take. */
  #document(id: string): string {
    return `${this.#hosted.type.name}-${Buffer.from(id).toString('base64url')}`
  }
}

function isSame(a: ActorDocument, b: ActorDocument): boolean {
  const isApplied = ([partition, position]: readonly [number, number]) =>
    b.applied.get(partition) === position
  return (
    a.applied.size === b.applied.size &&
    [...a.applied].every(isApplied) &&
    Buffer.compare(a.state, b.state) === 0
  )
}
