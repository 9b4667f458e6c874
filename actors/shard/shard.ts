/**
 * A shard: some of the actors of one type, their state in pages, and their turns.
 *
 * It does no I/O. A host brings rows in (`load`) and out (`evict`), folds batches, runs reads and
 * writes. One turn at a time; a turn is all or nothing: a throw puts every changed word back. When
 * a batch throws, its entries are tried one by one and the poisonous ones go to the dead letters.
 *
 * Laws: any split of an actor's entries into batches gives equal bytes; a read changes nothing; a
 * row that leaves and comes back has equal bytes.
 */
import {
  Arena,
  assert,
  decodeState,
  encodeState,
  errorCode,
  type IdTable,
  inspectState,
  type Names,
  pinwheelError,
  ShapeError,
  type Space,
  Stage,
  type StateHandle,
} from '../../base/index.ts'
import type { ActorContext, AnyActorType, Foldable, MethodType } from '../actor.ts'
import type { Digest } from './digest.ts'
import { Directory } from './directory.ts'
import { BlockBatch, type EntryView, type RecordBlock } from './record-block.ts'

export type DeadLetter = {
  readonly type: string
  readonly id: string
  readonly partition: number
  readonly position: number
  readonly reason: string
}

export type ShardOptions = {
  readonly type: AnyActorType
  /** The space whose dense numbers name this type's actors. */
  readonly space: Space
  readonly names: Names
  readonly services?: unknown
  readonly onDeadLetter?: (letter: DeadLetter) => void
}

type Method = (argument: unknown) => unknown
type ActorInstance = Record<string, Method> & Partial<Foldable>

export class Shard {
  readonly type: AnyActorType
  readonly #names: Names
  readonly #space: Space
  readonly #arena = new Arena()
  readonly #stage = new Stage(this.#arena)
  readonly #handle: StateHandle
  readonly #directory = new Directory()
  /** Compact bytes of actors that were evicted; they come back when touched. */
  readonly #cold = new Map<number, Uint8Array<ArrayBuffer>>()
  readonly #actor: ActorInstance
  readonly #single = new BlockBatch()
  readonly #onDeadLetter: (letter: DeadLetter) => void
  #key = 0
  /** Turns committed or dropped since the start. */
  turns = 0

