/**
 * A resend is the same (user, event id) among the previous 65,536 entries of its partition. Every
 * reader of the log derives the verdict by itself: it starts that far before its position.
 *
 * Each entry of the partition takes one place in a ring (catalogue entries too, though they are
 * never resends: their latest time wins). Keys are found through buckets of eight, a line of the
 * cache each; with two in a bucket on average one of a thousand finds its bucket full and lies in
 * another, and what finds both full lies in a list. What is too far back is free: nothing is taken
 * out. Equality is decided on the bytes.
 *
 * Memory: 64 bytes a place for keys, 4 for lengths, 32 for buckets: 6.3 MiB in all; keys longer
 * than 64 bytes lie apart. check O(1), one cache miss, which `touch` takes for many at once.
 */
import { hashBytes, limits } from '../../base/index.ts'

const KEY_BYTES = 64
/** Keys of a bucket: each its hash and the number of its entry, 0 where free. */
const BUCKET = 8
const BUCKET_WORDS = 2 * BUCKET

export class DuplicateWindow {
  /** Entries that it remembers. */
  readonly places: number
  readonly #buckets: Int32Array
  readonly #mask: number
  /** Buckets with a key that lies elsewhere: noted in this round of the ring, and before. */
  #crowded: Uint8Array
  #crowdedBefore: Uint8Array
  /** What found both of its buckets full: hash and number, by turns. */
  #spilled: number[] = []
  /** Bytes of the user's id in the key; the event's id follows. */
  readonly #ownerLength: Uint16Array
  /** Bytes of the whole key; 0 for a catalogue entry. */
  readonly #length: Uint16Array
  /** KEY_BYTES a place; a longer key lies in `#long`. */
  readonly #keys: Uint8Array
  readonly #long = new Map<number, Uint8Array>()
  /** Of the next entry: its place, and its number, which goes round as an int32. */
  #place = 0
  #number: number
  /** The key under `check`. */
  readonly #sought = {
    bytes: new Uint8Array(0) as Uint8Array,
    ownerStart: 0,
    ownerLength: 0,
    start: 0,
    length: 0,
  }
  /** Where `#look` found a free place. */
  #free = -1
  /** What `touch` read: so that it is read. */
  #touched = 0

  /** `number`: the first entry's; they go round at 2^32. */
  constructor(places: number = limits.duplicateWindowEntries, number = 1) {
    this.places = places
    this.#number = number | 0
    const buckets = 2 ** Math.max(1, Math.ceil(Math.log2(places / 2)))
    this.#buckets = new Int32Array(buckets * BUCKET_WORDS)
    this.#mask = buckets - 1
    this.#crowded = new Uint8Array(buckets)
    this.#crowdedBefore = new Uint8Array(buckets)
    this.#ownerLength = new Uint16Array(places)
    this.#length = new Uint16Array(places)
    this.#keys = new Uint8Array(places * KEY_BYTES)
  }

  /** What `touch` read, which means nothing. */
  get touched(): number {
    return this.#touched
  }

  /** Brings what `check` needs of these keys into the cache, all at once. */
  touch(hashes: Uint32Array, count: number): void {
    const buckets = this.#buckets
    const mask = this.#mask
    let touched = 0
    for (let i = 0; i < count; i++) touched ^= buckets[(hashes[i]! & mask) * BUCKET_WORDS]!
    this.#touched = touched
  }

  /**
   * Records the next entry of the partition, an event; true when it is a resend. `hash` is its
   * `keyHash`, where that is known.
   */
  check(
    bytes: Uint8Array,
    ownerStart: number,
    ownerEnd: number,
    start: number,
    end: number,
    hash: number = keyHash(hashBytes(bytes, ownerStart, ownerEnd), hashBytes(bytes, start, end)),
  ): boolean {
    this.#seek(bytes, ownerStart, ownerEnd, start, end)
    const known = this.#meet(hash | 0)
    this.#write()
    this.#advance()
    return known
  }

  /** Whether it would be a resend, were it the next entry; nothing is recorded. */
  knows(
    bytes: Uint8Array,
    ownerStart: number,
    ownerEnd: number,
    start: number,
    end: number,
  ): boolean {
    this.#seek(bytes, ownerStart, ownerEnd, start, end)
    const owner = hashBytes(bytes, ownerStart, ownerEnd)
    const hash = keyHash(owner, hashBytes(bytes, start, end)) | 0
    const [first, second] = [hash & this.#mask, this.#secondOf(hash)]
    return this.#look(first, hash) || this.#look(second, hash) || this.#hasSpilled(hash)
  }

  #seek(bytes: Uint8Array, ownerStart: number, ownerEnd: number, start: number, end: number): void {
    const key = this.#sought
    key.bytes = bytes
    key.ownerStart = ownerStart
    key.ownerLength = ownerEnd - ownerStart
    key.start = start
    key.length = key.ownerLength + end - start
  }

  /** Records the next entry of the partition, one of the catalogue. */
  pass(): void {
    this.#length[this.#place] = 0
    this.#advance()
  }

  #advance(): void {
    this.#number = (this.#number + 1) | 0
    if (++this.#place < this.places) return
    this.#place = 0
    const crowded = this.#crowdedBefore.fill(0)
    this.#crowdedBefore = this.#crowded
    this.#crowded = crowded
  }

  /** Whether the key that is sought is there; puts it where it belongs. */
  #meet(hash: number): boolean {
    const first = hash & this.#mask
    let known = this.#look(first, hash)
    let free = this.#free
    const isCrowded = this.#crowded[first] === 1 || this.#crowdedBefore[first] === 1
    if (free < 0 || isCrowded) {
      const second = this.#secondOf(hash)
      known = this.#look(second, hash) || this.#hasSpilled(hash) || known
      if (free < 0) {
        this.#crowded[first] = 1
        free = this.#free
      }
    }
    // The number 0, after all others, would read as free.
    if (free < 0 || this.#number === 0) {
      this.#crowded[first] = 1
      this.#spill(hash)
    } else {
      this.#buckets[free] = hash
      this.#buckets[free + 1] = this.#number
    }
    return known
  }

  #secondOf(hash: number): number {
    return (Math.imul(hash, 0x9e3779b1) >>> 9) & this.#mask
  }

  /** Whether a bucket has the key that is sought; notes a place in it that is free, or -1. */
  #look(bucket: number, hash: number): boolean {
    const buckets = this.#buckets
    const { places } = this
    const next = this.#number
    let known = false
    let free = -1
    const from = bucket * BUCKET_WORDS
    for (let at = from; at < from + BUCKET_WORDS; at += 2) {
      const number = buckets[at + 1]!
      const age = (next - number) | 0
      if (number === 0 || age < 0 || age >= places) free = at
      if (buckets[at] === hash && number !== 0 && this.#isSought(age)) known = true
    }
    this.#free = free
    return known
  }

  #hasSpilled(hash: number): boolean {
    const spilled = this.#spilled
    for (let i = 0; i < spilled.length; i += 2) {
      if (spilled[i] === hash && this.#isSought((this.#number - spilled[i + 1]!) | 0)) return true
    }
    return false
  }

  #spill(hash: number): void {
    const kept: number[] = []
    for (let i = 0; i < this.#spilled.length; i += 2) {
      const age = (this.#number - this.#spilled[i + 1]!) | 0
      if (age >= 0 && age < this.places) kept.push(this.#spilled[i]!, this.#spilled[i + 1]!)
    }
    kept.push(hash, this.#number)
    this.#spilled = kept
  }

  /** Whether the entry so many ago is remembered and has the key that is sought. */
  #isSought(age: number): boolean {
    if (age < 0 || age > this.places) return false
    const place = this.#place - age < 0 ? this.#place - age + this.places : this.#place - age
    const { bytes, ownerStart, ownerLength, start, length } = this.#sought
    if (this.#length[place] !== length || this.#ownerLength[place] !== ownerLength) return false
    const isLong = length > KEY_BYTES
    const keys = isLong ? this.#long.get(place)! : this.#keys
    const at = isLong ? 0 : place * KEY_BYTES
    return (
      equal(keys, at, bytes, ownerStart, ownerLength) &&
      equal(keys, at + ownerLength, bytes, start, length - ownerLength)
    )
  }

  /** The key that was sought takes the next place. */
  #write(): void {
    const place = this.#place
    const { bytes, ownerStart, ownerLength, start, length } = this.#sought
    if (this.#length[place]! > KEY_BYTES) this.#long.delete(place)
    let keys = this.#keys
    let at = place * KEY_BYTES
    if (length > KEY_BYTES) {
      keys = new Uint8Array(length)
      at = 0
      this.#long.set(place, keys)
    }
    for (let i = 0; i < ownerLength; i++) keys[at + i] = bytes[ownerStart + i]!
    const event = at + ownerLength - start
    const end = start + length - ownerLength
    for (let i = start; i < end; i++) keys[event + i] = bytes[i]!
    this.#ownerLength[place] = ownerLength
    this.#length[place] = length
  }
}

/** The hash of an event's key, from those of its user's id and its own. */
export function keyHash(owner: number, event: number): number {
  const h = Math.imul(owner ^ Math.imul(event, 0x9e3779b1), 0x85ebca6b)
  return (h ^ (h >>> 15)) >>> 0
}

function equal(a: Uint8Array, at: number, b: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[at + i] !== b[from + i]) return false
  return true
}
