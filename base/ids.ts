/**
 * Outside ids and dense numbers.
 *
 * Outside ids are text of 1 to `limits.idBytesMax` UTF-8 bytes without control characters. Inside
 * a host each gets a dense number, given in log order by an `Interner` and never reused; only
 * outside ids cross hosts.
 *
 * Interner: ids lie end to end as UTF-8 in one byte arena; an open-addressing table of u32 slots
 * (linear probing, load <= 1/2, FNV-style hash of the bytes) finds them without making strings. A
 * slot holds number, hash and the id itself where it has at most 7 bytes, so that a hit costs one
 * cache miss; else where the id lies in the arena, and a hit costs two.
 * Memory per id: its bytes + 4 (offset) + 4 (hash) + 32 to 64 (slots). All methods O(bytes). With
 * shared memory, one thread interns and any thread that was told an index may read its id and hash;
 * the slots are that thread's own, and grow with the ids (reserving them for the capacity would
 * spread them over so many pages that every look-up missed the TLB: measured, twice the time).
 */
import { assert } from './assert.ts'
import { pinwheelError } from './errors.ts'
import { limits } from './limits.ts'
import { type Allocator, heapAllocator, u32Array } from './memory.ts'

declare const brand: unique symbol
type Branded<Name extends string> = number & { readonly [brand]: Name }
/** Dense number of a pin within one host. */
export type PinIndex = Branded<'PinIndex'>
/** Dense number of a board within one host. */
export type BoardIndex = Branded<'BoardIndex'>
/** Dense number of a user within one host. */
export type UserIndex = Branded<'UserIndex'>
/** Dense number of a tag, topic or language name within one host. */
export type TagIndex = Branded<'TagIndex'>

/** Means "no pin", "no board" in packed records. */
export const NONE = 0xffffffff

/** Why `id` cannot be an outside id, or undefined when it can. */
export function idProblem(id: unknown, bytesMax: number = limits.idBytesMax): string | undefined {
  const expected = `text of 1 to ${bytesMax} bytes without control characters`
  if (typeof id !== 'string' || id.length === 0 || id.length > bytesMax) return expected
  let ascii = true
  for (let i = 0; i < id.length; i++) {
    const c = id.charCodeAt(i)
    if (c < 32 || (c >= 127 && c < 160)) return expected
    if (c >= 127) ascii = false
  }
  if (ascii) return undefined
  return id.isWellFormed() && Buffer.byteLength(id) <= bytesMax ? undefined : expected
}

/** An id of at most so many bytes lies in its slot. */
const SHORT_BYTES = 7
/** In a slot's last word: the id is longer. Short ones have a length below 8 in that byte. */
const LONG = 0xff000000

export type InternerOptions = {
  /** Ids it can hold; a heap interner starts here and grows, a shared one is refused beyond. */
  readonly capacity?: number
  /** Arena bytes a shared interner reserves per id of capacity. */
  readonly bytesPerId?: number
  readonly allocate?: Allocator
  /** The setting to raise, named in the CAPACITY error. */
  readonly setting?: string
}

/** The memory of a shared interner, as sent to other threads. */
export type InternerMemory = {
  readonly bytes: Uint8Array
  readonly offsets: Uint32Array
  readonly hashes: Uint32Array
}

/** Dense numbers of one space of ids, however they are given. */
export interface IdNumbers {
  readonly size: number
  readonly capacity: number
  /** The number of `id`, given now if it is new. CAPACITY. */
  intern(id: string): number
  internBytes(bytes: Uint8Array, start: number, end: number, hash?: number): number
  /** The number of `id`, or -1. */
  find(id: string): number
  /** The outside id of `index`. */
  id(index: number): string
  /** Copies the UTF-8 of `index` into `out` at `at`; returns the end. */
  copyId(index: number, out: Uint8Array, at: number): number
  /** The hash of the id's bytes: the same on every host. */
  hash(index: number): number
  byteLength(index: number): number
  /** Brings what ids of these hashes are found by into the cache. */
  touch(hashes: Uint32Array, count: number): void
}

