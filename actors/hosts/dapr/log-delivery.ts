/**
 * From the log to the shards: each partition is read in order, resends are left out, and every
 * frame's entries go to the shards of their users and pins. One frame of a partition is in flight;
 * what a shard does not take is sent again, since shards know what they have. Where trying again
 * cannot help by itself (a damaged document, say) that is told, and the partition waits until
 * somebody has mended it: nothing is passed over.
 */
import { type Clock, errorCode, limits, pinwheelError } from '../../../base/index.ts'
import type { DeliveredLog } from './delivered-log.ts'
import type { DocumentStore } from './document-store.ts'
import type { Delivery, Taken } from './hosted-shard.ts'
import type { FoldedType, Parcel } from './parcels.ts'
import { PartitionDelivery } from './partition-delivery.ts'
import { Waiters } from './waiters.ts'

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
  /** From one delivery of a busy partition to the next: what comes meanwhile goes together. */
  readonly paceMs?: number
}

export const logDeliveryDefaults = Object.freeze({
  duplicateWindow: limits.duplicateWindowEntries,
  lookMs: 1_000,
  paceMs: 200,
})

type Running = {
  readonly delivery: PartitionDelivery
  readonly stop: AbortController
  readonly run: Promise<void>
}

export class LogDelivery {
  readonly #options: LogDeliveryOptions
  /** The partitions that are delivered from here. */
  readonly #running = new Map<number, Running>()
  /** Of those that were, what is under way still. */
  readonly #ending = new Set<Promise<void>>()
  /** By partition: who waits for positions to be with their shards, and in documents. */
  readonly #read: readonly Waiters[]
  readonly #written: readonly Waiters[]
  /** Parcels that a shard will not take. */
  readonly #refused = new Set<Parcel>()
  #refusal = Promise.withResolvers<never>()
  #isStopped = false

  constructor(options: LogDeliveryOptions) {
    this.#options = options
    const { partitions } = options.log
    this.#read = Array.from({ length: partitions }, () => new Waiters())
    this.#written = Array.from({ length: partitions }, () => new Waiters())
    this.#refusal.promise.catch(() => {})
  }

  /**
   * Begins to deliver a partition, from where everything was written, unless it does already.
   * STOPPING: a host that ends is called by another that looks for who delivers; what began then
   * would be left as a reader of the stream.
   */
  start(partition: number): void {
    if (this.#isStopped) throw pinwheelError('STOPPING', {})
    if (this.#running.has(partition)) return
    const stop = new AbortController()
    const delivery = new PartitionDelivery({
      ...logDeliveryDefaults,
      ...this.#options,
      partition,
      signal: stop.signal,
      onRefused: (parcel, error) => this.#refuse(parcel, error),
      onTaken: (parcel) => this.#taken(parcel),
      onRead: (position) => this.#read[partition]!.reach(position),
      onWritten: (position) => this.#written[partition]!.reach(position),
    })
    const run = delivery.run().catch((error: unknown) => this.#ended(partition, stop, error))
    this.#running.set(partition, { delivery, stop, run })
  }

  /** The last position of a partition that is with its shards, where it is delivered from here. */
  position(partition: number): number | undefined {
    return this.#running.has(partition) ? this.#read[partition]!.reached : undefined
  }

  startAll(): void {
    for (let partition = 0; partition < this.#read.length; partition++) this.start(partition)
  }

  /**
   * Somebody else delivers the partition from now on. What is under way is not waited for: while
   * actors move no call of one gets through, and they move when all who are told have answered.
   */
  end(partition: number): void {
    const running = this.#running.get(partition)
    if (!running) return
    this.#running.delete(partition)
    running.stop.abort(new Error('the partition is delivered elsewhere'))
    const over = running.run.finally(() => this.#ending.delete(over))
    this.#ending.add(over)
    this.#read[partition]!.letGo()
    this.#written[partition]!.letGo()
  }

  /**
   * Resolves when all up to these positions is delivered, or in documents, of partitions that are
   * delivered from here; rejects while a shard refuses.
   */
  async reached(positions: readonly number[], what: 'read' | 'written' = 'read'): Promise<void> {
    const waiters = what === 'read' ? this.#read : this.#written
    const all = Array.from(this.#running.keys(), (partition) => {
      return waiters[partition]!.until(positions[partition]!)
    })
    await Promise.race([Promise.all(all), this.#refusal.promise])
  }

  /** Sends everything again: every shard has it already. */
  async sendAll(): Promise<void> {
    await Promise.all(Array.from(this.#running.values(), ({ delivery }) => delivery.again()))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const partition of [...this.#running.keys()]) this.end(partition)
    await Promise.all(this.#ending)
  }

  /** The log cannot be read on; who is to deliver it begins anew. */
  #ended(partition: number, stop: AbortController, error: unknown): void {
    if (stop.signal.aborted) return
    // Else it would look after its shards for good, and the process would not end.
    stop.abort(error)
    this.#running.delete(partition)
    if (errorCode(error) === 'INGEST_REPLACED') return
    this.#refusal.reject(error)
    this.#options.onRefused?.(error)
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
