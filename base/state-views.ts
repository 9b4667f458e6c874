/**
 * Flyweight views of one row: scalars, rings, tables, vectors and texts over pages. A view is one
 * object moved from row to row; nothing is allocated per access. Every change passes `Stage.touch`.
 *
 * A ring, table or text has a header in the fixed part, { block, count, capacity, head }, four u32,
 * that points at a pooled block. Blocks start at 4 rows and double up to the declared capacity.
 */
import type { Arena, Page, Stage } from './arena.ts'
import { assert } from './assert.ts'
import type { RowFields, ScalarField, ScalarType, TableField } from './state-fields.ts'

export const sizes: Readonly<Record<ScalarType, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  f64: 8,
  ref: 4,
}
export const HEADER_BYTES = 16
const FIRST_ROWS = 4

export type Placed = { readonly name: string; readonly at: number }
export type RowLayout = {
  readonly bytes: number
  readonly fields: readonly Placed[]
}

/** Places fields by falling alignment; `bytes` is a multiple of the widest. */
export function place(items: readonly { name: string; bytes: number; align: number }[]): RowLayout {
  const order = [...items].sort((a, b) => b.align - a.align)
  const at = new Map<string, number>()
  let end = 0
  let widest = 4
  for (const item of order) {
    end = Math.ceil(end / item.align) * item.align
    at.set(item.name, end)
    end += item.bytes
    widest = Math.max(widest, item.align)
  }
  const fields = items.map(({ name }) => ({ name, at: at.get(name)! }))
  return { bytes: Math.ceil(end / widest) * widest, fields }
}

/** A place in a page, the base of every view. */
export class Cursor {
  readonly arena: Arena
  readonly stage: Stage
  page!: Page
  byte = 0

  constructor(arena: Arena, stage: Stage) {
    this.arena = arena
    this.stage = stage
  }
}

type Accessor = {
  get(this: Cursor): number
  set(this: Cursor, value: number): void
}

/**
 * Accessors of a scalar at byte `at` of the cursor's row. Written out by type: one body that picked
 * its array by name cost three times as much.
 */
export function accessor(type: ScalarType, at: number): Accessor {
  switch (type) {
    case 'u8':
      return {
        get() {
          return this.page.u8[this.byte + at]!
        },
        set(value) {
          this.stage.touch(this.page, (this.byte + at) >>> 2)
          this.page.u8[this.byte + at] = value
        },
      }
    case 'u16':
      return {
        get() {
          return this.page.u16[(this.byte + at) >>> 1]!
        },
        set(value) {
          this.stage.touch(this.page, (this.byte + at) >>> 2)
          this.page.u16[(this.byte + at) >>> 1] = value
        },
      }
    case 'u32':
      return {
        get() {
          return this.page.u32[(this.byte + at) >>> 2]!
        },
        set(value) {
          this.stage.touch(this.page, (this.byte + at) >>> 2)
          this.page.u32[(this.byte + at) >>> 2] = value
        },
      }
    case 'i32':
      return {
        get() {
          return this.page.i32[(this.byte + at) >>> 2]!
        },
        set(value) {
          this.stage.touch(this.page, (this.byte + at) >>> 2)
          this.page.i32[(this.byte + at) >>> 2] = value
        },
      }
    case 'f32':
      return {
        get() {
          return this.page.f32[(this.byte + at) >>> 2]!
        },
        set(value) {
          this.stage.touch(this.page, (this.byte + at) >>> 2)
          this.page.f32[(this.byte + at) >>> 2] = value
        },
      }
    case 'f64':
      return {
        get() {
          return this.page.f64[(this.byte + at) >>> 3]!
        },
        set(value) {
          const word = (this.byte + at) >>> 2
          this.stage.touch(this.page, word)
          this.stage.touch(this.page, word + 1)
          this.page.f64[word >>> 1] = value
        },
      }
    case 'ref':
      // Stored as index + 1, so that a zeroed row reads as NONE.
      return {
        get() {
          return (this.page.u32[(this.byte + at) >>> 2]! - 1) >>> 0
        },
        set(value) {
          this.stage.touch(this.page, (this.byte + at) >>> 2)
          this.page.u32[(this.byte + at) >>> 2] = (value + 1) >>> 0
        },
      }
  }
}

