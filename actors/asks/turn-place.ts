/**
 * Where turns of asked methods run, as a port: in a shard of this thread, or on another thread.
 */
import { assert, type Space } from '../../base/index.ts'
import type { AnyActorType, EmittedEvent } from '../actor.ts'
import type { Shard } from '../shard/shard.ts'

/** One ask on its way; its argument was checked and copied. */
export interface Turn {
  readonly type: AnyActorType
  /** What the place has of the type. */
  readonly home: unknown
  readonly space: Space
  readonly key: number
  readonly method: string
  readonly isWrite: boolean
  readonly value: unknown
  /** What a store holds of the actor, for a place that does not have it in memory. */
  state: Uint8Array | undefined
  /** The new state after a write, where a store is to have it; left by the place. */
  bytes: Uint8Array | undefined
  /** What the write emitted, if it did; left by the place. */
  emitted: readonly EmittedEvent[] | undefined
}

export interface TurnPlace {
  /** What turns of a type are handed to the place with, found once. */
  homeOf?(type: AnyActorType): unknown
  /** The result, or the promise of it; throws what the turn throws. */
  turn(turn: Turn, deadlineMs: number): unknown
  /** Puts an actor back to what the store holds: the store refused what came after. */
  restore(turn: Turn, state: Uint8Array | undefined): void | Promise<void>
}

/** Turns in shards of this thread. */
export class ShardPlace implements TurnPlace {
  readonly #shards: ReadonlyMap<string, Shard>
  readonly #keepsStates: boolean

  /** With `keepsStates` a store has the states of commanded actors. */
  constructor(shards: ReadonlyMap<string, Shard>, keepsStates = false) {
    this.#shards = shards
    this.#keepsStates = keepsStates
  }

  homeOf(type: AnyActorType): Shard {
    const shard = this.#shards.get(type.name)
    assert(shard !== undefined, 'every type that may be asked has a shard')
    return shard
  }

  turn(turn: Turn): unknown {
    const { key, method, value } = turn
    const shard = turn.home as Shard
    if (turn.state && !shard.has(key)) shard.load(key, turn.state)
    if (!turn.isWrite) return shard.read(key, method, value)
    const result = shard.write(key, method, value)
    if (!this.#keepsStates) return result
    turn.bytes = shard.bytes(key)
    const emitted = shard.emitted.take()
    if (emitted.length > 0) turn.emitted = emitted
    return result
  }

  restore({ home, key }: Turn, state: Uint8Array | undefined): void {
    const shard = home as Shard
    if (state) shard.load(key, state)
    else shard.erase(key)
  }
}
