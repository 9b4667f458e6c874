/**
 * From the log to the shards: each partition is read in order, resends are left out, and every
 * frame's entries go to the shards of their users and pins. One frame of a partition is in flight;
 * what a shard does not take is sent again, since documents know what they have. Where trying again
 * cannot help by itself (a damaged document, say) that is told, and the partition waits until
 * somebody has mended it: nothing is passed over.
 */
import { type Clock, errorCode, errorTable, hashBytes, type Space } from '../../../base/index.ts'
import { DuplicateWindow, EntryReader, type EventLog, type Frame } from '../../log/index.ts'
import type { Delivery } from './hosted-shard.ts'

export type LogDeliveryOptions = {
  readonly log: EventLog
  /** Folded types and whose ids name their actors. */
  readonly types: readonly { readonly name: string; readonly space: Space }[]
  readonly shards: number
  readonly clock: Clock
  readonly send: (type: string, shard: number, delivery: Delivery) => Promise<unknown>
  /** Hears why a shard will not take what it is sent, once for each time that this begins. */
  readonly onRefused?: (error: unknown) => void
  /** Hears each frame once, in order of the log. */
  readonly onFrame: (frame: Frame) => void
  /** Entries of a partition among which a resend is known. */
  readonly duplicateWindow?: number
}

const RETRY_MS = 100
/** Between tries of what somebody must mend. */
const MENDED_MS = 2_000

type Parcel = { readonly type: string; readonly shard: number; readonly delivery: Delivery }
type Filling = { readonly positions: number[]; readonly parts: Uint8Array[] }

export class LogDelivery {
  readonly #options: LogDeliveryOptions
  readonly #queues: Promise<void>[]
  readonly #stop = new AbortController()
  #started = Promise.resolve()
  /** Parcels that a shard will not take. */
  readonly #refused = new Set<Parcel>()
  #refusal = Promise.withResolvers<never>()

  constructor(options: LogDeliveryOptions) {
    this.#options = options
    this.#queues = Array.from({ length: options.log.partitions }, () => Promise.resolve())
    this.#refusal.promise.catch(() => {})
  }

  /** Sends what the log holds, then follows it. What is appended meanwhile waits behind that. */
  start(): Promise<void> {
    this.#started = this.#start()
    return this.#started
  }

  /** Sends the whole log again: every document has it already. */
  async sendAll(): Promise<void> {
    const windows = this.#windows()
    for await (const frame of this.#options.log.read()) {
      await this.#deliver(frame, windows[frame.partition]!)
    }
  }

  /** Resolves when everything is delivered; rejects with the reason while a shard refuses. */
  async settled(): Promise<void> {
    await this.#started
    await Promise.race([Promise.all(this.#queues), this.#refusal.promise])
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('the host is stopping'))
    await Promise.allSettled(this.#queues)
  }

  async #start(): Promise<void> {
    const { log, onFrame } = this.#options
    const windows = this.#windows()
    const next = windows.map(() => 0)
    const follow = (frame: Frame) => {
      const { partition, first } = frame
      // It was read before it was told.
      if (first < next[partition]!) return
      onFrame(frame)
      const before = this.#queues[partition]!
      this.#queues[partition] = before.then(() => this.#deliver(frame, windows[partition]!))
    }
    let early: Frame[] | undefined = []
    log.onFlushed((frame) => {
      if (early) early.push(frame)
      else follow(frame)
    })
    for await (const frame of log.read()) {
      const { partition, first, count } = frame
      next[partition] = first + count
      onFrame(frame)
      await this.#deliver(frame, windows[partition]!)
    }
    const waited = early
    early = undefined
    for (const frame of waited) follow(frame)
  }

  #windows(): DuplicateWindow[] {
    const { log, duplicateWindow } = this.#options
    return Array.from({ length: log.partitions }, () => new DuplicateWindow(duplicateWindow))
  }

  async #deliver(frame: Frame, window: DuplicateWindow): Promise<void> {
    await Promise.all(this.#parcels(frame, window).map((parcel) => this.#send(parcel)))
  }

  async #send(parcel: Parcel): Promise<void> {
    const { type, shard, delivery } = parcel
    while (!this.#stop.signal.aborted) {
      try {
        await this.#options.send(type, shard, delivery)
        this.#taken(parcel)
        return
      } catch (error) {
        const code = errorCode(error)
        const isOurs = code !== undefined && errorTable[code].retry === 'later'
        if (!isOurs) this.#refuse(parcel, error)
        const ms = isOurs ? RETRY_MS : MENDED_MS
        await this.#options.clock.sleep(ms, this.#stop.signal).catch(() => {})
      }
    }
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

  /** The frame's entries by type and shard, resends left out. */
  #parcels(frame: Frame, window: DuplicateWindow): Parcel[] {
    const { types, shards } = this.#options
    /** Of type t and shard s at t * shards + s. */
    const filling: Filling[] = []
    const reader = new EntryReader(frame.payload)
    for (let position = frame.first; reader.next(); position++) {
      const { bytes, ownerStart, ownerEnd, eventStart, eventEnd } = reader
      if (!reader.isEvent) window.pass()
      else if (window.check(bytes, ownerStart, ownerEnd, eventStart, eventEnd)) continue
      const entry = frame.payload.subarray(reader.start, reader.end)
      const shardOf = { user: this.#shardFor(reader, 'user'), pin: this.#shardFor(reader, 'pin') }
      for (const [t, { space }] of types.entries()) {
        const shard = shardOf[space === 'pin' ? 'pin' : 'user']
        if (shard < 0) continue
        const at = t * shards + shard
        filling[at] ??= { positions: [], parts: [] }
        filling[at].positions.push(position)
        filling[at].parts.push(entry)
      }
    }
    const { partition } = frame
    return filling.flatMap(({ positions, parts }, at) => {
      const { name } = types[Math.floor(at / shards)]!
      const delivery = { partition, positions, payload: Buffer.concat(parts) }
      return [{ type: name, shard: at % shards, delivery }]
    })
  }

  /** The shard that folds the entry in a space, or -1. */
  #shardFor(reader: EntryReader, space: 'user' | 'pin'): number {
    const of = (start: number, end: number) =>
      end > start ? hashBytes(reader.bytes, start, end) % this.#options.shards : -1
    const { isEvent, isAboutPin, isAboutUser } = reader
    if (space === 'pin') {
      if (isEvent) return of(reader.pinStart, reader.pinEnd)
      return isAboutPin ? of(reader.ownerStart, reader.ownerEnd) : -1
    }
    if (isEvent || isAboutUser) return of(reader.ownerStart, reader.ownerEnd)
    // A board concerns its owner, which stands where an event has its board.
    return reader.boardEnd > reader.boardStart ? of(reader.boardStart, reader.boardEnd) : -1
  }
}