export class Interner implements IdNumbers {
  #bytes: Uint8Array
  #text: Buffer
  /** offsets[i]..offsets[i + 1] are the bytes of id i; offsets[capacity + 1] holds the count. */
  #offsets: Uint32Array
  #hashes: Uint32Array
  /**
   * Four words a slot: index + 1 (0 where free), hash, then of a short id its bytes with the length
   * in the last of the eight, of a long one the offset and LONG + length.
   */
  #slots = new Uint32Array(64 * 4)
  /** The two last words of the id that is looked up, when it is short. */
  #low = 0
  #high = 0
  readonly #fixed: boolean
  readonly #setting: string
  readonly #scratch = new Uint8Array(limits.idBytesMax * 4)

  constructor(options: InternerOptions = {}, memory?: InternerMemory) {
    const capacity = options.capacity ?? 1024
    const allocate = options.allocate ?? heapAllocator
    this.#fixed = memory !== undefined || allocate !== heapAllocator
    this.#setting = options.setting ?? 'capacity'
    const bytes = Math.min(capacity * (options.bytesPerId ?? 24), 0xffffffff)
    this.#bytes = memory?.bytes ?? new Uint8Array(allocate(bytes))
    this.#offsets = memory?.offsets ?? u32Array(allocate, capacity + 2)
    this.#hashes = memory?.hashes ?? u32Array(allocate, capacity)
    this.#text = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
  }

