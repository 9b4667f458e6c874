/**
 * Delivers one partition to the shards: some frames at a time, each shard's part of them until the
 * shard has it. A shard that lost what it had not written, since its host died, says so; what it
 * lacks is read again and sent to it alone.
 *
 * From time to time it keeps in the store up to where everything is in documents, and where the
 * window of duplicates began then: whoever delivers the partition next begins there.
 *
 * Invariant: of the entries up to `resume` each is in its actor's document or has no actor.
 */
import { type Clock, errorCode, errorTable, PinwheelError } from '../../../base/index.ts'
import { DuplicateWindow, type Frame } from '../../log/index.ts'
import { bitesOf } from './bites.ts'
import { Bookmark } from './bookmark.ts'
import type { DeliveredLog } from './delivered-log.ts'
import type { DocumentStore } from './document-store.ts'
import { FrameMarks } from './frame-marks.ts'
import type { Delivery, Taken } from './hosted-shard.ts'
import { type FoldedType, type Parcel, parcelsOf } from './parcels.ts'

export type PartitionDeliveryOptions = {
  readonly partition: number
  readonly log: DeliveredLog
  /** Where it is kept how far everything is written. */
  readonly store: DocumentStore
  readonly types: readonly FoldedType[]
  readonly shards: number
  readonly clock: Clock
  readonly send: (type: string, shard: number, delivery: Delivery) => Promise<Taken>
  /** Entries of a partition among which a resend is known. */
  readonly duplicateWindow: number
  /** Between two looks at shards that have not written what they have. */
  readonly lookMs: number
  /** From one delivery to the next at most; as many as it had entries, where these are fewer. */
  readonly paceMs: number
  readonly signal: AbortSignal
  /** A shard will not take a parcel, or has taken it after all. */
  readonly onRefused: (parcel: Parcel, error: unknown) => void
  readonly onTaken: (parcel: Parcel) => void
  /** Everything up to a position is with its shards; is in documents. */
  readonly onRead: (position: number) => void
  readonly onWritten: (position: number) => void
}

const RETRY_MS = 100
/** Between tries of what somebody must mend. */
const MENDED_MS = 2_000

const nothing = new Uint8Array(0)

export class PartitionDelivery {
  readonly #options: PartitionDeliveryOptions
  readonly #bookmark: Bookmark
  readonly #marks: FrameMarks
  /** By place: the last position that the shard has, and that it has written. */
  readonly #known = new Map<number, number>()
  readonly #written = new Map<number, number>()
  readonly #shards = new Map<number, Pick<Parcel, 'type' | 'shard'>>()
  /** The last position that is done with. */
  #read = -1
  /** Settles when what was begun last is over. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: PartitionDeliveryOptions) {
    this.#options = options
    const { store, partition, duplicateWindow } = options
    this.#bookmark = new Bookmark(store, partition)
    this.#marks = new FrameMarks(duplicateWindow)
  }

  /** Delivers until it is stopped. What the log says. */
  async run(): Promise<void> {
    const { log, partition, signal, clock, paceMs } = this.#options
    await this.#patiently(() => this.#bookmark.open())
    const { resume } = this.#bookmark
    const window = await this.#patiently(() => this.#windowBefore())
    if (!window) return
    this.#read = resume
    this.#options.onRead(resume)
    this.#options.onWritten(resume)
    void this.#look()
    const followed = log.follow(partition, { from: resume + 1, after: resume }, signal)
    for await (const frames of bitesOf(followed, signal)) {
      if (signal.aborted) return
      const entries = frames.reduce((sum, { count }) => sum + count, 0)
      // Of a calm log an entry goes at once; of a busy one each shard gets some together.
      const until = clock.monotonic() + Math.min(entries, paceMs)
      await this.#alone(() => this.#deliver(frames, window))
      const early = until - clock.monotonic()
      if (early > 0) await clock.sleep(early, signal).catch(() => {})
    }
  }

