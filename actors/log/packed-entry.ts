/**
 * Entries as bytes in the log.
 *
 * One entry, little-endian: u16 length of what follows; u8 kind code; u8 flags (1 board, 2 weight,
 * 4 topic, 8 payload); f64 time; then ids as u8 length and UTF-8: owner (an event's user, else the
 * entry's own id), event id (events only), pin (events but follow-topic), board or a board's user
 * (flag 1), topic of follow-topic or name of a declared kind (flag 4); f64 weight (flag 2); u16
 * length and JSON (flag 8): an event's context, or the descriptive fields of a catalogue entry.
 *
 * An entry that was taken out keeps its place and its length: kind REDACTED, then zeros.
 *
 * The reader is a cursor that yields byte ranges, so that a projection can make ids dense without a
 * string per id.
 */
import {
  assert,
  codeOf,
  DECLARED,
  type Entry,
  type EventContext,
  type EventEntry,
  isEvent,
  isEventCode,
  kindCode,
  kindNames,
  limits,
  REDACTED,
} from '../../base/index.ts'

const HAS_BOARD = 1
const HAS_WEIGHT = 2
const HAS_LABEL = 4
const HAS_PAYLOAD = 8
const HEAD_BYTES = 12

/** Packs entries end to end into one growing buffer. */
export class EntryWriter {
  #bytes = Buffer.allocUnsafe(64 * 1024)
  #end = 0
  count = 0

