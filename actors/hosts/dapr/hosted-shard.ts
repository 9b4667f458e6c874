/**
 * The actors of one type in this process, as Dapr's shards see them: one turn at a time per shard.
 * State is held in memory between calls. That of commanded actors is written before a call is
 * answered; that of folded ones behind (`write-behind.ts`), for the log has it too.
 * When a write is refused, somebody else holds the actor: what is in memory is dropped. A call
 * fails with STATE_CONFLICT then, to be sent again; entries that were folded are delivered again.
 */
import {
  type Clock,
  hashBytes,
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
import type { DeadLetter } from '../../shard/dead-letter.ts'
import { RecordBlock, roles } from '../../shard/record-block.ts'
import { Shard } from '../../shard/shard.ts'
import type { DocumentStore } from './document-store.ts'
import { Holdings } from './holdings.ts'
import { Turns } from './turns.ts'
import { WriteBehind } from './write-behind.ts'
import type { WriteQueue } from './write-queue.ts'

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
  /** The call's own name: under the same one a write happens once. */
  readonly call?: string
}

/** Entries of one partition for one shard, with the position of each. */
export type Delivery = {
  readonly partition: number
  /**
   * The shard has, or shall have, everything of the partition up to here; -1 for nothing. Without
   * it the shard only says how far it is.
   */
  readonly after?: number
  readonly positions: readonly number[] | Float64Array
  /** Packed entries, end to end. */
  readonly payload: Uint8Array
}

/** What a shard answers to a delivery. */
export type Taken = {
  /** Up to here everything of the partition that was delivered is in documents; -1 for nothing. */
  readonly written: number
}

export type HostedShardOptions = {
  readonly hosted: Hosted
  readonly names: Names
  readonly store: DocumentStore
  readonly clock: Clock
  readonly onDeadLetter: (letter: DeadLetter) => void
  readonly pages?: PageOptions
  /** How long reads are answered from memory without a look at the store. */
  readonly heldMs?: number
  /** How long what was folded may wait to be written. */
  readonly flushMs?: number
  /** In which what is behind is written, one shard after the other, of all types of a host. */
  readonly queue?: WriteQueue
  /** Hears that somebody else has a shard. */
  readonly onLost?: (shard: number) => void
}

export const hostedShardDefaults = Object.freeze({ heldMs: 5_000, flushMs: 10_000 })

export class HostedShard {
  readonly #hosted: Hosted
  readonly #names: Names
  readonly #shard: Shard
  readonly #maker: RecordMaker
  readonly #holdings: Holdings
  readonly #turns = new Turns()
  readonly #behind: WriteBehind

  constructor(options: HostedShardOptions) {
    const { hosted, names, pages, onDeadLetter } = options
    this.#hosted = hosted
    this.#names = names
    const memory = { isSparse: true, ...(pages && { pages }) }
    this.#shard = new Shard({ ...hosted, ...memory, names, onDeadLetter })
    this.#maker = new RecordMaker(names)
    const given = { ...hostedShardDefaults, ...options }
    this.#holdings = new Holdings({ ...given, shard: this.#shard })
    const ports = { holdings: this.#holdings, turns: this.#turns }
    this.#behind = new WriteBehind({ ...given, ...ports, name: hosted.type.name })
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
  ask(shard: number, ask: ShardAsk): Promise<unknown> {
    return this.#turns.run(shard, () => this.#ask(shard, ask))
  }

  /** What an actor holds, for people. USER_UNKNOWN, PIN_UNKNOWN. */
  inspect(shard: number, id: string): Promise<Readonly<Record<string, unknown>>> {
    return this.#turns.run(shard, async () => {
      const key = await this.#known(shard, id)
      return this.#shard.inspect(key) ?? {}
    })
  }

  /** Folds what it does not have yet. SHARD_BEHIND where it has less than it should. */
  apply(shard: number, delivery: Delivery): Promise<Taken> {
    return this.#turns.run(shard, () => this.#apply(shard, delivery))
  }

