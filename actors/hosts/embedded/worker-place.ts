/** Turns on worker threads: an ask goes to the thread that has the actor. */
import type { Turn, TurnPlace } from '../../asks/index.ts'
import type { Called } from '../../shard/shards.ts'
import type { WorkerHandle } from '../../worker/worker-handle.ts'

export class WorkerPlace implements TurnPlace {
  readonly #workerOf: (key: number) => WorkerHandle

  constructor(workerOf: (key: number) => WorkerHandle) {
    this.#workerOf = workerOf
  }

  async turn(turn: Turn, deadlineMs: number): Promise<unknown> {
    const { type, key, method, value, state } = turn
    const call = { type: type.name, key, method }
    const ask = { what: 'call', call, argument: value, ...(state && { state }) } as const
    const { result, bytes, emitted } = await this.#workerOf(key).ask<Called>(ask, deadlineMs)
    turn.bytes = bytes
    turn.emitted = emitted
    return result
  }

  async restore({ type, key }: Turn, state: Uint8Array | undefined): Promise<void> {
    const ask = { what: 'restore', type: type.name, key, ...(state && { state }) } as const
    await this.#workerOf(key).ask(ask)
  }
}
