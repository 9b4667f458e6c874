import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  boardRows,
  compareEdges,
  compareIds,
  type Edge,
  edgeDigest,
  edgesOf,
  edgesUpTo,
} from './board-rows.ts'
import { generatedEdges } from './generated-edges.ts'
import type { NamedEdges } from './named-edges.ts'

/** Beyond U+FFFF the order of code units is not that of code points. */
const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'é', '￿', '😀', '"') }),
  fc.string({ minLength: 1, maxLength: 6, unit: 'binary' }).filter((s) => s.isWellFormed()),
)
const edge = fc.record({ board: id, pin: id })
const list = fc.array(edge, { minLength: 1, maxLength: 40 })

function named(edges: readonly Edge[]): NamedEdges {
  const pins = [...new Set(edges.map(({ pin }) => pin))]
  const boards = [...new Set(edges.map(({ board }) => board))]
  const reader = (ids: readonly string[]) => ({ size: ids.length, id: (n: number) => ids[n]! })
  return {
    edges: {
      pins: Uint32Array.from(edges, ({ pin }) => pins.indexOf(pin)),
      boards: Uint32Array.from(edges, ({ board }) => boards.indexOf(board)),
      edgeCount: edges.length,
      pinCount: pins.length,
      boardCount: boards.length,
    },
    pins: reader(pins),
    boards: reader(boards),
  }
}
const key = ({ board, pin }: Edge) => JSON.stringify([board, pin])
const all = (edges: readonly Edge[]) => {
  const rows = boardRows(named(edges))
  return edgesOf(rows, 0, rows.pinOf.length)
}

test('ids are ordered as their UTF-8 is', () => {
  fc.assert(
    fc.property(id, id, (a, b) => {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b))
      expect(Math.sign(compareIds(a, b))).toBe(expected)
    }),
  )
})

test('rows hold each edge once, in one order, whatever order and numbers they came in', () => {
  fc.assert(
    fc.property(list, fc.nat(), (edges, seed) => {
      const rows = all(edges)
      expect(new Set(rows.map(key))).toEqual(new Set(edges.map(key)))
      for (let i = 1; i < rows.length; i++) {
        expect(compareEdges(rows[i - 1]!, rows[i]!)).toBeLessThan(0)
      }
      const turned = [...edges.slice(seed % edges.length), ...edges.slice(0, seed % edges.length)]
      expect(all([...turned, ...turned.slice(0, 3)])).toEqual(rows)
    }),
  )
})

test('the place of an edge is found again', () => {
  fc.assert(
    fc.property(list, fc.nat(), (edges, at) => {
      const rows = boardRows(named(edges))
      const i = at % rows.pinOf.length
      expect(edgesUpTo(rows, edgesOf(rows, i, i + 1)[0]!)).toBe(i + 1)
    }),
  )
})

test('the digest is that of the set: order and repetition do not matter, any edge does', () => {
  const digest = (edges: readonly Edge[]) => edgeDigest(boardRows(named(edges)))
  fc.assert(
    fc.property(list, edge, (edges, other) => {
      expect(digest([...edges].reverse().concat(edges))).toBe(digest(edges))
      const isNew = !edges.some((e) => key(e) === key(other))
      if (isNew) expect(digest([...edges, other])).not.toBe(digest(edges))
      const turned = edges.map(({ board, pin }) => ({ board: pin, pin: board }))
      const same = new Set([...edges, ...turned].map(key)).size === new Set(edges.map(key)).size
      if (!same) expect(digest(turned)).not.toBe(digest(edges))
    }),
  )
})

test('a generated graph is the same for a seed, has every edge once, and popular pins', () => {
  const rows = boardRows(generatedEdges({ edges: 20_000, seed: 7 }))
  expect(rows.pinOf.length).toBe(20_000)
  expect(edgeDigest(rows)).toBe(edgeDigest(boardRows(generatedEdges({ edges: 20_000, seed: 7 }))))
  const degrees = new Uint32Array(rows.pins.length)
  for (const pin of rows.pinOf) degrees[pin]!++
  degrees.sort().reverse()
  const top = degrees.slice(0, rows.pins.length / 10).reduce((sum, degree) => sum + degree, 0)
  expect(top / 20_000).toBeGreaterThan(0.35)
})
