/**
 * A trail: the newest rows of a ring, packed. A row takes a word for each value that is not the
 * usual one, a word for the difference of its time from that of the row before, and a head that
 * says which of them there are. Rows are written at the end and read from there back: the newest
 * first, as a person's past is read.
 *
 * Layout of a row, in words of four bytes: values in order of declaration; the difference of times
 * as i32, or where that does not do the time before as f64; the head: bits 0 to 7 the u8 field,
 * from 8 on one bit a value, then up to 28 a small difference if bit 31 says so, 29 a difference,
 * 30 a time. The header in the state's row has the
 * address of the block, u16 rows, u16 words, and the newest time.
 *
 * What is beyond the capacity goes when there are SLACK rows of it, so that rows are moved rarely;
 * until then nobody sees it. O(1) to push, O(length) to read or to move.
 */
import { assert } from '../assert.ts'
import { NONE } from '../ids.ts'
import { roomBytes } from './arena.ts'
import type { RowFields, RowView, ScalarField } from './fields.ts'
import type { Page } from './page.ts'
import { copyWords, Pooled, type PooledField } from './pooled.ts'

/** Rows beyond the capacity that may lie there. */
export const SLACK = 64
const FIRST_BIT = 8
const DIFFERENCE = 1 << 29
const TIME = 1 << 30
/** The head itself has the difference: actions of a visit follow each other in seconds. */
const SMALL = 1 << 31

/** What rows of a trail are made of: one f64, one u8, and values of a word. */
export type TrailRow = {
  readonly time: string
  readonly code: string
  readonly values: readonly (readonly [name: string, field: ScalarField])[]
}

export function trailRow(row: RowFields): TrailRow {
  const named = (type: string) => {
    const found = Object.keys(row).filter((name) => row[name]!.type === type)
    assert(found.length === 1, 'a row of a trail has one f64 and one u8')
    return found[0]!
  }
  const values = Object.entries(row).filter(([, { type }]) => type !== 'f64' && type !== 'u8')
  assert(values.length <= 16, 'a row of a trail has at most 16 values of a word')
  assert(
    values.every(([, { type }]) => type !== 'u16'),
    'values of a trail take a word',
  )
  return { time: named('f64'), code: named('u8'), values }
}

/** Words of the longest row. */
export const rowWordsMax = ({ values }: TrailRow): number => values.length + 3

type Cursor = Record<string, number>
type Codec = {
  /** Writes a row; how many words it took. */
  readonly encode: (row: Cursor, last: number, isFirst: boolean, out: Uint32Array) => number
  /** Reads the row whose head is at `at` into `row`, its time set; the head of the one before. */
  readonly decode: (row: Cursor, u32: Uint32Array, at: number, past: { time: number }) => number
}

const bits = new Uint32Array(2)
const asF32 = new Float32Array(bits.buffer)
const asF64 = new Float64Array(bits.buffer)

const compiled = new WeakMap<RowFields, Codec>()