  /**
   * What of the entries up to the bookmark tells resends. Frames are not asked for one after the
   * other, as those that are delivered: there may be as many as entries.
   */
  async #windowBefore(): Promise<DuplicateWindow> {
    const { log, partition, duplicateWindow, signal } = this.#options
    const { resume, begin } = this.#bookmark
    const window = new DuplicateWindow(duplicateWindow)
    if (resume < 0) return window
    const read: Frame[] = []
    for await (const frames of bitesOf(log.range(partition, begin, resume + 1), signal)) {
      const known = frames.filter((frame) => lastOf(frame) <= resume)
      parcelsOf(known, this.#options, window)
      for (const frame of known) read.push({ ...frame, payload: nothing })
    }
    for (const frame of read) this.#marks.add(frame)
    return window
  }

  /** Sends all of it again that was sent. */
  again(): Promise<void> {
    return this.#alone(async () => {
      const { log, partition, duplicateWindow } = this.#options
      const window = new DuplicateWindow(duplicateWindow)
      for await (const frame of log.range(partition, 0, this.#read + 1)) {
        for (const { type, shard, delivery } of parcelsOf([frame], this.#options, window)) {
          const sent = { ...delivery, after: -1 }
          await this.#patiently(() => this.#options.send(type, shard, sent))
        }
      }
    })
  }

  /** Deliveries, looks and repetitions do not overlap. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }

  async #deliver(frames: readonly Frame[], window: DuplicateWindow): Promise<void> {
    const fresh = frames.filter((frame) => lastOf(frame) > this.#read)
    if (fresh.length === 0) return
    const parcels = parcelsOf(fresh, this.#options, window)
    for (const frame of fresh) this.#marks.add(frame)
    await this.#sendAll(parcels, fresh[0]!.first)
    if (this.#options.signal.aborted) return
    this.#read = lastOf(fresh.at(-1)!)
    this.#options.onRead(this.#read)
  }

  /** Sends parcels until their shards have them; what a shard lacks before `before` goes first. */
  async #sendAll(parcels: readonly Parcel[], before: number): Promise<void> {
    let left = parcels
    while (left.length > 0) {
      const answers = await Promise.all(left.map((parcel) => this.#send(parcel)))
      left = left.filter((_, n) => answers[n] === 'behind')
      let lacking = left
      while (lacking.length > 0) lacking = await this.#catchUp(lacking, before)
    }
  }

  async #send(parcel: Parcel): Promise<'taken' | 'behind' | 'stopped'> {
    const { place, type, shard, delivery } = parcel
    const { signal, clock } = this.#options
    this.#shards.set(place, { type, shard })
    while (!signal.aborted) {
      const after = this.#known.get(place)
      try {
        const sent = after === undefined ? delivery : { ...delivery, after }
        const { written } = await this.#options.send(type, shard, sent)
        this.#known.set(place, Math.max(after ?? -1, delivery.positions.at(-1) ?? -1))
        this.#written.set(place, written)
        this.#options.onTaken(parcel)
        return 'taken'
      } catch (error) {
        const floor = floorOf(error)
        if (floor !== undefined) {
          this.#known.set(place, floor)
          // Of a shard that was not met yet nothing is known but that.
          if (after === undefined) continue
          return 'behind'
        }
        const isOurs = isForLater(error)
        if (!isOurs) this.#options.onRefused(parcel, error)
        await clock.sleep(isOurs ? RETRY_MS : MENDED_MS, signal).catch(() => {})
      }
    }
    return 'stopped'
  }

