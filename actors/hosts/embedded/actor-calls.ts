/**
 * Calls of listed methods by type and outside id, with outside ids in arguments and results, as
 * through a network. Commanded actors take one call at a time per id,
 * and a write's reply leaves when its state is on the disk; when the disk refuses, the actor is put
 * back.
 */
import {
  type ErrorDetails,
  idProblem,
  knownIds,
  limits,
  type Names,
  pinwheelError,
  type Space,
} from '../../../base/index.ts'
import type { AnyActorType } from '../../actor.ts'
import type { Called } from '../../engine.ts'
import { pinActor } from '../../pin-actor.ts'
import { copyArgument } from '../../shard/arguments.ts'
import { userActor } from '../../user-actor.ts'
import type { WorkerHandle } from '../../worker/worker-handle.ts'
import type { StateStore } from './state-store.ts'

export type CallPlaces = {
  readonly worker: (key: number, space: Space) => WorkerHandle
  readonly names: () => Names
  readonly types: ReadonlyMap<string, { readonly type: AnyActorType; readonly space: Space }>
}

export const callDefaults = Object.freeze({ deadlineMs: 5_000 })

/** Users, pins, and the types that the host was given. */
export function hostedTypes(
  more: readonly { readonly type: AnyActorType; readonly space: Space }[] = [],
): CallPlaces['types'] {
  const all = [
    { type: userActor, space: 'user' as const },
    { type: pinActor, space: 'pin' as const },
  ]
  return new Map([...all, ...more].map((hosted) => [hosted.type.name, hosted]))
}

export class ActorCalls {
  readonly #states: StateStore
  readonly #places: CallPlaces
  /** The last call of a commanded actor that is under way. */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(states: StateStore, places: CallPlaces) {
    this.#states = states
    this.#places = places
  }

  /** ACTOR_TYPE_UNKNOWN, ACTOR_ID_INVALID, METHOD_UNLISTED, DEADLINE, and what the turn throws. */
  async call(
    type: string,
    id: string,
    method: string,
    argument?: unknown,
    deadlineMs: number = callDefaults.deadlineMs,
  ): Promise<unknown> {
    const { space, key } = this.#place(type, id)
    // Copied now: what the caller does with it while the call waits its turn is the caller's own.
    const { type: declared } = this.#places.types.get(type)!
    const names = this.#places.names()
    const copied = copyArgument(declared, method, argument, knownIds(names))
    const worker = this.#places.worker(key, space)
    const run = async () => {
      const before = this.#states.get(type, id)
      const ask = { what: 'call', call: { type, key, method }, argument: copied } as const
      const done = await worker.ask<Called>(before ? { ...ask, state: before } : ask, deadlineMs)
      if (done.bytes) {
        await this.#states.put(type, id, done.bytes).catch(async (error: unknown) => {
          const state = before ? { state: before } : {}
          await worker.ask({ what: 'restore', type, key, ...state })
          throw error
        })
      }
      return declared.methods[method]!.result.pack(done.result, names)
    }
    return space === 'actor' ? this.#inTurn(`${type}\0${id}`, run) : run()
  }

  /** Takes an actor out of memory; it comes back when touched. */
  async evict(type: string, id: string): Promise<void> {
    const { space, key } = this.#place(type, id)
    await this.#places.worker(key, space).ask({ what: 'evict', type, key })
  }

  close(): Promise<void> {
    return this.#states.close()
  }

  #place(type: string, id: string): { space: Space; key: number } {
    const hosted = this.#places.types.get(type)
    if (!hosted) {
      const known = [...this.#places.types.keys()].join(', ')
      throw pinwheelError('ACTOR_TYPE_UNKNOWN', { type, known })
    }
    if (idProblem(id)) {
      const details: ErrorDetails = {
        id: JSON.stringify(id).slice(0, 80),
        limit: limits.idBytesMax,
      }
      throw pinwheelError('ACTOR_ID_INVALID', details)
    }
    const { space } = hosted
    const interner = this.#places.names()[space]
    // Ids of users and pins are numbered by the log alone; a read does not make one.
    const key = space === 'actor' ? interner.intern(id) : interner.find(id)
    if (key < 0) throw pinwheelError(space === 'user' ? 'USER_UNKNOWN' : 'PIN_UNKNOWN', { id })
    return { space, key }
  }

  async #inTurn<T>(key: string, run: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key) ?? Promise.resolve()
    const mine = before.then(run, run)
    const settled = mine.catch(() => {})
    this.#turns.set(key, settled)
    try {
      return await mine
    } finally {
      if (this.#turns.get(key) === settled) this.#turns.delete(key)
    }
  }
}
