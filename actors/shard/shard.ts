/**
 * A shard: some of the actors of one type, and their turns.
 *
 * It does no I/O. A host brings blocks of entries and calls in; actors leave memory for the cold
 * store and come back (`residents.ts`). One turn at a time; a turn is all or nothing: a throw puts
 * every changed word back. When a batch throws, its entries are tried one by one and the poisonous
 * ones go to the dead letters.
 *
 * Laws: any split of an actor's entries into batches gives equal bytes; a read changes nothing; an
 * actor that leaves and comes back has equal bytes.
 */
import {
  Arena,
  assert,
  blankRow,
  type DeclaredKinds,
  decodeState,
  encodeState,
  heapAllocator,
  inspectState,
  type Names,
  type PageOptions,
  pinwheelError,
  type Space,
  StateHandle,
} from '../../base/index.ts'
import type { AnyActorType, Foldable, MethodType } from '../actor.ts'
import type { Chunks } from '../snapshots/section.ts'
import { type ColdStore, MemoryColdStore } from '../store/index.ts'
import { copyArgument } from './arguments.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { Digest } from './digest.ts'
import { Emitted } from './emitted.ts'
import { reasonOf, turnFailed } from './reason.ts'
import type { BlockBatch, EntryView, RecordBlock } from './record-block.ts'
import { CHANGED, Residents, TAG } from './residents.ts'
import { dumpOf } from './shard-dump.ts'
import { TurnContext } from './turn-context.ts'
import { type AppendedParts, appendedParts, TurnPlan } from './turn-plan.ts'

export type ShardOptions = {
  readonly type: AnyActorType
  /** The space whose dense numbers name this type's actors. */
  readonly space: Space
  readonly names: Names
  readonly services?: unknown
  readonly onDeadLetter?: (letter: DeadLetter) => void
  readonly cold?: ColdStore
  readonly pages?: PageOptions
  /** Bytes of state in memory, with those of others; beyond, the least recently used leave. */
  readonly bytesMax?: number
  readonly othersBytes?: () => number
  /** Kinds of events that turns may emit, where the host sees to it that they reach the log. */
  readonly emits?: DeclaredKinds
  /** Whether most numbers are other shards'; else of how many in a row one is this shard's. */
  readonly isSparse?: boolean
  readonly stride?: number
}

export const shardDefaults = Object.freeze({
  pages: { allocate: heapAllocator, pageBytes: 1 << 28 },
})

type ActorInstance = Record<string, (argument: unknown) => unknown> & Partial<Foldable>

export class Shard {
  readonly type: AnyActorType
  readonly space: Space
  readonly residents: Residents
  readonly emitted: Emitted
  readonly #names: Names
  readonly #handle: StateHandle
  readonly #appended: AppendedParts
  /** Made when a block is first folded: commanded actors never are. */
  #folding: TurnPlan | undefined
  /** The same class twice: over the view for writes and over the one for reads. */
  readonly #writer: ActorInstance
  readonly #reader: ActorInstance
  /** What reads of unknown actors see. */
  readonly #blank: StateHandle['place']
  readonly #onDeadLetter: (letter: DeadLetter) => void
  /** Whose turn a read is. */
  #reading = 0
  #dump: ReturnType<typeof dumpOf> | undefined
  /** Turns committed or dropped since the start. */
  turns = 0

  constructor(options: ShardOptions) {
    const { type, names, space, pages = shardDefaults.pages } = options
    this.type = type
    this.space = space
    this.#names = names
    this.#appended = appendedParts(type.appends)
    this.#onDeadLetter = options.onDeadLetter ?? (() => {})
    this.emitted = new Emitted(type.name, options.emits)
    const arena = new Arena(pages)
    this.#handle = new StateHandle(type.state, arena)
    this.#handle.stage.type = type.name
    this.#blank = blankRow(type.state)
    const idOf = (key: number) => names[space].id(key)
    this.residents = new Residents({
      handle: this.#handle,
      ...{ arena, pages, idOf },
      cold: options.cold ?? new MemoryColdStore(),
      ...{ othersBytes: options.othersBytes, stride: options.stride ?? 1 },
      bytesMax: options.bytesMax ?? Number.POSITIVE_INFINITY,
      isSparse: options.isSparse === true,
    })
    const instance = (state: unknown, key: () => number) => {
      const context = new TurnContext(() => idOf(key()), state, this.emitted)
      return type.create(context as never, options.services as never) as ActorInstance
    }
    this.#writer = instance(this.#handle.state, () => this.#writing)
    this.#reader = instance(this.#handle.reading, () => this.#reading)
    const writes = Object.values(type.methods).some((m) => m.kind === 'write')
    assert(!(this.folds && writes), 'a type is either folded or commanded')
  }

