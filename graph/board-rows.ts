/**
 * Edges by outside ids in one canonical order: boards by id, each board's pins by id, no edge
 * twice. Two sources with the same edges give the same rows, whatever their dense numbers, so rows
 * can be compared, digested and sent in an order that a later run can take up again.
 *
 * Ids are ordered by code point, as their UTF-8 is and as Neo4j's indexes are; the order of
 * JavaScript's `<` differs beyond U+FFFF. Two counting sorts: O(edges + ids log ids).
 */
import { hash32 } from '../base/index.ts'
import type { IdReader, NamedEdges } from './named-edges.ts'

export type BoardRows = {
  /** Ids of boards that hold a pin, ascending. */
  readonly boards: readonly string[]
  /** Ids of pins on a board, ascending. */
  readonly pins: readonly string[]
  /** Row r is edges offsets[r] .. offsets[r + 1]. */
  readonly offsets: Uint32Array
  /** The pin of edge i, a place in `pins`; ascending within a row. */
  readonly pinOf: Uint32Array
}

/** An edge by its ids. */
export type Edge = { readonly board: string; readonly pin: string }

export function boardRows({ edges, pins, boards }: NamedEdges): BoardRows {
  const count = edges.edgeCount
  const pinRank = ranks(edges.pins, count, pins)
  const boardRank = ranks(edges.boards, count, boards)
  // By pin, then by board: the second sort is stable, so rows ascend.
  const byPin = new Uint32Array(count)
  const next = starts(edges.pins, count, pinRank)
  for (let i = 0; i < count; i++) byPin[next[pinRank.of[edges.pins[i]!]!]!++] = i
  const offsets = starts(edges.boards, count, boardRank)
  const pinOf = new Uint32Array(count)
  const end = offsets.slice()
  for (const i of byPin) {
    pinOf[end[boardRank.of[edges.boards[i]!]!]!++] = pinRank.of[edges.pins[i]!]!
  }
  return { boards: boardRank.ids, pins: pinRank.ids, ...distinct(offsets, pinOf) }
}

/** Edges from (with) to (without), in order. */
export function edgesOf(rows: BoardRows, from: number, to: number): Edge[] {
  const { boards, pins, offsets, pinOf } = rows
  const edges: Edge[] = []
  let row = rowOf(offsets, from)
  for (let i = from; i < to; i++) {
    while (offsets[row + 1]! <= i) row++
    edges.push({ board: boards[row]!, pin: pins[pinOf[i]!]! })
  }
  return edges
}

/** How many edges there are up to and with `edge`. */
export function edgesUpTo({ boards, pins, offsets, pinOf }: BoardRows, edge: Edge): number {
  const after = boards.findIndex((id) => compareIds(id, edge.board) > 0)
  const rows = after < 0 ? boards.length : after
  let count = offsets[rows]!
  const start = boards[rows - 1] === edge.board ? offsets[rows - 1]! : count
  while (count > start && compareIds(pins[pinOf[count - 1]!]!, edge.pin) > 0) count--
  return count
}

/** The order of edges in rows. */
export function compareEdges(a: Edge, b: Edge): number {
  return compareIds(a.board, b.board) || compareIds(a.pin, b.pin)
}

/** The last row that begins at or before an edge. */
function rowOf(offsets: Uint32Array, edge: number): number {
  let low = 0
  let high = Math.max(0, offsets.length - 2)
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (offsets[middle]! <= edge) low = middle
    else high = middle - 1
  }
  return low
}

/**
 * A digest of the edges that does not depend on their order: the sum of a 64-bit hash of each, and
 * their number. Not cryptographic.
 */
export function edgeDigest({ boards, pins, offsets, pinOf }: BoardRows): string {
  const pinA = Uint32Array.from(pins, (id) => hash32(id, 1))
  const pinB = Uint32Array.from(pins, (id) => hash32(id, 2))
  let a = 0
  let b = 0
  for (const [row, board] of boards.entries()) {
    const boardA = hash32(board, 3)
    const boardB = hash32(board, 4)
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      const pin = pinOf[i]!
      a = (a + mix(boardA, pinA[pin]!, pinB[pin]!)) >>> 0
      b = (b + mix(boardB, pinB[pin]!, pinA[pin]!)) >>> 0
    }
  }
  const hex = (n: number) => n.toString(16).padStart(8, '0')
  return `${hex(a)}${hex(b)}-${pinOf.length}`
}

function mix(board: number, pin: number, other: number): number {
  let h = Math.imul(board + Math.imul(pin, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15) ^ other, 0xc2b2ae35)
  return h ^ (h >>> 13)
}

/** The order of ids by code point. */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codePointOrder(x) - codePointOrder(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others. */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Rank by dense number, of the ids that have an edge; the ids in order of rank. */
type Ranks = { readonly of: Uint32Array; readonly ids: readonly string[] }

function ranks(ends: Uint32Array, count: number, names: IdReader): Ranks {
  const used = new Uint8Array(names.size)
  for (let i = 0; i < count; i++) used[ends[i]!] = 1
  const named: { readonly id: string; readonly index: number }[] = []
  used.forEach((use, index) => {
    if (use === 1) named.push({ id: names.id(index), index })
  })
  named.sort((x, y) => compareIds(x.id, y.id))
  const of = new Uint32Array(names.size)
  for (const [rank, { index }] of named.entries()) of[index] = rank
  return { of, ids: named.map(({ id }) => id) }
}

function starts(ends: Uint32Array, count: number, rank: Ranks): Uint32Array {
  const offsets = new Uint32Array(rank.ids.length + 1)
  for (let i = 0; i < count; i++) offsets[rank.of[ends[i]!]! + 1]!++
  for (let r = 0; r < rank.ids.length; r++) offsets[r + 1]! += offsets[r]!
  return offsets
}

/** The same rows without repeated edges. */
function distinct(from: Uint32Array, list: Uint32Array): Pick<BoardRows, 'offsets' | 'pinOf'> {
  const offsets = new Uint32Array(from.length)
  let kept = 0
  for (let row = 0; row + 1 < from.length; row++) {
    for (let i = from[row]!; i < from[row + 1]!; i++) {
      if (i === from[row] || list[i] !== list[i - 1]) list[kept++] = list[i]!
    }
    offsets[row + 1] = kept
  }
  return { offsets, pinOf: list.subarray(0, kept) }
}
