/**
 * From the log to the shards: each partition is read in order, resends are left out, and every
 * frame's entries go to the shards of their users and pins. One frame of a partition is in flight;
 * what a shard does not take is sent again, since shards know what they have. Where trying again
 * cannot help by itself (a damaged document, say) that is told, and the partition waits until
 * somebody has mended it: nothing is passed over.
 */
import { type Clock, limits } from '../../../base/index.ts'
import type { DeliveredLog } from './delivered-log.ts'
import type { DocumentStore } from './document-store.ts'
import type { Delivery, Taken } from './hosted-shard.ts'
import type { FoldedType, Parcel } from './parcels.ts'
import { PartitionDelivery } from './partition-delivery.ts'

export type LogDeliveryOptions = {
  readonly log: DeliveredLog
  /** Where it is kept how far everything is written. */
  readonly store: DocumentStore
  readonly types: readonly FoldedType[]
  readonly shards: number
  readonly clock: Clock
  readonly send: (type: string, shard: number, delivery: Delivery) => Promise<Taken>
  /** Hears why a shard will not take what it is sent, once for each time that this begins. */
  readonly onRefused?: (error: unknown) => void
  /** Entries of a partition among which a resend is known. */
  readonly duplicateWindow?: number
  /** Between two looks at shards that have not written what they have. */
  readonly lookMs?: number
}

export const logDeliveryDefaults = Object.freeze({
  duplicateWindow: limits.duplicateWindowEntries,
  lookMs: 1_000,
})

export class LogDelivery {
  readonly #options: LogDeliveryOptions
  readonly #partitions: readonly PartitionDelivery[]
  readonly #stop = new AbortController()
  #runs: Promise<unknown> = Promise.resolve()
  /** Parcels that a shard will not take. */
  readonly #refused = new Set<Parcel>()
  #refusal = Promise.withResolvers<never>()

  constructor(options: LogDeliveryOptions) {
    this.#options = options
    this.#refusal.promise.catch(() => {})
    const { signal } = this.#stop
    const heard = {
      onRefused: (parcel: Parcel, error: unknown) => this.#refuse(parcel, error),
      onTaken: (parcel: Parcel) => this.#taken(parcel),
    }
    this.#partitions = Array.from({ length: options.log.partitions }, (_, partition) => {
      return new PartitionDelivery({
        ...logDeliveryDefaults,
        ...options,
        ...heard,
        partition,
        signal,
      })
    })
  }

  /** Begins, where everything was written; what the log says ends it. */
  start(): void {
    const runs = Promise.all(this.#partitions.map((partition) => partition.run()))
    this.#runs = runs
    runs.catch((error: unknown) => {
      if (this.#stop.signal.aborted) return
      this.#refusal.reject(error)
      this.#options.onRefused?.(error)
    })
  }

  /** Resolves when all up to these positions is delivered; rejects while a shard refuses. */
  async reached(positions: readonly number[]): Promise<void> {
    const all = this.#partitions.map((delivery, p) => delivery.reached(positions[p]!))
    await Promise.race([Promise.all(all), this.#refusal.promise])
  }

  /** Resolves when all up to these positions is in documents. */
  async written(positions: readonly number[]): Promise<void> {
    const all = this.#partitions.map((delivery, p) => delivery.written(positions[p]!))
    await Promise.race([Promise.all(all), this.#refusal.promise])
  }

  /** Sends everything again: every shard has it already. */
  async sendAll(): Promise<void> {
    await Promise.all(this.#partitions.map((partition) => partition.again()))
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('the host is stopping'))
    await this.#runs.catch(() => {})
  }

  #refuse(parcel: Parcel, error: unknown): void {
    if (this.#refused.size === 0) {
      this.#refusal.reject(error)
      this.#options.onRefused?.(error)
    }
    this.#refused.add(parcel)
  }

  #taken(parcel: Parcel): void {
    if (!this.#refused.delete(parcel) || this.#refused.size > 0) return
    this.#refusal = Promise.withResolvers<never>()
    this.#refusal.promise.catch(() => {})
  }
}