  /**
   * Sends shards what they lack before a position: the log is read once for all of them. Returns
   * those of them that lost it again meanwhile; they are sent no more, for there would be a gap.
   * A log that cannot be read now is read again: what is known of these shards says that they lack
   * nothing before what comes next, which is only so when this is over.
   */
  async #catchUp(lacking: readonly Parcel[], before: number): Promise<Parcel[]> {
    const { clock, signal } = this.#options
    while (!signal.aborted) {
      try {
        return await this.#readAgain(lacking, before)
      } catch (error) {
        const ms = isForLater(error) ? RETRY_MS : MENDED_MS
        await clock.sleep(ms, signal).catch(() => {})
      }
    }
    return []
  }

  async #readAgain(lacking: readonly Parcel[], before: number): Promise<Parcel[]> {
    const { log, partition, duplicateWindow, signal } = this.#options
    const floors = new Map(lacking.map(({ place }) => [place, this.#known.get(place)!]))
    const from = Math.max(Math.min(...floors.values()), this.#bookmark.resume)
    const window = new DuplicateWindow(duplicateWindow)
    const lost = new Set<number>()
    const range = log.range(partition, this.#marks.begin(from), before)
    for await (const frames of bitesOf(range, signal)) {
      const own = parcelsOf(frames, this.#options, window).filter(({ place, delivery }) => {
        const floor = floors.get(place)
        return floor !== undefined && !lost.has(place) && delivery.positions.at(-1)! > floor
      })
      const answers = await Promise.all(own.map((parcel) => this.#send(parcel)))
      for (const [n, { place }] of own.entries()) if (answers[n] === 'behind') lost.add(place)
    }
    return lacking.filter(({ place }) => lost.has(place))
  }

  /** Looks after shards that have not written yet, for as long as it runs. */
  async #look(): Promise<void> {
    const { clock, lookMs, signal } = this.#options
    const seen = new Map<number, number>()
    while (!signal.aborted) {
      await clock.sleep(lookMs, signal).catch(() => {})
      if (signal.aborted) return
      await this.#alone(() => this.#ask(seen)).catch(() => {})
    }
  }

  /** Asks shards that heard nothing since the last time if they have written what they have. */
  async #ask(seen: Map<number, number>): Promise<void> {
    const { partition } = this.#options
    const quiet: Parcel[] = []
    for (const [place, known] of this.#known) {
      const isQuiet = seen.get(place) === known
      seen.set(place, known)
      if ((this.#written.get(place) ?? -1) >= known || !isQuiet) continue
      const delivery = { partition, positions: [], payload: nothing }
      quiet.push({ place, ...this.#shards.get(place)!, delivery })
    }
    await this.#sendAll(quiet, this.#read + 1)
    // What they lack may not have come to them: of these it is only known that they lack it.
    if (this.#options.signal.aborted) return
    const resume = this.#safe()
    if (resume <= this.#bookmark.resume) return
    try {
      await this.#bookmark.keep(resume, this.#marks.begin(resume))
    } finally {
      // It may be kept though nobody answered.
      this.#marks.forget(this.#bookmark.resume)
      this.#options.onWritten(this.#bookmark.resume)
    }
  }

  /** Everything up to here is written: the end of a frame. */
  #safe(): number {
    let safe = this.#read
    for (const [place, known] of this.#known) {
      const written = this.#written.get(place) ?? -1
      if (written < known) safe = Math.min(safe, written)
    }
    return safe === this.#read ? safe : this.#marks.whole(safe)
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { clock, signal } = this.#options
    while (!signal.aborted) {
      try {
        return await work()
      } catch (error) {
        if (!isForLater(error)) throw error
        await clock.sleep(RETRY_MS, signal).catch(() => {})
      }
    }
    return undefined
  }
}

/** The last position that a frame speaks of: one without entries speaks of its own. */
const lastOf = ({ first, count }: Frame) => first + Math.max(1, count) - 1

function isForLater(error: unknown): boolean {
  const code = errorCode(error)
  return code !== undefined && errorTable[code].retry === 'later'
}

/** How far a shard is that has less than it should. */
function floorOf(error: unknown): number | undefined {
  if (!(error instanceof PinwheelError) || error.code !== 'SHARD_BEHIND') return undefined
  return Number(error.details['position'])
}
