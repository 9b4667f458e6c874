/**
 * Where the fields of a declared state lie in its row.
 *
 * A row begins with a header of 16 bytes that is its owner's (a shard's). Then come the fields that
 * a turn may change freely, because the stage keeps an image of them: scalars, short vectors, and
 * for each pooled field (ring, table, text) 8 bytes: u32 address of its block, u16 rows, u16 where
 * the oldest stands (a text: u32 bytes); for an optional row its address alone, for a trail 16.
 * Last come long vectors. Rows are as long as makes them share as few cache lines as they can.
 */
import { assert } from '../assert.ts'
import { blockBytesMax } from './arena.ts'
import type { Field, RowFields, ScalarType, StateFields } from './fields.ts'
import { rowWordsMax, SLACK, trailRow } from './trail.ts'

export const sizes: Readonly<Record<ScalarType, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  f64: 8,
  ref: 4,
}
export const ROW_HEADER_WORDS = 4
/** A vector up to this long is part of the image. */
const SHORT_VECTOR_BYTES = 32
const POOLED_BYTES = 8
const TRAIL_BYTES = 16

export type Placed = { readonly name: string; readonly at: number }
/** Byte offsets of fields, and the length of the whole, a multiple of 4 (8 with an f64 inside). */
export type RowLayout = { readonly bytes: number; readonly fields: readonly Placed[] }
export type StateLayout = RowLayout & {
  /** Words [ROW_HEADER_WORDS, imageEnd) are the image. */
  readonly imageEnd: number
}

type Item = { readonly name: string; readonly bytes: number; readonly align: number }

/** Places fields by falling alignment from byte `from` on. */
function place(items: readonly Item[], from: number): { at: Map<string, number>; end: number } {
  const at = new Map<string, number>()
  let end = from
  for (const item of [...items].sort((a, b) => b.align - a.align)) {
    end = Math.ceil(end / item.align) * item.align
    at.set(item.name, end)
    end += item.bytes
  }
  return { at, end }
}

const rowLayouts = new WeakMap<RowFields, RowLayout>()

/** The same for the same declaration: a host of many handles asks often. */
export function rowLayout(row: RowFields): RowLayout {
  const known = rowLayouts.get(row)
  if (known) return known
  const layout = layoutOf(row)
  rowLayouts.set(row, layout)
  return layout
}

function layoutOf(row: RowFields): RowLayout {
  const items = Object.entries(row).map(([name, { type }]) => {
    return { name, bytes: sizes[type], align: sizes[type] }
  })
  const { at, end } = place(items, 0)
  const widest = Math.max(4, ...items.map(({ align }) => align))
  const fields = items.map(({ name }) => ({ name, at: at.get(name)! }))
  return { bytes: Math.ceil(end / widest) * widest, fields }
}

export function stateLayout(fields: StateFields): StateLayout {
  const items = Object.entries(fields).map(([name, field]) => ({ name, ...extent(field) }))
  const isLong = ({ bytes }: Item) => bytes > SHORT_VECTOR_BYTES
  const header = ROW_HEADER_WORDS * 4
  const image = place(
    items.filter((item) => !isLong(item)),
    header,
  )
  const imageEnd = Math.ceil(image.end / 4)
  const rest = place(items.filter(isLong), imageEnd * 4)
  const at = new Map([...image.at, ...rest.at])
  const placed = items.map(({ name }) => ({ name, at: at.get(name)! }))
  const layout = { bytes: rowBytes(rest.end), fields: placed, imageEnd }
  assert(layout.bytes <= blockBytesMax, 'the fixed part of a state fits in a block')
  return layout
}

function extent(field: Field): { readonly bytes: number; readonly align: number } {
  if (field.field === 'scalar') return { bytes: sizes[field.type], align: sizes[field.type] }
  if (field.field === 'vector') {
    return { bytes: sizes[field.of.type] * field.length, align: sizes[field.of.type] }
  }
  if (field.field === 'optional') return { bytes: 4, align: 4 }
  if (field.field === 'trail') {
    const words = (field.capacity + SLACK) * rowWordsMax(trailRow(field.row))
    assert(words * 4 <= blockBytesMax, 'all rows fit in one block')
    return { bytes: TRAIL_BYTES, align: 8 }
  }
  const pooled = { bytes: POOLED_BYTES, align: 4 }
  if (field.field === 'text') {
    assert(field.bytesMax <= blockBytesMax, 'a text fits in a block')
    return pooled
  }
  const { capacity } = field
  assert(capacity <= 0xffff, 'a ring or table has at most 65,535 rows')
  assert(capacity * rowLayout(field.row).bytes <= blockBytesMax, 'all rows fit in one block')
  return pooled
}

/** Up to 64 bytes a power of two, so that no row straddles a line; then multiples of 32. */
function rowBytes(bytes: number): number {
  if (bytes <= 32) return 32
  return bytes <= 64 ? 64 : Math.ceil(bytes / 32) * 32
}
