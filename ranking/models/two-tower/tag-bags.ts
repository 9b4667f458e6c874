/**
 * Tags by hash: a bag of a pin is a few rows of a table of embeddings, so that a tag that no fit
 * has seen has a row, too, and no dictionary is kept.
 *
 * Law: a bag depends on the pin's tags alone. Memory: 4 · slots + 1 bytes a pin.
 */
import { assert, hash32 } from '../../../base/index.ts'

/** What is known of each pin, by its number; undefined or empty where nothing is. */
export type PinTags = readonly (readonly string[] | undefined)[]

export type BagShape = {
  /** Tags of a pin that count. */
  readonly slots: number
  /** Of the table; row 0 is the pins' of whom nothing is known. */
  readonly tagRows: number
}

export type TagBags = {
  readonly shape: BagShape
  /** [pins, slots]; the places behind a bag repeat its first row. */
  readonly rows: Uint32Array
  /** Rows of each bag, from 1. */
  readonly sizes: Uint8Array
  /** Pins of whom nothing is known. */
  readonly untagged: number
  /** Tags that found no slot. */
  readonly cut: number
}

/** Of pins without tags. */
export const UNTAGGED_ROW = 0

/**
 * Rows of the first `slots` distinct tags in the order given; the row for untagged pins where
 * there is none. Tags that share a row by their hash count once.
 */
export function bagOf(tags: readonly string[] | undefined, shape: BagShape): readonly number[] {
  const rows = distinctRows(tags, shape)
  return rows.length === 0 ? [UNTAGGED_ROW] : rows.slice(0, shape.slots)
}

function distinctRows(tags: readonly string[] | undefined, { tagRows }: BagShape): number[] {
  const rows = new Set<number>()
  for (const tag of tags ?? []) {
    if (tag !== '') rows.add(1 + (hash32(tag) % (tagRows - 1)))
  }
  return [...rows]
}

/** With no more slots than the longest bag has need of. */
export function tagBags(tags: PinTags, pins: number, most: BagShape): TagBags {
  const { tagRows } = most
  assert(
    most.slots > 0 && most.slots < 256 && tagRows > 1,
    'a bag has slots, and a table to look in',
  )
  const lists = Array.from({ length: pins }, (_, pin) => distinctRows(tags[pin], most))
  const longest = lists.reduce((length, list) => Math.max(length, list.length), 1)
  const slots = Math.min(most.slots, longest)
  const rows = new Uint32Array(pins * slots)
  const sizes = new Uint8Array(pins)
  lists.forEach((list, pin) => {
    const bag = list.length === 0 ? [UNTAGGED_ROW] : list.slice(0, slots)
    sizes[pin] = bag.length
    rows.fill(bag[0]!, pin * slots, (pin + 1) * slots)
    rows.set(bag, pin * slots)
  })
  const untagged = lists.filter(({ length }) => length === 0).length
  const cut = lists.reduce((sum, { length }) => sum + Math.max(0, length - slots), 0)
  return { shape: { slots, tagRows }, rows, sizes, untagged, cut }
}

/**
 * Rows so that few of the tags share one, a power of two: 32 times as many as there are tags, where
 * that is a table of 2^18 at most, and eight times as many at least.
 */
export function tagRowsFor(tags: PinTags): number {
  const known = new Set<string>()
  for (const list of tags) for (const tag of list ?? []) known.add(tag)
  const powerOf = (times: number) => 2 ** Math.ceil(Math.log2(times * (known.size + 1)))
  return Math.max(powerOf(8), Math.min(powerOf(32), 2 ** 18))
}