  /** Actors with a state, in memory or out of it. */
  get actors(): number {
    return this.residents.actors
  }

  /** Whether the type's state is a fold of the log. */
  get folds(): boolean {
    return this.#writer.apply !== undefined
  }

  has(key: number): boolean {
    return this.residents.has(key)
  }

  /** Dense numbers of all actors. */
  keys(): number[] {
    return [...Array.from(this.residents.slots(), ([, key]) => key), ...this.residents.coldKeys()]
  }

  /**
   * Folds the records of a block that play `role`: each actor of `column` gets its own in one turn
   * (or in a few, where the block is long). Actors that are new are made. Returns how many records
   * were applied; the rest are dead letters.
   */
  foldBlock(block: RecordBlock, column: Uint32Array, role: number): number {
    this.#folding ??= new TurnPlan()
    const plan = this.#folding
    const { residents } = this
    let applied = 0
    for (let from = 0; from < block.count; ) {
      from = plan.select(block, column, role, from)
      this.#dump?.before(plan.keys, plan.selected)
      plan.locate(residents)
      applied += this.#takeTurns(plan, block)
      residents.tick = (residents.tick + 1) >>> 0
      residents.makeRoom()
    }
    return applied
  }

  /** Runs a listed method of actor `key`. A read of an unknown actor sees a zeroed state. */
  call(key: number, method: string, argument: unknown): unknown {
    const spec = this.method(method)
    const value = copyArgument(this.type, method, argument)
    const result =
      spec.kind === 'write' ? this.write(key, method, value) : this.read(key, method, value)
    if (!(result instanceof Promise)) return this.#result(spec, method, result)
    // Only services may be awaited: the view has moved on by then, as the contract says.
    return result.then(
      (later) => this.#result(spec, method, later),
      (error: unknown) => {
        throw this.#failed(method, error)
      },
    )
  }

  /** A turn that reads, with an argument that was checked. READ_WROTE, TURN_FAILED. */
  read(key: number, method: string, value: unknown): unknown {
    this.#look(key)
    this.turns++
    this.#handle.stage.method = method
    try {
      return this.#reader[method]!(value)
    } catch (error) {
      throw this.#failed(method, error)
    }
  }

  /** A turn that writes, its result checked before it commits. TURN_FAILED. */
  write(key: number, method: string, value: unknown): unknown {
    const { residents } = this
    residents.tick = (residents.tick + 1) >>> 0
    const known = residents.find(key)
    const isNew = known < 0 && !residents.stored.has(key)
    const slot = known >= 0 ? known : residents.activate(key)
    residents.use(slot)
    residents.move(slot)
    this.turns++
    const handle = this.#handle
    handle.stage.open()
    handle.begin()
    this.emitted.open()
    let result: unknown
    try {
      result = this.#writer[method]!(value)
      assert(!(result instanceof Promise), 'write methods are synchronous')
      result = this.#result(this.type.methods[method]!, method, result)
    } catch (error) {
      this.emitted.drop()
      handle.rollback()
      handle.stage.close()
      handle.park()
      if (isNew) residents.erase(key)
      throw this.#failed(method, error)
    }
    this.emitted.close()
    handle.commit()
    handle.stage.close()
    handle.place.page.u32[handle.place.word + CHANGED] = 1
    handle.park()
    residents.makeRoom()
    return result
  }

  /** The method's declaration; METHOD_UNLISTED when there is none. */
  method(name: string): MethodType<unknown, unknown> {
    const { methods } = this.type
    if (!Object.hasOwn(methods, name)) {
      throw pinwheelError('METHOD_UNLISTED', { type: this.type.name, method: name })
    }
    return methods[name]!
  }

  /** Compact bytes of an actor, or undefined. */
  bytes(key: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#see(key, (handle) => encodeState(handle, this.#names))
  }

  /** An actor's state as plain data with outside ids. */
  inspect(key: number): Record<string, unknown> | undefined {
    const plain = this.#see(key, (handle) => inspectState(handle, this.#names))
    return plain && (this.type.readable?.(plain) ?? plain)
  }