  /** A copy of the packed bytes and their count; the writer starts anew. */
  take(): { readonly payload: Uint8Array; readonly count: number } {
    const taken = {
      payload: Uint8Array.from(this.#bytes.subarray(0, this.#end)),
      count: this.count,
    }
    this.#end = 0
    this.count = 0
    return taken
  }

  append(entry: Entry): void {
    this.#room(limits.entryBytesMax * 2)
    const start = this.#end
    const bytes = this.#bytes
    const code = codeOf(entry.kind)
    const event = isEvent(entry)
    const board = event ? entry.board : entry.kind === 'board' ? entry.user : undefined
    const payload = event ? entry.context && JSON.stringify(entry.context) : describe(entry)
    const label = code === DECLARED ? entry.kind : event ? entry.topic : undefined
    let flags = 0
    this.#end = start + HEAD_BYTES
    this.#id(event ? entry.user : entry.id)
    if (event) {
      this.#id(entry.id)
      if (entry.kind !== 'follow-topic') this.#id(entry.pin ?? '')
    }
    if (board !== undefined) {
      flags |= HAS_BOARD
      this.#id(board)
    }
    if (label !== undefined) {
      flags |= HAS_LABEL
      this.#id(label)
    }
    if (event && entry.weight !== undefined) {
      flags |= HAS_WEIGHT
      this.#end = bytes.writeDoubleLE(entry.weight, this.#end)
    }
    if (payload !== undefined) {
      flags |= HAS_PAYLOAD
      const length = bytes.write(payload, this.#end + 2, 'utf8')
      bytes.writeUInt16LE(length, this.#end)
      this.#end += 2 + length
    }
    assert(this.#end - start <= limits.entryBytesMax, 'checked entries fit in the entry limit')
    bytes.writeUInt16LE(this.#end - start - 2, start)
    bytes[start + 2] = code
    bytes[start + 3] = flags
    bytes.writeDoubleLE(entry.time, start + 4)
    this.count++
  }

  #id(id: string): void {
    const bytes = this.#bytes
    const at = this.#end + 1
    const length = id.length
    for (let i = 0; i < length; i++) {
      const c = id.charCodeAt(i)
      if (c >= 128) {
        const written = bytes.write(id, at, 'utf8')
        bytes[this.#end] = written
        this.#end = at + written
        return
      }
      bytes[at + i] = c
    }
    bytes[this.#end] = length
    this.#end = at + length
  }

  #room(more: number): void {
    if (this.#end + more <= this.#bytes.length) return
    const wider = Buffer.allocUnsafe(this.#bytes.length * 2 + more)
    this.#bytes.copy(wider, 0, 0, this.#end)
    this.#bytes = wider
  }
}

function describe(entry: Exclude<Entry, EventEntry>): string | undefined {
  const { kind: _kind, id: _id, time: _time, ...rest } = entry as Record<string, unknown>
  delete rest['user']
  return Object.keys(rest).length > 0 ? JSON.stringify(rest) : undefined
}

/** Takes the entry under a cursor out of the bytes that the cursor goes over. */
export function redact({ bytes, start, end }: EntryReader): void {
  bytes.fill(0, start + 2, end)
  bytes[start + 2] = REDACTED
}

/** A cursor over packed entries: `next()` moves it, ranges index into `bytes`. */
export class EntryReader {
  readonly bytes: Buffer
  readonly #end: number
  #next: number
  /** First byte of the entry under the cursor. */
  start = 0
  #payloadAt = 0
  #payloadEnd = 0
  kind = 0
  time = 0
  /** 1 where the entry names none. */
  weight = 1
  ownerStart = 0
  ownerEnd = 0
  /** start === end where there is none. */
  eventStart = 0
  eventEnd = 0
  pinStart = 0
  pinEnd = 0
  boardStart = 0
  boardEnd = 0
  /** The topic of follow-topic, the name of a declared kind. */
  labelStart = 0
  labelEnd = 0

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#next = start
    this.#end = end
  }

  /** The byte after the entry under the cursor. */
  get end(): number {
    return this.#next
  }

  get isAboutPin(): boolean {
    return this.kind === kindCode.pin || this.kind === kindCode['delete-pin']
  }

  get isAboutUser(): boolean {
    return this.kind === kindCode.user || this.kind === kindCode['delete-user']
  }

  /** Whether it was taken out: it has no ids then. */
  get isRedacted(): boolean {
    return this.kind === REDACTED
  }

  get isEvent(): boolean {
    return isEventCode(this.kind)
  }

  next(): boolean {
    if (this.#next >= this.#end) return false
    const { bytes } = this
    const start = this.#next
    this.start = start
    this.#next = start + 2 + (bytes[start]! | (bytes[start + 1]! << 8))
    this.kind = bytes[start + 2]!
    const flags = bytes[start + 3]!
    this.time = bytes.readDoubleLE(start + 4)
    let at = start + HEAD_BYTES
    this.ownerStart = at + 1
    at = this.ownerEnd = at + 1 + bytes[at]!
    this.eventStart = this.eventEnd = this.pinStart = this.pinEnd = at
    if (this.isEvent) {
      this.eventStart = at + 1
      at = this.eventEnd = at + 1 + bytes[at]!
      if (this.kind !== kindCode['follow-topic']) {
        this.pinStart = at + 1
        at = this.pinEnd = at + 1 + bytes[at]!
      }
    }
    this.boardStart = this.boardEnd = this.labelStart = this.labelEnd = at
    if ((flags & HAS_BOARD) !== 0) {
      this.boardStart = at + 1
      at = this.boardEnd = at + 1 + bytes[at]!
    }
    if ((flags & HAS_LABEL) !== 0) {
      this.labelStart = at + 1
      at = this.labelEnd = at + 1 + bytes[at]!
    }
    this.weight = 1
    if ((flags & HAS_WEIGHT) !== 0) {
      this.weight = bytes.readDoubleLE(at)
      at += 8
    }
    this.#payloadAt = this.#payloadEnd = 0
    if ((flags & HAS_PAYLOAD) !== 0) {
      this.#payloadAt = at + 2
      this.#payloadEnd = at + 2 + bytes.readUInt16LE(at)
    }
    return true
  }

  /** The JSON part, parsed; undefined when there is none. */
  payload(): Record<string, unknown> | undefined {
    if (this.#payloadAt === 0) return undefined
    return JSON.parse(this.bytes.toString('utf8', this.#payloadAt, this.#payloadEnd))
  }

  text(start: number, end: number): string {
    return this.bytes.toString('utf8', start, end)
  }

  /** The entry under the cursor in its outside shape; one that was redacted has none. */
  toEntry(): Entry {
    const label = this.text(this.labelStart, this.labelEnd)
    const kind = this.kind === DECLARED ? label : kindNames[this.kind]!
    const owner = this.text(this.ownerStart, this.ownerEnd)
    const board = this.text(this.boardStart, this.boardEnd)
    const { time } = this
    if (!this.isEvent) {
      const user = kind === 'board' ? { user: board } : {}
      return { kind, id: owner, time, ...user, ...this.payload() } as Entry
    }
    const context = this.payload() as EventContext | undefined
    return {
      kind: kind as EventEntry['kind'],
      id: this.text(this.eventStart, this.eventEnd),
      time,
      user: owner,
      ...(this.pinEnd > this.pinStart && { pin: this.text(this.pinStart, this.pinEnd) }),
      ...(board !== '' && { board }),
      ...(this.kind === kindCode['follow-topic'] && { topic: label }),
      ...(this.weight !== 1 && { weight: this.weight }),
      ...(context && { context }),
    }
  }
}