/** Straight code for each kind of row, as views have it: names and numbers that were checked. */
function codecOf(fields: RowFields, usual: Cursor): Codec {
  const known = compiled.get(fields)
  if (known) return known
  const { time, code, values } = trailRow(fields)
  const smallAt = FIRST_BIT + values.length
  const smallEnd = 2 ** (29 - smallAt)
  const put = values.map(([name, { type }], i) => {
    const word = {
      ref: `r.${name} + 1`,
      f32: `(asF32[0] = r.${name}, bits[0])`,
    }[type as 'ref' | 'f32']
    const bit = 1 << (FIRST_BIT + i)
    return `if (r.${name} !== ${usual[name]}) { out[k++] = ${word ?? `r.${name}`}; head |= ${bit} }`
  })
  const take = values.map(([name, { type }], i) => {
    const word = {
      ref: '(u32[--k] - 1) >>> 0',
      f32: '(bits[0] = u32[--k], asF32[0])',
      i32: 'u32[--k] | 0',
    }[type as 'ref' | 'f32' | 'i32']
    const bit = 1 << (FIRST_BIT + i)
    return `r.${name} = (head & ${bit}) !== 0 ? ${word ?? 'u32[--k]'} : ${usual[name]}`
  })
  const encode = `let k = 0
    let head = r.${code} & 255
    ${put.join('\n')}
    const by = r.${time} - last
    if (!isFirst && by !== 0) {
      const isExact = (by | 0) === by && r.${time} - by === last
      if (isExact && by > 0 && by < ${smallEnd}) head |= ${SMALL} | (by << ${smallAt})
      else if (isExact) { out[k++] = by; head |= ${DIFFERENCE} }
      else { asF64[0] = last; out[k++] = bits[0]; out[k++] = bits[1]; head |= ${TIME} }
    }
    out[k++] = head
    return k`
  const decode = `const head = u32[at]
    let k = at
    r.${code} = head & 255
    if ((head & ${TIME}) !== 0) { bits[1] = u32[--k]; bits[0] = u32[--k]; past.time = asF64[0] }
    else if ((head & ${SMALL}) !== 0)
      past.time = r.${time} - ((head >>> ${smallAt}) & ${smallEnd - 1})
    else past.time = (head & ${DIFFERENCE}) !== 0 ? r.${time} - (u32[--k] | 0) : r.${time}
    ${take.reverse().join('\n')}
    return k - 1`
  const made = new Function(
    'bits, asF32, asF64',
    `return { encode(r, last, isFirst, out) { ${encode} }, decode(r, u32, at, past) { ${decode} } }`,
  )(bits, asF32, asF64) as Codec
  compiled.set(fields, made)
  return made
}

/** What a value is where nothing else is said. */
function usualOf(row: RowFields, given: Readonly<Record<string, number | undefined>>): Cursor {
  return Object.fromEntries(
    Object.entries(row).map(([name, { type }]) => {
      assert(/^[a-z][A-Za-z0-9]*$/.test(name), 'a field is named by an identifier')
      return [name, given[name] ?? (type === 'ref' ? NONE : 0)]
    }),
  )
}

const bytesFor = (words: number): number => roomBytes(words * 4)

export type TrailOptions = {
  readonly row: RowFields
  readonly capacity: number
  readonly usual: Readonly<Record<string, number | undefined>>
  readonly isWritable: boolean
}

export class Trail extends Pooled {
  /** The row to push next: all of it is to be set. */
  readonly next: Cursor
  /** The row at the cursor. */
  readonly row: Cursor
  readonly #options: TrailOptions
  readonly #time: string
  readonly #codec: Codec
  readonly #scratch: Uint32Array
  readonly #past = { time: 0 }
  /** Rows left before the one at the cursor, and the head of the next of them. */
  #left = 0
  #at = 0

  constructor(field: PooledField, options: TrailOptions) {
    super(field)
    this.#options = options
    const usual = usualOf(options.row, options.usual)
    const row = trailRow(options.row)
    this.#time = row.time
    this.#codec = codecOf(options.row, usual)
    this.#scratch = new Uint32Array(rowWordsMax(row))
    this.next = { ...usual }
    this.row = { ...usual }
  }

  /** Words of its block up to where the next row goes, by what the header says. */
  endOf(packed: number): number {
    return packed >>> 16
  }

