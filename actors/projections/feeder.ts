/**
 * From the log to records: reads flushed frames in order, drops resends, makes ids dense and says
 * who folds what. The only place of a host that gives dense numbers, so they follow the log's
 * order.
 *
 * Laws: the same frames give the same records and numbers; a frame that was fed before (redelivery)
 * gives nothing.
 */
import { hashBytes, type Names } from '../../base/index.ts'
import { DuplicateWindow, EntryReader, type Frame, keyHash } from '../log/index.ts'
import { BlockPool, type RecordBlock } from '../shard/record-block.ts'
import { RecordMaker } from './record-maker.ts'

export type FeederOptions = {
  readonly names: Names
  readonly partitions: number
  readonly blocks?: BlockPool
  /** Takes over a filled block. */
  readonly emit: (block: RecordBlock) => void
  readonly duplicateWindow?: number
  /** Keeps the context of impressions in the records' payloads: training reads it. */
  readonly contexts?: boolean
}

export const feederDefaults = Object.freeze({ blockRecords: 4096 })

const none: number[] = []
/** Entries whose ids are looked up together: what that takes stays in the first cache. */
const STRETCH = 128

/** What a feeder goes on from. */
export type FedSoFar = {
  readonly positions: readonly number[]
  /** Where frames begin so that resends are known; by default a window of places before. */
  readonly begins?: readonly number[]
  readonly entries: number
  readonly resends: number
}

export class Feeder {
  readonly #names: Names
  readonly #maker: RecordMaker
  readonly #emit: (block: RecordBlock) => void
  readonly #blocks: BlockPool
  readonly #windows: readonly DuplicateWindow[]
  readonly #next: number[]
  /** What lies before is known to whoever folds: it only tells what is a resend. */
  #from: readonly number[]
  #block: RecordBlock
  /** Of the entries of a stretch: the ids of users and pins, and (user, event). */
  readonly #hashes = {
    owner: new Uint32Array(STRETCH),
    pin: new Uint32Array(STRETCH),
    key: new Uint32Array(STRETCH),
  }
  /** Entries read, resends among them. */
  entries = 0
  resends = 0
  /** Bytes of the frames that had something new. */
  bytes = 0

  constructor(options: FeederOptions) {
    this.#names = options.names
    this.#maker = new RecordMaker(options.names, options.contexts)
    this.#emit = options.emit
    this.#blocks = options.blocks ?? new BlockPool(feederDefaults.blockRecords)
    this.#windows = Array.from(
      { length: options.partitions },
      () => new DuplicateWindow(options.duplicateWindow),
    )
    this.#next = new Array<number>(options.partitions).fill(0)
    this.#from = [...this.#next]
    this.#block = this.#blocks.take()
  }

  /**
   * Goes on behind `fed`. The frames that come next begin as far before as resends are known;
   * returns where.
   */
  resume({ positions, begins, entries, resends }: FedSoFar): number[] {
    this.#from = positions
    this.entries = entries
    this.resends = resends
    positions.forEach((position, p) => {
      this.#next[p] = begins?.[p] ?? Math.max(0, position - this.#windows[p]!.places)
    })
    return [...this.#next]
  }

  /** Entries of a partition among which a resend is known. */
  get window(): number {
    return this.#windows[0]!.places
  }

  /** The position each partition is read to. */
  positions(): readonly number[] {
    return this.#next
  }

  /** Takes the next frame; the places in it of entries that are resends. */
  feed(frame: Frame): readonly number[] {
    const { partition } = frame
    // Of what is known to whoever folds nothing is looked up but whether it comes again.
    const isKnown = frame.first + frame.count <= this.#from[partition]!
    if (!isKnown) this.bytes += frame.payload.length
    let position = frame.first
    let resent = none
    const reader = new EntryReader(frame.payload)
    const ahead = new EntryReader(frame.payload)
    for (let n = 0; reader.next(); n++, position++) {
      if (n % STRETCH === 0) this.#lookAhead(ahead, partition, isKnown)
      if (position < this.#next[partition]!) continue
      this.#next[partition] = position + 1
      if (this.#take(reader, partition, position, n % STRETCH)) continue
      if (resent === none) resent = []
      resent.push(position - frame.first)
    }
    return resent
  }

  /**
   * Hashes the ids of the next stretch, and touches all that they are looked up in: each is a miss
   * of the cache, and misses that do not wait for each other overlap.
   */
  #lookAhead(reader: EntryReader, partition: number, isKnown: boolean): void {
    const { owner, pin, key } = this.#hashes
    let n = 0
    for (; n < STRETCH && reader.next(); n++) {
      const { bytes } = reader
      owner[n] = hashBytes(bytes, reader.ownerStart, reader.ownerEnd)
      if (!isKnown) pin[n] = hashBytes(bytes, reader.pinStart, reader.pinEnd)
      key[n] = keyHash(owner[n]!, hashBytes(bytes, reader.eventStart, reader.eventEnd))
    }
    this.#windows[partition]!.touch(key, n)
    if (isKnown) return
    this.#names.user.touch(owner, n)
    this.#names.pin.touch(pin, n)
  }

  /** Hands over what is pending. */
  flush(): void {
    if (this.#block.count === 0) return
    const block = this.#block
    this.#block = this.#blocks.take()
    this.#emit(block)
  }

  /** False for a resend. */
  #take(reader: EntryReader, partition: number, position: number, n: number): boolean {
    const window = this.#windows[partition]!
    const isNew = position >= this.#from[partition]!
    if (isNew) this.entries++
    const { bytes } = reader
    if (!reader.isEvent) window.pass()
    else {
      const { ownerStart, ownerEnd, eventStart, eventEnd } = reader
      const hash = this.#hashes.key[n]!
      if (window.check(bytes, ownerStart, ownerEnd, eventStart, eventEnd, hash)) {
        if (isNew) this.resends++
        return false
      }
    }
    if (!isNew || reader.isRedacted) return true
    const { owner, pin } = this.#hashes
    this.#maker.append(this.#block, reader, partition, position, owner[n]!, pin[n]!)
    if (this.#block.full) this.flush()
    return true
  }
}
