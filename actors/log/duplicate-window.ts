/**
 * A resend is the same (user, event id) among the previous 65,536 entries of its partition. Every
 * reader of the log derives the verdict by itself: it starts that far before its position.
 *
 * Each entry of the partition takes one place in a ring (catalogue entries too, though they are
 * never resends: their latest time wins). Places with an event are chained by hash; equality is
 * decided on the bytes. Memory: 80 bytes a place, 5 MiB in all; keys longer than 64 bytes lie
 * apart. check O(1).
 */
import { hashBytes, limits } from '../../base/index.ts'

const KEY_BYTES = 64

export class DuplicateWindow {
  /** Entries that it remembers. */
  readonly places: number
  readonly #heads: Int32Array
  readonly #next: Int32Array
  readonly #hash: Uint32Array
  /** Bytes of the user's id in the key; the event's id follows. */
  readonly #ownerLength: Uint16Array
  /** Bytes of the whole key; 0 for a catalogue entry. */
  readonly #length: Uint16Array
  /** KEY_BYTES a place; a longer key lies in `#long`. */
  readonly #keys: Uint8Array
  readonly #long = new Map<number, Uint8Array>()
  #place = 0
  #filled = 0

  constructor(places: number = limits.duplicateWindowEntries) {
    this.places = places
    const heads = 2 ** Math.ceil(Math.log2(places * 2))
    this.#heads = new Int32Array(heads).fill(-1)
    this.#next = new Int32Array(places).fill(-1)
    this.#hash = new Uint32Array(places)
    this.#ownerLength = new Uint16Array(places)
    this.#length = new Uint16Array(places)
    this.#keys = new Uint8Array(places * KEY_BYTES)
  }

  /** Records the next entry of the partition, an event; true when it is a resend. */
  check(
    bytes: Uint8Array,
    ownerStart: number,
    ownerEnd: number,
    start: number,
    end: number,
  ): boolean {
    const hash = mix(hashBytes(bytes, ownerStart, ownerEnd), hashBytes(bytes, start, end))
    const known = this.#find(bytes, ownerStart, ownerEnd, start, end, hash) >= 0
    const place = this.#take()
    const ownerLength = ownerEnd - ownerStart
    const length = ownerLength + end - start
    let key = this.#keys
    let at = place * KEY_BYTES
    if (length > KEY_BYTES) {
      key = new Uint8Array(length)
      at = 0
      this.#long.set(place, key)
    }
    for (let i = 0; i < ownerLength; i++) key[at + i] = bytes[ownerStart + i]!
    for (let i = start; i < end; i++) key[at + ownerLength + i - start] = bytes[i]!
    const head = hash & (this.#heads.length - 1)
    this.#hash[place] = hash
    this.#ownerLength[place] = ownerLength
    this.#length[place] = length
    this.#next[place] = this.#heads[head]!
    this.#heads[head] = place
    return known
  }

  /** Records the next entry of the partition, one of the catalogue. */
  pass(): void {
    this.#length[this.#take()] = 0
  }

  #find(
    bytes: Uint8Array,
    ownerStart: number,
    ownerEnd: number,
    start: number,
    end: number,
    hash: number,
  ): number {
    const ownerLength = ownerEnd - ownerStart
    const length = ownerLength + end - start
    let place = this.#heads[hash & (this.#heads.length - 1)]!
    while (place >= 0) {
      if (
        this.#hash[place] === hash &&
        this.#ownerLength[place] === ownerLength &&
        this.#length[place] === length
      ) {
        const long = length > KEY_BYTES
        const key = long ? this.#long.get(place)! : this.#keys
        const at = long ? 0 : place * KEY_BYTES
        if (
          equal(key, at, bytes, ownerStart, ownerLength) &&
          equal(key, at + ownerLength, bytes, start, end - start)
        ) {
          return place
        }
      }
      place = this.#next[place]!
    }
    return -1
  }

  /** The next place, its former key unlinked. */
  #take(): number {
    const place = this.#place
    this.#place = place + 1 === this.places ? 0 : place + 1
    if (this.#filled < this.places) this.#filled++
    else if (this.#length[place] !== 0) this.#unlink(place)
    return place
  }

  /** The oldest key is the last of its chain. */
  #unlink(place: number): void {
    if (this.#length[place]! > KEY_BYTES) this.#long.delete(place)
    const head = this.#hash[place]! & (this.#heads.length - 1)
    let at = this.#heads[head]!
    if (at === place) {
      this.#heads[head] = this.#next[place]!
      return
    }
    while (this.#next[at] !== place) at = this.#next[at]!
    this.#next[at] = this.#next[place]!
  }
}

function equal(a: Uint8Array, at: number, b: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[at + i] !== b[from + i]) return false
  return true
}

function mix(a: number, b: number): number {
  const h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b)
  return (h ^ (h >>> 15)) >>> 0
}
