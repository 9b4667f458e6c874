/**
 * Has every partition of the log delivered by whoever Dapr says: a call now and then brings the
 * partition's actor up, on another host when the one before has died. Every host with shards calls,
 * so that any of them is enough.
 */
import type { Clock } from '../../../base/index.ts'
import type { Sidecar } from './sidecar.ts'

/** The actor type that delivers a partition of the log. */
export const PARTITION = 'Partition'

/** Between two calls of a partition, and between one that failed and the next. */
const KEEP_MS = 1_000
const RETRY_MS = 200
/** A call that meets an actor as its host dies may not be answered. */
const PATIENCE_MS = 2_000

export class PartitionKeeper {
  readonly #sidecar: Sidecar
  readonly #clock: Clock
  readonly #isHere: (partition: number) => boolean
  readonly #stop = new AbortController()
  #loops: Promise<unknown> = Promise.resolve()

  /** `isHere`: whether this process delivers a partition, which needs no call then. */
  constructor(sidecar: Sidecar, clock: Clock, isHere: (partition: number) => boolean) {
    this.#sidecar = sidecar
    this.#clock = clock
    this.#isHere = isHere
  }

  /** Resolves when every partition is delivered, from here or from elsewhere, or it is stopped. */
  async start(partitions: number): Promise<void> {
    const all = Array.from({ length: partitions }, (_, partition) => {
      const kept = Promise.withResolvers<void>()
      return { kept: kept.promise, loop: this.#keep(partition, kept.resolve) }
    })
    this.#loops = Promise.all(all.map(({ loop }) => loop))
    await Promise.race([Promise.all(all.map(({ kept }) => kept)), this.#loops])
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('the host is stopping'))
    await this.#loops
  }

  async #keep(partition: number, onKept: () => void): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const isKept = this.#isHere(partition) || (await this.#call(partition))
      if (isKept) onKept()
      await this.#clock.sleep(isKept ? KEEP_MS : RETRY_MS, signal).catch(() => {})
    }
  }

  /** Whether somebody answered. */
  #call(partition: number): Promise<boolean> {
    const call = this.#sidecar.invoke(PARTITION, String(partition), 'keep', {}, PATIENCE_MS)
    return call.then(
      () => true,
      () => false,
    )
  }
}
