/**
 * Views of the parts of a state that lie in pooled blocks: rings, tables, texts, optional rows. One
 * object for each field, over the place of the state's row; nothing is allocated per access. Rows
 * come through one cursor, which moves at the next call.
 *
 * A block is the least number of lines of the cache that hold what is there, from 512 bytes on an
 * eighth more from one size to the next, up to the declared capacity: its size follows from the
 * count.
 */
import { assert } from '../assert.ts'
import { type Arena, rowsBytes } from './arena.ts'
import type { Page, Place } from './page.ts'
import type { Stage } from './stage.ts'

/** Views of one row of a block, by what a change of it needs. */
export type RowViews = {
  /** Where both lie; the parts move it. */
  readonly place: Place
  /** The row may be read, and in a write turn changed after it was noted. */
  readonly row: object
  /** Changes need no note: the row is new, or was noted whole. Undefined in a read. */
  readonly fresh: object | undefined
  readonly words: number
}

export type PooledField = {
  /** The state's row. */
  readonly root: Place
  /** Word of its header in that row. */
  readonly header: number
  readonly arena: Arena
  readonly stage: Stage
}

export class Pooled {
  protected readonly root: Place
  protected readonly header: number
  protected readonly arena: Arena
  protected readonly stage: Stage

  constructor({ root, header, arena, stage }: PooledField) {
    this.root = root
    this.header = header
    this.arena = arena
    this.stage = stage
  }

  protected get block(): number {
    return this.root.page.u32[this.root.word + this.header]!
  }
}

/** Few words are copied sooner one by one than by a call. */
const FEW_WORDS = 64

export function copyWords(
  from: Uint32Array,
  at: number,
  to: Uint32Array,
  toAt: number,
  count: number,
): void {
  if (count > FEW_WORDS) to.set(from.subarray(at, at + count), toAt)
  else for (let i = 0; i < count; i++) to[toAt + i] = from[at + i]!
}

class Rows extends Pooled {
  protected readonly capacity: number
  protected readonly words: number
  protected readonly place: Place
  protected readonly row: object
  protected readonly fresh: object | undefined

  constructor(field: PooledField, views: RowViews, capacity: number) {
    super(field)
    this.capacity = capacity
    this.words = views.words
    this.place = views.place
    this.row = views.row
    this.fresh = views.fresh
  }

  get length(): number {
    return this.root.page.u32[this.root.word + this.header + 1]! & 0xffff
  }

  /** Bytes of the block that holds `count` rows. */
  protected bytesFor(count: number): number {
    return rowsBytes(count, this.capacity, this.words * 4)
  }

  protected move(physical: number): void {
    const block = this.block
    this.place.page = this.arena.page(block)
    this.place.word = this.arena.word(block) + physical * this.words
  }

  protected write(block: number, count: number, oldest: number): void {
    const { page, word } = this.root
    page.u32[word + this.header] = block
    page.u32[word + this.header + 1] = count | (oldest << 16)
  }

  /** Moves the first `kept` rows to a block for `count`. Its address. */
  protected resize(kept: number, from: number, count: number): number {
    const bytes = this.bytesFor(count)
    const next = bytes === 0 ? 0 : this.stage.allocate(bytes)
    const old = this.block
    if (kept > 0) {
      const from = this.arena.word(old)
      const words = this.arena.page(old).u32
      copyWords(words, from, this.arena.page(next).u32, this.arena.word(next), kept * this.words)
    }
    if (from > 0) this.stage.replace(old, this.bytesFor(from))
    return next
  }

  /** Notes the words of the row at the cursor and zeroes them. */
  protected wipe(): void {
    const { page, word } = this.place
    for (let i = 0; i < this.words; i++) {
      this.stage.note(page, word + i)
      page.u32[word + i] = 0
    }
  }

  clear(): void {
    if (!this.fresh) this.stage.refuse()
    const count = this.length
    if (count > 0) this.stage.replace(this.block, this.bytesFor(count))
    this.write(0, 0, 0)
  }

  /** Frees the block of a state that goes. */
  release(): void {
    const count = this.length
    if (count > 0) this.arena.free(this.block, this.bytesFor(count))
  }

  /**
   * Fills a new block with as many rows as the header says, from word `at` of `words`; the words it
   * took.
   */
  load(words: Uint32Array, at: number): number {
    const count = this.length
    if (count === 0) return 0
    const block = this.arena.allocate(this.bytesFor(count))
    this.write(block, count, 0)
    const taken = count * this.words
    const { u32 } = this.arena.page(block)
    const start = this.arena.word(block)
    if (taken < 64) for (let i = 0; i < taken; i++) u32[start + i] = words[at + i]!
    else u32.set(words.subarray(at, at + taken), start)
    return taken
  }

  /** Bytes of its block. */
  get pooledBytes(): number {
    return this.bytesFor(this.length)
  }
}

/** The newest rows. Only a full ring has its oldest row elsewhere than first. */
export class Ring extends Rows {
  append(): object {
    if (!this.fresh) this.stage.refuse()
    const { page, word } = this.root
    const packed = page.u32[word + this.header + 1]!
    const count = packed & 0xffff
    if (count === this.capacity) {
      const oldest = packed >>> 16
      this.move(oldest)
      this.wipe()
      this.write(this.block, count, oldest + 1 === count ? 0 : oldest + 1)
      return this.fresh
    }
    const isFull = this.bytesFor(count) < (count + 1) * this.words * 4
    this.write(isFull ? this.resize(count, count, count + 1) : this.block, count + 1, 0)
    this.move(count)
    return this.fresh
  }

  at(index: number): object {
    const packed = this.root.page.u32[this.root.word + this.header + 1]!
    const count = packed & 0xffff
    assert(index >= 0 && index < count, 'a ring index lies inside its length')
    const physical = (packed >>> 16) + index
    this.move(physical >= count ? physical - count : physical)
    return this.row
  }