  constructor(options: ShardOptions) {
    const { type, names, space } = options
    this.type = type
    this.#names = names
    this.#space = space
    this.#onDeadLetter = options.onDeadLetter ?? (() => {})
    this.#handle = type.state.view(this.#arena, this.#stage)
    this.#stage.type = type.name
    const id = () => names[space].id(this.#key)
    const context: ActorContext<never> = {
      get id() {
        return id()
      },
      state: this.#handle.state as never,
    }
    this.#actor = type.create(context as never, options.services as never) as ActorInstance
    const folded = typeof this.#actor.apply === 'function'
    const writes = Object.values(type.methods).some((m) => m.kind === 'write')
    assert(!(folded && writes), 'a type is either folded or commanded')
  }

  /** Actors with a state, resident or evicted. */
  get actors(): number {
    return this.#directory.size + this.#cold.size
  }

  get resident(): number {
    return this.#directory.size
  }

  /** Whether the type's state is a fold of the log. */
  get folds(): boolean {
    return this.#actor.apply !== undefined
  }

  get space(): Space {
    return this.#space
  }

  get residentBytes(): number {
    return this.#arena.residentBytes
  }

  has(key: number): boolean {
    return this.#directory.find(key) !== 0 || this.#cold.has(key)
  }

  /** Dense numbers of all actors. */
  keys(): number[] {
    return [...Array.from(this.#directory.entries(), ([key]) => key), ...this.#cold.keys()]
  }

  /**
   * One turn: folds `order[from .. from + length)` of `block` into actor `key`, which is made when
   * it is new. Returns how many entries were applied; the rest are dead letters.
   */
  fold(
    key: number,
    batch: BlockBatch,
    block: RecordBlock,
    order: Uint32Array,
    from: number,
    length: number,
  ): number {
    this.#activate(key)
    this.turns++
    this.#stage.method = 'apply'
    if (this.#tryFold(batch.place(block, order, from, length)) === undefined) return length
    let applied = 0
    for (let i = 0; i < length; i++) {
      const error = this.#tryFold(this.#single.place(block, order, from + i, 1))
      if (error === undefined) applied++
      else this.#bury(this.#single.at(0), error)
    }
    return applied
  }

  /** Runs a listed method of actor `key`. A read of an unknown actor sees a zeroed state. */
  call(key: number, method: string, argument: unknown): unknown {
    const spec = this.method(method)
    const value = copyArgument(this.type, method, argument)
    this.turns++
    const fresh = !this.has(key)
    this.#activate(key)
    this.#stage.method = method
    const drop = () => {
      if (spec.kind === 'write') this.#stage.rollback()
      if (fresh) this.#evictBlank(key)
    }
    if (spec.kind === 'write') this.#stage.begin()
    let result: unknown
    try {
      result = (this.#actor[method] as Method).call(this.#actor, value)
    } catch (error) {
      drop()
      throw this.#failed(method, error)
    }
    if (result instanceof Promise) {
      // Only services may be awaited: the view has moved on by then, as the contract says.
      assert(spec.kind === 'read', 'write methods are synchronous')
      if (fresh) this.#evictBlank(key)
      return result.then(
        (later) => this.#result(spec, method, later),
        (error: unknown) => {
          throw this.#failed(method, error)
        },
      )
    }
    try {
      result = this.#result(spec, method, result)
    } catch (error) {
      drop()
      throw error
    }
    if (spec.kind === 'write') this.#stage.commit()
    else if (fresh) this.#evictBlank(key)
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
    const cold = this.#cold.get(key)
    if (cold) return cold
    return this.#place(key) ? encodeState(this.#handle, this.#names) : undefined
  }

  /** Fills actor `key` from compact bytes, replacing what is resident. */
  load(key: number, bytes: Uint8Array): void {
    this.erase(key)
    const row = this.#handle.allocate()
    this.#handle.move(row)
    try {
      const id = this.#names[this.#space].id(key)
      this.#stage.raw(() => decodeState(this.#handle, bytes, this.#names, id))
    } catch (error) {
      this.#handle.release()
      throw error
    }
    this.#directory.set(key, row)
  }

  /** Takes an actor out of its page; it comes back with equal bytes when it is next touched. */
  evict(key: number): void {
    const bytes = this.bytes(key)
    if (!bytes) return
    this.erase(key)
    this.#cold.set(key, bytes)
  }

  /** Forgets actor `key`. */
  erase(key: number): void {
    this.#cold.delete(key)
    const row = this.#directory.find(key)
    if (row === 0) return
    this.#handle.move(row)
    this.#handle.release()
    this.#directory.remove(key)
  }

  /** An actor's state as plain data with outside ids. */
  inspect(key: number): Record<string, unknown> | undefined {
    return this.#place(key) ? inspectState(this.#handle, this.#names) : undefined
  }

  digest(into: Digest): void {
    for (const [key, row] of this.#directory.entries()) {
      this.#handle.move(row)
      const id = this.#names[this.#space].id(key)
      into.add(this.type.name, id, encodeState(this.#handle, this.#names))
    }
    for (const [key, bytes] of this.#cold) {
      into.add(this.type.name, this.#names[this.#space].id(key), bytes)
    }
  }

  /** Drops a row that only a read or a failed turn had made. */
  #evictBlank(key: number): void {
    this.erase(key)
  }

  #activate(key: number): void {
    if (this.#place(key)) return
    const row = this.#handle.allocate()
    this.#directory.set(key, row)
    this.#handle.move(row)
    this.#key = key
  }

  #place(key: number): boolean {
    let row = this.#directory.find(key)
    if (row === 0) {
      const cold = this.#cold.get(key)
      if (!cold) return false
      this.load(key, cold)
      row = this.#directory.find(key)
    }
    this.#handle.move(row)
    this.#key = key
    return true
  }

  #tryFold(batch: BlockBatch): unknown {
    this.#stage.begin()
    try {
      this.#actor.apply!(batch)
    } catch (error) {
      this.#stage.rollback()
      return error ?? 'nothing was said'
    }
    this.#stage.commit()
    return undefined
  }

  #bury(entry: EntryView, error: unknown): void {
    this.#onDeadLetter({
      type: this.type.name,
      id: this.#names[this.#space].id(this.#key),
      partition: entry.partition,
      position: entry.position,
      reason: error instanceof Error ? error.message : String(error),
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
    if (errorCode(error) !== undefined) return error
    const reason = error instanceof Error ? error.message : String(error)
    return pinwheelError('TURN_FAILED', { type: this.type.name, method, reason }, error)
  }
}

/**
 * A checked copy of an argument; with `ids` it comes from outside, and outside ids in it become
 * dense numbers. METHOD_UNLISTED, ARGUMENT_INVALID.
 */
export function copyArgument(
  type: AnyActorType,
  method: string,
  argument: unknown,
  ids?: IdTable,
): unknown {
  const spec = Object.hasOwn(type.methods, method) ? type.methods[method] : undefined
  if (!spec) throw pinwheelError('METHOD_UNLISTED', { type: type.name, method })
  try {
    return ids ? spec.argument.unpack(argument, ids) : spec.argument.copy(argument)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw pinwheelError('ARGUMENT_INVALID', { type: type.name, method, reason: error.message })
  }
}