  get size(): number {
    return Atomics.load(this.#offsets, this.#offsets.length - 1)
  }

  get capacity(): number {
    return this.#hashes.length
  }

  /**
   * For another thread: `new Interner({}, memory)` there gives the ids of what this one interns.
   */
  memory(): InternerMemory {
    return {
      bytes: this.#bytes,
      offsets: this.#offsets,
      hashes: this.#hashes,
    }
  }

  /** The number of `id`, given now if it is new. */
  intern(id: string): number {
    const length = this.#stage(id)
    return this.internBytes(this.#scratch, 0, length)
  }

  /** The number of `id`, or -1. */
  find(id: string): number {
    if (id.length > limits.idBytesMax) return -1
    const length = this.#stage(id)
    const slot = this.#probe(this.#scratch, 0, length, hashBytes(this.#scratch, 0, length))
    return this.#slots[slot]! - 1
  }

  /** Brings what ids of these hashes are found by into the cache, all at once. */
  touch(hashes: Uint32Array, count: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let touched = 0
    for (let i = 0; i < count; i++) touched ^= slots[(hashes[i]! << 2) & mask]!
    this.#low = touched
  }

  /**
   * The number of the id whose UTF-8 is bytes[start, end), given now if it is new; `hash` is that
   * of the bytes, where it is known.
   */
  internBytes(
    bytes: Uint8Array,
    start: number,
    end: number,
    hash: number = hashBytes(bytes, start, end),
  ): number {
    let slot = this.#probe(bytes, start, end, hash)
    const known = this.#slots[slot]!
    if (known !== 0) return known - 1
    // New: the count is read only now, since an atomic load is dear.
    const index = this.size
    const length = end - start
    if (index >= this.capacity || this.#offsets[index]! + length > this.#bytes.length) {
      this.#grow(length)
    }
    if ((index + 1) * 8 > this.#slots.length) {
      this.#spread()
      slot = this.#probe(bytes, start, end, hash)
    }
    const at = this.#offsets[index]!
    for (let i = 0; i < length; i++) this.#bytes[at + i] = bytes[start + i]!
    this.#offsets[index + 1] = at + length
    this.#hashes[index] = hash
    const slots = this.#slots
    const short = length <= SHORT_BYTES
    slots[slot] = index + 1
    slots[slot + 1] = hash
    slots[slot + 2] = short ? this.#low : at
    slots[slot + 3] = short ? this.#high : LONG + length
    Atomics.store(this.#offsets, this.#offsets.length - 1, index + 1)
    return index
  }

  /** Makes room for so many ids at once, where they are known to come. */
  reserve(count: number): void {
    while ((count + 1) * 8 > this.#slots.length) this.#spread()
  }

  /** Gives the next number to nobody: the id that had it was erased. Such an index has no bytes. */
  leaveGap(): void {
    const index = this.size
    if (index >= this.capacity) this.#grow(0)
    this.#offsets[index + 1] = this.#offsets[index]!
    Atomics.store(this.#offsets, this.#offsets.length - 1, index + 1)
  }

  /** The outside id of `index`; empty for a gap. */
  id(index: number): string {
    assert(index >= 0 && index < this.size, 'an index comes from this interner')
    return this.#text.toString('utf8', this.#offsets[index]!, this.#offsets[index + 1]!)
  }

  /** Copies the UTF-8 of `index` into `out` at `at`; returns the end. */
  copyId(index: number, out: Uint8Array, at: number): number {
    const start = this.#offsets[index]!
    const end = this.#offsets[index + 1]!
    for (let i = start; i < end; i++) out[at + i - start] = this.#bytes[i]!
    return at + end - start
  }

  /** The hash of the id's bytes: the same on every host. */
  hash(index: number): number {
    return this.#hashes[index]!
  }

  byteLength(index: number): number {
    return this.#offsets[index + 1]! - this.#offsets[index]!
  }

  #stage(id: string): number {
    assert(id.length <= limits.idBytesMax, 'ids are checked before they are interned')
    const scratch = this.#scratch
    for (let i = 0; i < id.length; i++) {
      const c = id.charCodeAt(i)
      if (c >= 128) return Buffer.from(scratch.buffer).write(id, 'utf8')
      scratch[i] = c
    }
    return id.length
  }

  /** First word of the slot that holds these bytes, or of the free one where they belong. */
  #probe(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const length = end - start
    return length <= SHORT_BYTES
      ? this.#probeShort(bytes, start, length, hash)
      : this.#probeLong(bytes, start, length, hash)
  }

  #probeShort(bytes: Uint8Array, start: number, length: number, hash: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let low = 0
    let high = length << 24
    for (let i = 0; i < length; i++) {
      if (i < 4) low |= bytes[start + i]! << (i * 8)
      else high |= bytes[start + i]! << ((i - 4) * 8)
    }
    this.#low = low >>>= 0
    this.#high = high >>>= 0
    let slot = (hash << 2) & mask
    while (slots[slot] !== 0) {
      if (slots[slot + 2] === low && slots[slot + 3] === high) return slot
      slot = (slot + 4) & mask
    }
    return slot
  }

  #probeLong(bytes: Uint8Array, start: number, length: number, hash: number): number {
    const slots = this.#slots
    const arena = this.#bytes
    const mask = slots.length - 1
    let slot = (hash << 2) & mask
    while (slots[slot] !== 0) {
      if (slots[slot + 1] === hash && slots[slot + 3] === LONG + length) {
        const at = slots[slot + 2]!
        let i = 0
        while (i < length && arena[at + i] === bytes[start + i]) i++
        if (i === length) return slot
      }
      slot = (slot + 4) & mask
    }
    return slot
  }

  #grow(need: number): void {
    const count = this.size
    if (this.#fixed) {
      throw pinwheelError('CAPACITY', {
        what: 'Distinct ids',
        count: count + 1,
        limit: this.capacity,
        setting: this.#setting,
      })
    }
    const used = this.#offsets[count]!
    if (used + need > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, used + need))
      bytes.set(this.#bytes)
      this.#bytes = bytes
      this.#text = Buffer.from(bytes.buffer)
    }
    if (count < this.capacity) return
    const capacity = this.capacity * 2
    const offsets = new Uint32Array(capacity + 2)
    offsets.set(this.#offsets.subarray(0, count + 1))
    offsets[capacity + 1] = count
    const hashes = new Uint32Array(capacity)
    hashes.set(this.#hashes)
    this.#offsets = offsets
    this.#hashes = hashes
  }

  /** Twice the slots. */
  #spread(): void {
    const old = this.#slots
    const slots = new Uint32Array(old.length * 2)
    const mask = slots.length - 1
    for (let from = 0; from < old.length; from += 4) {
      if (old[from] === 0) continue
      let slot = (old[from + 1]! << 2) & mask
      while (slots[slot] !== 0) slot = (slot + 4) & mask
      for (let word = 0; word < 4; word++) slots[slot + word] = old[from + word]!
    }
    this.#slots = slots
  }
}

/** The hash that an interner has of an id: the same on every host. */
export function hashId(id: string): number {
  const bytes = Buffer.from(id)
  return hashBytes(bytes, 0, bytes.length)
}

/** A 32-bit hash of bytes[start, end); the same on every machine and in every release. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x2f0b4ca7 ^ (end - start)
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