  /** Memory may forget an actor, once all that is held is in the store. */
  async evict(shard: number, id: string): Promise<void> {
    await this.#behind.flush(shard)
    return this.#turns.run(shard, async () => {
      const key = this.#names[this.#hosted.space].find(id)
      if (key >= 0) this.#holdings.drop([key])
    })
  }

  /** The shard is somebody else's from now on: what is held of it grows old. */
  async deactivate(shard: number): Promise<void> {
    // What could not be written is delivered again to whoever has the shard.
    await this.#behind.flush(shard).catch(() => {})
    return this.#turns.run(shard, async () => this.#behind.forget(shard))
  }

  /** Writes what a shard has folded so far. STATE_CONFLICT, STATE_UNREACHABLE. */
  flush(shard: number): Promise<void> {
    return this.#behind.flush(shard)
  }

  /** Writes everything that was folded. */
  stop(): Promise<void> {
    return this.#behind.stop()
  }

  /** The number of an actor whose state is in memory now. */
  async #known(shard: number, id: string): Promise<number> {
    const { space } = this.#hosted
    if (idProblem(id)) throw pinwheelError('ACTOR_ID_INVALID', { id, limit: 200 })
    const known = this.#names[space].find(id)
    if (known >= 0 && !this.#behind.isBehind(shard, known)) this.#holdings.dropOld(known)
    if (this.#shard.folds && !(await this.#holdings.exists(id))) {
      throw pinwheelError(space === 'user' ? 'USER_UNKNOWN' : 'PIN_UNKNOWN', { id })
    }
    const key = this.#names[space].intern(id)
    await this.#holdings.bring(shard, [key])
    return key
  }

  async #ask(shard: number, { id, method, argument, call }: ShardAsk): Promise<unknown> {
    const { type } = this.#hosted
    const spec = this.#shard.method(method)
    const key = await this.#known(shard, id)
    const dense = copyArgument(type, method, argument, knownIds(this.#names))
    if (spec.kind === 'write' && call !== undefined) {
      const before = this.#holdings.get(key)?.answered.find((answer) => answer.call === call)
      if (before) return before.result
    }
    const result = spec.result.pack(await this.#shard.call(key, method, dense), this.#names)
    if (spec.kind === 'read') return result
    if (call !== undefined) this.#holdings.answer(key, { call, result })
    await this.#holdings.save([key])
    return result
  }

  async #apply(shard: number, delivery: Delivery): Promise<Taken> {
    const { partition, after, positions } = delivery
    const books = await this.#behind.open(shard)
    const floor = books.floors.get(partition) ?? -1
    if (after === undefined || after > floor) {
      const details = { type: this.name, shard, partition, position: floor }
      throw pinwheelError('SHARD_BEHIND', details)
    }
    if ((positions.at(-1) ?? -1) > floor) await this.#foldNew(shard, delivery, floor)
    return { written: books.written.get(partition) ?? -1 }
  }

  async #foldNew(shard: number, delivery: Delivery, floor: number): Promise<void> {
    const { partition, positions } = delivery
    const block = this.#records(delivery)
    const column = this.#hosted.space === 'pin' ? block.pin : block.owner
    const keys = new Set<number>()
    for (let i = 0; i < block.count; i++) {
      if (block.position[i]! <= floor) block.roles[i] = 0
      else if (column[i] !== NONE) keys.add(column[i]!)
    }
    await this.#holdings.bring(shard, [...keys])
    const role = this.#hosted.space === 'pin' ? roles.pin : roles.user
    for (let i = 0; i < block.count; i++) {
      const applied = this.#holdings.get(column[i]!)?.applied.get(partition) ?? -1
      if (block.position[i]! <= applied) block.roles[i] = 0
    }
    const changed = this.#fold(block, column, role, partition)
    this.#behind.changed(shard, changed, partition, positions.at(-1)!)
  }

  #records({ partition, positions, payload }: Delivery): RecordBlock {
    const block = new RecordBlock(positions.length)
    const reader = new EntryReader(payload)
    for (const position of positions) {
      if (!reader.next()) throw pinwheelError('BAD_REQUEST', { reason: 'entries are missing' })
      const { bytes, ownerStart, ownerEnd, pinStart, pinEnd } = reader
      const owner = hashBytes(bytes, ownerStart, ownerEnd)
      const pin = hashBytes(bytes, pinStart, pinEnd)
      this.#maker.append(block, reader, partition, position, owner, pin)
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
      this.#holdings.get(key)!.applied.set(partition, block.position[i]!)
      changed.add(key)
    }
    return [...changed]
  }
}