  /** Fills actor `key` from compact bytes, replacing what there is. STATE_DAMAGED, STATE_NEWER. */
  load(key: number, bytes: Uint8Array): void {
    const { residents } = this
    residents.erase(key)
    residents.move(residents.activate(key))
    try {
      decodeState(this.#handle, bytes, this.#names, this.#names[this.space].id(key))
    } catch (error) {
      residents.erase(key)
      throw error
    }
  }

  /** Takes an actor out of memory; it comes back with equal bytes when it is next touched. */
  evict(key: number): void {
    const slot = this.residents.find(key)
    if (slot >= 0) this.residents.evict(slot)
  }

  /** Forgets actor `key`. */
  erase(key: number): void {
    this.residents.erase(key)
  }

  /** All actors as they are now, given while turns go on, until `endDump`. */
  beginDump(): Chunks {
    this.#dump = dumpOf(this.residents, this.#names[this.space].size)
    return this.#dump.chunks()
  }

  endDump(): void {
    this.#dump = undefined
  }

  digest(into: Digest): void {
    for (const key of this.keys()) {
      into.add(this.type.name, this.#names[this.space].id(key), this.bytes(key)!)
    }
  }

  /** Whose turn a write is: the row says so. */
  get #writing(): number {
    const { page, word } = this.#handle.place
    return page.u32[word + TAG]! - 1
  }

  #takeTurns(plan: TurnPlan, block: RecordBlock): number {
    const { groups, slots, starts, order, batch } = plan
    const { pages, shift, mask, rowWords } = this.residents.rows
    const handle = this.#handle
    const { stage } = handle
    const writer = this.#writer
    let applied = 0
    stage.method = 'apply'
    stage.open()
    batch.open(block, order)
    plan.lookAhead(handle, this.#appended, block, this.residents.rows)
    for (let g = 0; g < groups; g++) {
      try {
        for (; g < groups; g++) {
          const slot = slots[g]!
          const from = starts[g]!
          const length = starts[g + 1]! - from
          const page = pages[slot >>> shift]!
          const word = Math.imul(slot & mask, rowWords)
          page.u32[word + CHANGED] = 1
          handle.moveWriting(page, word)
          handle.begin()
          writer.apply!(batch.window(from, length))
          handle.commit()
          applied += length
        }
      } catch (error) {
        handle.rollback()
        const from = starts[g]!
        applied += this.#oneByOne(batch, from, starts[g + 1]! - from, error)
      }
    }
    stage.close()
    handle.park()
    this.turns += groups
    return applied
  }

  /** A batch that threw, entry by entry. */
  #oneByOne(batch: BlockBatch, from: number, length: number, thrown: unknown): number {
    const handle = this.#handle
    let applied = 0
    for (let i = 0; i < length; i++) {
      batch.window(from + i, 1)
      if (length === 1) {
        this.#bury(batch.at(0), thrown)
        continue
      }
      handle.begin()
      try {
        this.#writer.apply!(batch)
        handle.commit()
        applied++
      } catch (error) {
        handle.rollback()
        this.#bury(batch.at(0), error)
      }
    }
    return applied
  }

  /** Places the views for a read: on the actor, or on a blank row when there is none. */
  #look(key: number): void {
    const { residents } = this
    this.#reading = key
    const slot = residents.find(key)
    if (slot >= 0) {
      residents.use(slot)
      residents.move(slot)
    } else if (residents.stored.has(key)) {
      residents.tick = (residents.tick + 1) >>> 0
      const back = residents.activate(key)
      residents.makeRoom()
      residents.move(back)
    } else this.#handle.move(this.#blank.page, this.#blank.word)
  }

  /** Shows an actor where it is: one out of memory stays there. */
  #see<T>(key: number, show: (handle: StateHandle) => T): T | undefined {
    const { residents } = this
    const slot = residents.find(key)
    if (slot >= 0) {
      residents.move(slot)
      return show(this.#handle)
    }
    if (!residents.stored.has(key)) return undefined
    return residents.showCold(key, show)
  }

  #bury(entry: EntryView, error: unknown): void {
    this.#onDeadLetter({
      type: this.type.name,
      id: this.#names[this.space].id(this.#writing),
      partition: entry.partition,
      position: entry.position,
      reason: reasonOf(error),
    })
  }

  #result(spec: MethodType<unknown, unknown>, method: string, result: unknown): unknown {
    try {
      return spec.result.copy(result)
    } catch (error) {
      throw this.#failed(method, error)
    }
  }

  #failed(method: string, error: unknown): unknown {
    return turnFailed(error, { type: this.type.name, method })
  }
}