  count(index: number): void {
    if (!this.fresh) this.stage.refuse()
    const { u32 } = this.root.page
    const header = this.root.word + this.header
    const packed = u32[header + 1]!
    const count = packed & 0xffff
    assert(index >= 0 && index < count, 'a ring index lies inside its length')
    const place = (packed >>> 16) + index
    const block = u32[header]!
    const page = this.arena.page(block)
    const at = this.arena.word(block) + (place >= count ? place - count : place) * this.words
    this.stage.note(page, at)
    page.u32[at]!++
  }

  extend(count: number): void {
    if (!this.fresh) this.stage.refuse()
    assert(count <= this.capacity, 'a ring holds its capacity')
    const { length } = this
    if (count <= length) return
    const isFull = this.bytesFor(length) < count * this.words * 4
    this.write(isFull ? this.resize(length, length, count) : this.block, count, 0)
    for (let row = length; row < count; row++) {
      this.move(row)
      this.wipe()
    }
  }

  /** Words of its block up to where the next row goes, by what the header says. */
  endOf(packed: number): number {
    const count = packed & 0xffff
    return (count === this.capacity ? packed >>> 16 : count) * this.words
  }

  /** Hands its rows over, oldest first, as at most two runs of words. */
  eachRun(take: (page: Page, word: number, words: number) => void): void {
    const packed = this.root.page.u32[this.root.word + this.header + 1]!
    const count = packed & 0xffff
    if (count === 0) return
    const oldest = packed >>> 16
    const page = this.arena.page(this.block)
    const start = this.arena.word(this.block)
    take(page, start + oldest * this.words, (count - oldest) * this.words)
    if (oldest > 0) take(page, start, oldest * this.words)
  }
}

/** Rows by their first field, looked through one by one: tables are short. */
export class Table extends Rows {
  readonly #keyWord: number
  /** What is added to a key where it lies: refs lie as number + 1. */
  readonly #keyShift: number
  readonly #key: string
  readonly #evictBy: string

  constructor(field: PooledField, views: RowViews, options: TableOptions) {
    super(field, views, options.capacity)
    this.#keyWord = options.keyWord
    this.#keyShift = options.keyShift
    this.#key = options.key
    this.#evictBy = options.evictBy
  }

  /** Where keys are looked for first. */
  endOf(): number {
    return 1
  }

  at(index: number): object {
    assert(index >= 0 && index < this.length, 'a table index lies inside its length')
    this.move(index)
    return this.row
  }

  find(key: number): object | undefined {
    const index = this.#indexOf(key)
    if (index < 0) return undefined
    this.move(index)
    return this.row
  }

  upsert(key: number): object {
    if (!this.fresh) this.stage.refuse()
    const known = this.find(key)
    if (known) return known
    const count = this.length
    if (count === this.capacity) {
      this.move(this.#least())
    } else {
      const isFull = this.bytesFor(count) < (count + 1) * this.words * 4
      this.write(isFull ? this.resize(count, count, count + 1) : this.block, count + 1, 0)
      this.move(count)
    }
    // A row that was removed in this turn may have lain here.
    this.wipe()
    ;(this.fresh as Record<string, number>)[this.#key] = key
    return this.fresh
  }

  remove(key: number): boolean {
    if (!this.fresh) this.stage.refuse()
    const index = this.#indexOf(key)
    if (index < 0) return false
    const last = this.length - 1
    this.move(last)
    const { page, word: from } = this.place
    this.move(index)
    const to = this.place.word
    for (let i = 0; i < this.words; i++) {
      this.stage.note(page, to + i)
      page.u32[to + i] = page.u32[from + i]!
    }
    const shrinks = this.bytesFor(last) !== this.bytesFor(last + 1)
    this.write(shrinks ? this.resize(last, last + 1, last) : this.block, last, 0)
    return true
  }

  eachRun(take: (page: Page, word: number, words: number) => void): void {
    const count = this.length
    if (count === 0) return
    take(this.arena.page(this.block), this.arena.word(this.block), count * this.words)
  }

  #indexOf(key: number): number {
    const count = this.length
    if (count === 0) return -1
    const { u32 } = this.arena.page(this.block)
    const stored = (key + this.#keyShift) >>> 0
    let word = this.arena.word(this.block) + this.#keyWord
    for (let i = 0; i < count; i++) {
      if (u32[word] === stored) return i
      word += this.words
    }
    return -1
  }

  #least(): number {
    let least = 0
    let value = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.length; i++) {
      this.move(i)
      const v = (this.row as Record<string, number>)[this.#evictBy]!
      if (v < value) {
        value = v
        least = i
      }
    }
    return least
  }
}

export type TableOptions = {
  readonly capacity: number
  readonly key: string
  readonly keyWord: number
  readonly keyShift: number
  readonly evictBy: string
}

/** One row, or none: what has an address is there. */
export class Optional extends Rows {
  constructor(field: PooledField, views: RowViews) {
    super(field, views, 1)
  }

  override get length(): number {
    return this.block === 0 ? 0 : 1
  }

  protected override write(block: number): void {
    const { page, word } = this.root
    page.u32[word + this.header] = block
  }

  get(): object | undefined {
    if (this.length === 0) return undefined
    this.move(0)
    return this.row
  }

  make(): object {
    if (!this.fresh) this.stage.refuse()
    const known = this.get()
    if (known) return known
    this.write(this.stage.allocate(this.bytesFor(1)))
    this.move(0)
    return this.fresh
  }

  eachRun(take: (page: Page, word: number, words: number) => void): void {
    if (this.length === 0) return
    take(this.arena.page(this.block), this.arena.word(this.block), this.words)
  }
}