  get length(): number {
    return Math.min(this.#rows, this.#options.capacity)
  }

  push(): void {
    if (!this.#options.isWritable) this.stage.refuse()
    if (this.#rows === this.#options.capacity + SLACK) this.#moveUp()
    const rows = this.#rows
    const words = this.#words
    const { page, word } = this.root
    const lastAt = (word + this.header + 2) >>> 1
    const count = this.#codec.encode(this.next, page.f64[lastAt]!, rows === 0, this.#scratch)
    const room = bytesFor(words)
    const block = (words + count) * 4 > room ? this.#grow(words, count) : this.block
    const { u32 } = this.arena.page(block)
    const at = this.arena.word(block) + words
    for (let i = 0; i < count; i++) u32[at + i] = this.#scratch[i]!
    page.u32[word + this.header] = block
    page.u32[word + this.header + 1] = (rows + 1) | ((words + count) << 16)
    page.f64[lastAt] = this.next[this.#time]!
  }

  /** Moves the cursor to the newest row; false when there is none. */
  newest(): boolean {
    this.#left = this.length
    if (this.#left === 0) return false
    this.#at = this.arena.word(this.block) + this.#words - 1
    this.#past.time = this.root.page.f64[(this.root.word + this.header + 2) >>> 1]!
    return this.older()
  }

  /** Moves the cursor to the row before; false when there is none. */
  older(): boolean {
    if (this.#left === 0) return false
    this.#left--
    this.row[this.#time] = this.#past.time
    const { u32 } = this.arena.page(this.block)
    this.#at = this.#codec.decode(this.row, u32, this.#at, this.#past)
    return true
  }

  /** Copies of all rows, oldest first. */
  rows(): RowView<RowFields>[] {
    const rows: RowView<RowFields>[] = []
    for (let more = this.newest(); more; more = this.older()) rows.push({ ...this.row })
    return rows.reverse()
  }

  clear(): void {
    if (!this.#options.isWritable) this.stage.refuse()
    if (this.#rows > 0) this.stage.replace(this.block, this.pooledBytes)
    this.#write(0, 0)
    const { page, word } = this.root
    page.f64[(word + this.header + 2) >>> 1] = 0
  }

  /** Frees the block of a state that goes. */
  release(): void {
    if (this.#rows > 0) this.arena.free(this.block, this.pooledBytes)
  }

  get pooledBytes(): number {
    return bytesFor(this.#words)
  }

  /** What the header says of the rows that are seen: as stores keep it. */
  get kept(): number {
    return this.length | ((this.#words - this.#start()) << 16)
  }

  /** Hands over the words of the rows that are seen. */
  eachRun(take: (page: Page, word: number, words: number) => void): void {
    if (this.#rows === 0) return
    const start = this.#start()
    take(this.arena.page(this.block), this.arena.word(this.block) + start, this.#words - start)
  }

  /** Fills a new block as the header says, from word `at` of `words`; the words it took. */
  load(words: Uint32Array, at: number): number {
    const count = this.#words
    if (count === 0) return 0
    const block = this.arena.allocate(bytesFor(count))
    const { page, word } = this.root
    page.u32[word + this.header] = block
    this.arena.page(block).u32.set(words.subarray(at, at + count), this.arena.word(block))
    return count
  }

  get #rows(): number {
    return this.root.page.u32[this.root.word + this.header + 1]! & 0xffff
  }

  get #words(): number {
    return this.root.page.u32[this.root.word + this.header + 1]! >>> 16
  }

  /** The first word of a row that is seen. */
  #start(): number {
    if (this.#rows <= this.#options.capacity) return 0
    for (let more = this.newest(); more; ) more = this.older()
    return this.#at + 1 - this.arena.word(this.block)
  }

  /** A block with room for `more` words, the first `words` copied. */
  #grow(words: number, more: number): number {
    const next = this.stage.allocate(bytesFor(words + more))
    if (words > 0) {
      this.#copy(0, words, next)
      this.stage.replace(this.block, bytesFor(words))
    }
    return next
  }

  /** Drops what is beyond the capacity. */
  #moveUp(): void {
    const start = this.#start()
    const words = this.#words - start
    const next = this.stage.allocate(bytesFor(words))
    this.#copy(start, words, next)
    this.stage.replace(this.block, this.pooledBytes)
    this.#write(next, this.#options.capacity | (words << 16))
  }

  #copy(from: number, words: number, next: number): void {
    const { arena, block } = this
    const { u32 } = arena.page(block)
    copyWords(u32, arena.word(block) + from, arena.page(next).u32, arena.word(next), words)
  }

  #write(block: number, packed: number): void {
    const { page, word } = this.root
    page.u32[word + this.header] = block
    page.u32[word + this.header + 1] = packed
  }
}
