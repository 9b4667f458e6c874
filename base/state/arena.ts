/**
 * Blocks for what grows: rings, tables, texts, optional parts.
 *
 * A page is cut into chunks of 128 KiB, each for blocks of one size; sizes are multiples of 8 bytes
 * up to 128, then eight to every doubling (waste <= 1/8). A chunk keeps its free blocks in a list
 * threaded through them and returns to the pool when its last block is freed, so memory can change
 * its purpose. An address counts 8-byte units (32 GiB) and 0 means "none". allocate, free: O(1).
 */
import { assert } from '../assert.ts'
import { Page, type PageOptions } from './page.ts'

const CHUNK_BYTES = 1 << 17
const CHUNK_UNITS = CHUNK_BYTES >>> 3
const CHUNK_SHIFT = 14
/** Largest block. */
export const blockBytesMax: number = CHUNK_BYTES >>> 1

/** 8-byte units that a block of `bytes` takes. */
export function unitsOf(bytes: number): number {
  const units = (bytes + 7) >>> 3
  if (units <= 16) return units
  const step = 1 << (28 - Math.clz32(units - 1))
  return (units + step - 1) & -step
}

const LINE_BYTES = 64
const LINES_BELOW = 512

/**
 * Bytes of the block that holds so many: whole lines of the cache, from 512 on an eighth more from
 * one size to the next.
 */
export function roomBytes(bytes: number): number {
  return bytes > LINES_BELOW ? unitsOf(bytes) * 8 : Math.ceil(bytes / LINE_BYTES) * LINE_BYTES
}

/** Bytes of the block that holds `count` of at most `capacity` rows. */
export function rowsBytes(count: number, capacity: number, bytes: number): number {
  const room = roomBytes(count * bytes)
  return room < capacity * bytes ? room : capacity * bytes
}

export class Arena {
  readonly #allocate: PageOptions['allocate']
  readonly #pageBytes: number
  /** An address's page is `address >>> pageShift`. */
  readonly #pageShift: number
  readonly #pageMask: number
  readonly #pages: Page[] = []
  /** By chunk: units of its blocks (0: none yet), blocks in use, first free, end of the used. */
  #size = new Uint32Array(64)
  #live = new Uint32Array(64)
  #free = new Uint32Array(64)
  #end = new Uint32Array(64)
  #chunks = 0
  readonly #idle: number[] = []
  /** By size: chunks that may have room; one that has changed its purpose is passed over. */
  readonly #open = new Map<number, number[]>()
  #used = 0

  constructor({ allocate, pageBytes }: PageOptions) {
    assert(pageBytes >= CHUNK_BYTES && (pageBytes & (pageBytes - 1)) === 0, 'a page is 2^k chunks')
    this.#allocate = allocate
    this.#pageBytes = pageBytes
    this.#pageShift = 28 - Math.clz32(pageBytes)
    this.#pageMask = (pageBytes >>> 3) - 1
  }

  /** Bytes in live blocks. */
  get usedBytes(): number {
    return this.#used * 8
  }

  /** Bytes of all chunks, those that wait for a purpose among them. */
  get reservedBytes(): number {
    return this.#chunks * CHUNK_BYTES
  }

  page(address: number): Page {
    return this.#pages[address >>> this.#pageShift]!
  }

  /** The first word of four bytes of block `address` in its page. */
  word(address: number): number {
    return (address & this.#pageMask) << 1
  }

  /** A zeroed block. */
  allocate(bytes: number): number {
    assert(bytes > 0 && bytes <= blockBytesMax, 'a block fits in half a chunk')
    const units = unitsOf(bytes)
    const chunk = this.#chunkFor(units)
    this.#used += units
    this.#live[chunk]!++
    const again = this.#free[chunk]!
    if (again === 0) {
      const at = this.#end[chunk]!
      this.#end[chunk] = at + units
      return chunk * CHUNK_UNITS + at
    }
    const { u32 } = this.page(again)
    const word = this.word(again)
    this.#free[chunk] = u32[word]!
    if (units <= 32) for (let i = 0; i < units << 1; i++) u32[word + i] = 0
    else u32.fill(0, word, word + (units << 1))
    return again
  }

  free(address: number, bytes: number): void {
    const units = unitsOf(bytes)
    const chunk = address >>> CHUNK_SHIFT
    assert(this.#size[chunk] === units && this.#live[chunk]! > 0, 'a block is freed as it was made')
    this.#used -= units
    if (!this.#hasRoom(chunk, units)) this.#openFor(units).push(chunk)
    this.page(address).u32[this.word(address)] = this.#free[chunk]!
    this.#free[chunk] = address
    if (--this.#live[chunk]! === 0) this.#retire(chunk)
  }

  #hasRoom(chunk: number, units: number): boolean {
    if (this.#size[chunk] !== units) return false
    return this.#free[chunk] !== 0 || this.#end[chunk]! + units <= CHUNK_UNITS
  }

  #openFor(units: number): number[] {
    const known = this.#open.get(units)
    if (known) return known
    const list: number[] = []
    this.#open.set(units, list)
    return list
  }

  #chunkFor(units: number): number {
    const open = this.#openFor(units)
    for (;;) {
      const chunk = open.at(-1)
      if (chunk === undefined) break
      if (this.#hasRoom(chunk, units)) return chunk
      open.pop()
    }
    const chunk = this.#idle.pop() ?? this.#addChunk()
    this.#size[chunk] = units
    open.push(chunk)
    return chunk
  }

  /** Its blocks were touched: they are zeroed as they are given again. */
  #retire(chunk: number): void {
    const first = chunk * CHUNK_UNITS
    const word = this.word(first)
    const used = this.#end[chunk]!
    this.page(first).u32.fill(0, word, word + used * 2)
    this.#size[chunk] = 0
    this.#free[chunk] = 0
    this.#end[chunk] = chunk === 0 ? 1 : 0
    this.#idle.push(chunk)
  }

  #addChunk(): number {
    const chunk = this.#chunks++
    if ((chunk * CHUNK_BYTES) % this.#pageBytes === 0) {
      this.#pages.push(Page.made(this.#allocate, this.#pageBytes))
    }
    if (chunk === this.#size.length) {
      this.#size = wider(this.#size)
      this.#live = wider(this.#live)
      this.#free = wider(this.#free)
      this.#end = wider(this.#end)
    }
    // No block has address 0.
    this.#end[chunk] = chunk === 0 ? 1 : 0
    return chunk
  }
}

function wider(old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(old.length * 2)
  next.set(old)
  return next
}