export function rowClass(row: RowFields): { layout: RowLayout; View: typeof Cursor } {
  const layout = place(
    Object.entries(row).map(([name, f]) => ({
      name,
      bytes: sizes[f.type],
      align: sizes[f.type],
    })),
  )
  class Row extends Cursor {}
  for (const { name, at } of layout.fields) {
    Object.defineProperty(Row.prototype, name, accessor((row[name] as ScalarField).type, at))
  }
  return { layout, View: Row }
}

/** What rings, tables and texts share: a header in the fixed part and a pooled block. */
export class Block extends Cursor {
  get count(): number {
    return this.page.u32[(this.byte >>> 2) + 1]!
  }
  protected get block(): number {
    return this.page.u32[this.byte >>> 2]!
  }
  protected get room(): number {
    return this.page.u32[(this.byte >>> 2) + 2]!
  }
  protected get head(): number {
    return this.page.u32[(this.byte >>> 2) + 3]!
  }
  protected header(word: 0 | 1 | 2 | 3, value: number): void {
    const at = (this.byte >>> 2) + word
    this.stage.touch(this.page, at)
    this.page.u32[at] = value
  }
  /** Journals and zeroes `bytes` from byte `from` of block `address`. */
  protected wipe(address: number, from: number, bytes: number): void {
    const page = this.arena.page(address)
    const word = (this.arena.offset(address) + from) >>> 2
    for (let i = 0; i < bytes >>> 2; i++) {
      this.stage.touch(page, word + i)
      page.u32[word + i] = 0
    }
  }
  release(unit: number): void {
    if (this.block !== 0) this.arena.free(this.block, this.room * unit)
  }
}

class Rows extends Block {
  protected readonly rowBytes: number
  readonly capacity: number
  protected readonly row: Cursor

  constructor(arena: Arena, stage: Stage, row: Cursor, rowBytes: number, capacity: number) {
    super(arena, stage)
    this.row = row
    this.rowBytes = rowBytes
    this.capacity = capacity
  }

  get length(): number {
    return this.count
  }

  protected move(physical: number): Cursor {
    const block = this.block
    this.row.page = this.arena.page(block)
    this.row.byte = this.arena.offset(block) + physical * this.rowBytes
    return this.row
  }

  /** Doubles the block; rows come to lie from 0 in order of age. */
  protected widen(): void {
    const room = this.room
    const next = Math.min(this.capacity, room === 0 ? FIRST_ROWS : room * 2)
    const address = this.stage.allocate(next * this.rowBytes)
    if (room > 0) {
      const from = this.arena.page(this.block).u8
      const start = this.arena.offset(this.block)
      const to = this.arena.page(address).u8
      const at = this.arena.offset(address)
      const firstBytes = (room - this.head) * this.rowBytes
      const split = start + this.head * this.rowBytes
      to.set(from.subarray(split, split + firstBytes), at)
      to.set(from.subarray(start, split), at + firstBytes)
      this.stage.replace(this.block, room * this.rowBytes)
    }
    this.header(0, address)
    this.header(2, next)
    this.header(3, 0)
  }
}

export class Ring extends Rows {
  append(): Cursor {
    const count = this.count
    if (count === this.room && count < this.capacity) this.widen()
    const room = this.room
    let physical = this.head + count
    if (physical >= room) physical -= room
    if (count === room) {
      physical = this.head
      this.wipe(this.block, physical * this.rowBytes, this.rowBytes)
      this.header(3, physical + 1 === room ? 0 : physical + 1)
    } else {
      this.header(1, count + 1)
    }
    return this.move(physical)
  }

  at(index: number): Cursor {
    assert(index >= 0 && index < this.count, 'a ring index lies inside its length')
    const physical = this.head + index
    return this.move(physical >= this.room ? physical - this.room : physical)
  }

  clear(): void {
    if (this.block !== 0) this.stage.replace(this.block, this.room * this.rowBytes)
    for (const word of [0, 1, 2, 3] as const) this.header(word, 0)
  }
}

export class Table extends Rows {
  readonly #key: string
  readonly #evictBy: string

  constructor(arena: Arena, stage: Stage, row: Cursor, rowBytes: number, field: TableField) {
    super(arena, stage, row, rowBytes, field.capacity)
    this.#key = Object.keys(field.row)[0]!
    this.#evictBy = field.evictBy
  }

  at(index: number): Cursor {
    assert(index >= 0 && index < this.count, 'a table index lies inside its length')
    return this.move(index)
  }

  find(key: number): Cursor | undefined {
    const index = this.#indexOf(key)
    return index < 0 ? undefined : this.move(index)
  }

  upsert(key: number): Cursor {
    const known = this.find(key)
    if (known) return known
    const count = this.count
    if (count === this.room && count < this.capacity) this.widen()
    let at = count
    if (count < this.room) {
      this.header(1, count + 1)
    } else {
      at = this.#least()
    }
    this.wipe(this.block, at * this.rowBytes, this.rowBytes)
    const row = this.move(at)
    ;(row as unknown as Record<string, number>)[this.#key] = key
    return row
  }

  remove(key: number): boolean {
    const index = this.#indexOf(key)
    if (index < 0) return false
    const last = this.count - 1
    const page = this.arena.page(this.block)
    const base = this.arena.offset(this.block)
    const to = (base + index * this.rowBytes) >>> 2
    const from = (base + last * this.rowBytes) >>> 2
    for (let i = 0; i < this.rowBytes >>> 2; i++) {
      this.stage.touch(page, to + i)
      page.u32[to + i] = page.u32[from + i]!
    }
    this.header(1, last)
    return true
  }

  #indexOf(key: number): number {
    const count = this.count
    for (let i = 0; i < count; i++) {
      if ((this.move(i) as unknown as Record<string, number>)[this.#key] === key) return i
    }
    return -1
  }

  #least(): number {
    let least = 0
    let value = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.count; i++) {
      const v = (this.move(i) as unknown as Record<string, number>)[this.#evictBy]!
      if (v < value) {
        value = v
        least = i
      }
    }
    return least
  }
}

export class Vector extends Cursor {
  readonly length: number
  readonly #bytes: number
  readonly #value: Cursor
  constructor(arena: Arena, stage: Stage, value: Cursor, bytes: number, length: number) {
    super(arena, stage)
    this.#value = value
    this.#bytes = bytes
    this.length = length
  }
  get(index: number): number {
    return this.#at(index).value
  }
  set(index: number, value: number): void {
    this.#at(index).value = value
  }
  #at(index: number): { value: number } {
    assert(index >= 0 && index < this.length, 'a vector index lies inside its length')
    this.#value.page = this.page
    this.#value.byte = this.byte + index * this.#bytes
    return this.#value as unknown as { value: number }
  }
}

export class Text extends Block {
  readonly #bytesMax: number
  constructor(arena: Arena, stage: Stage, bytesMax: number) {
    super(arena, stage)
    this.#bytesMax = bytesMax
  }
  read(): string {
    if (this.count === 0) return ''
    const at = this.arena.offset(this.block)
    const { buffer } = this.arena.page(this.block).u8
    return Buffer.from(buffer as ArrayBuffer, at, this.count).toString('utf8')
  }
  write(value: string): void {
    const bytes = Buffer.from(value)
    assert(bytes.length <= this.#bytesMax, 'text is checked before it reaches state')
    if (this.block !== 0) this.stage.replace(this.block, this.room)
    const address = bytes.length === 0 ? 0 : this.stage.allocate(bytes.length)
    if (address !== 0) this.arena.page(address).u8.set(bytes, this.arena.offset(address))
    this.header(0, address)
    this.header(1, bytes.length)
    this.header(2, bytes.length)
  }
}
