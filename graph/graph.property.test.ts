import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NONE, Random } from '../base/index.ts'
import { buildGraph } from './build.ts'
import type { GraphView } from './graph-view.ts'
import { landingShares } from './landing-shares.ts'
import { GONE } from './side.ts'
import { graphFromBytes, graphToBytes } from './snapshot.ts'
import {
  changedView,
  distinctEdges,
  type Edges,
  edgeList,
  edgesLeft,
  randomEdges,
  viewOf,
  visibleEdges,
} from './testing.ts'
import { TopK } from './top-k.ts'

const PINS = 24
const BOARDS = 12
const someEdges = distinctEdges(PINS, BOARDS, { minLength: 20, maxLength: 120 })

describe('a snapshot', () => {
  const refused = expect.objectContaining({ code: expect.stringMatching(/^SNAPSHOT_/) })
  test('with any one byte changed is refused, wherever it is', () => {
    const edges = randomEdges(new Random(4), 60, PINS, BOARDS)
    const bytes = graphToBytes(buildGraph(edgeList(edges, PINS, BOARDS)))
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        bytes[at]! ^= flip
        expect(() => graphFromBytes(bytes, 'it'), `byte ${at}`).toThrow(refused)
        bytes[at]! ^= flip
      }
    }
    expect(graphFromBytes(bytes, 'it').edgeCount).toBe(edges.length)
  })
})

describe('the frozen graph', () => {
  test('does not depend on the order of its edges, nor on repeats', () => {
    fc.assert(
      fc.property(someEdges, fc.nat(), (edges, seed) => {
        const shuffled = new Random(seed).shuffle([...edges])
        const a = graphToBytes(buildGraph(edgeList(edges, PINS, BOARDS)))
        const b = graphToBytes(buildGraph(edgeList(shuffled, PINS, BOARDS)))
        expect(b).toEqual(a)
        expect(buildGraph(edgeList([...edges, ...edges], PINS, BOARDS)).edgeCount).toBe(
          edges.length,
        )
      }),
    )
  })

  test('holds every edge once in each direction', () => {
    fc.assert(
      fc.property(someEdges, (edges) => {
        const view = viewOf(edges, PINS, BOARDS)
        expect(visibleEdges(view, PINS)).toEqual(edges.map((e) => e.join('-')).sort())
        const back: string[] = []
        for (let b = 0; b < BOARDS; b++) {
          for (let r = 0; r < view.boardDegree(b); r++) back.push(`${view.pinOfBoard(b, r)}-${b}`)
        }
        expect(back.sort()).toEqual(visibleEdges(view, PINS))
      }),
    )
  })

  test('planted: another edge is seen', () => {
    const edges = randomEdges(new Random(9), 80, PINS, BOARDS)
    const moved = edges.map(([pin, board], i) =>
      i === 7 ? [pin, (board + 1) % BOARDS] : [pin, board],
    )
    const bytes = (list: Edges) => graphToBytes(buildGraph(edgeList(list, PINS, BOARDS)))
    expect(bytes(moved as unknown as Edges)).not.toEqual(bytes(edges))
  })

  test('load(save(g)) = g, and any flipped byte or cut is refused', () => {
    fc.assert(
      fc.property(someEdges, fc.nat(), fc.integer({ min: 1, max: 255 }), (edges, at, flip) => {
        const bytes = graphToBytes(buildGraph(edgeList(edges, PINS, BOARDS)))
        expect(graphToBytes(graphFromBytes(bytes, 'x'))).toEqual(bytes)
        const bad = Uint8Array.from(bytes)
        bad[at % bytes.length]! ^= flip
        expect(() => graphFromBytes(bad, 'the snapshot')).toThrow(/the snapshot/)
        expect(() => graphFromBytes(bytes.subarray(0, at % bytes.length), 'x')).toThrow(/damaged/)
      }),
      { numRuns: 300 },
    )
  })
})

/** Where a view differs from the graph rebuilt from the edges it should show. */
function differences(view: GraphView, kept: Edges): string[] {
  const rebuilt = viewOf(kept, PINS, BOARDS)
  const found: string[] = []
  if (visibleEdges(view, PINS).join() !== visibleEdges(rebuilt, PINS).join()) found.push('pins')
  if (edgesOfBoards(view).join() !== visibleEdges(rebuilt, PINS).join()) found.push('boards')
  for (let pin = 0; pin < PINS; pin += 5) {
    const seeds = [{ pin, weight: 1 }]
    const a = landingShares(view, seeds)
    const b = landingShares(rebuilt, seeds)
    if (a.some((share, i) => Math.abs(share - b[i]!) > 1e-9)) found.push(`PageRank from ${pin}`)
  }
  return found
}

function edgesOfBoards(view: GraphView): string[] {
  const edges: string[] = []
  for (let board = 0; board < BOARDS; board++) {
    for (let rank = 0; rank < view.boardRanks(board); rank++) {
      const pin = view.pinOfBoard(board, rank)
      if (pin !== NONE) edges.push(`${pin}-${board}`)
    }
  }
  return edges.sort()
}

describe('the delta', () => {
  const changes = fc.record({
    frozen: distinctEdges(PINS, BOARDS, { minLength: 10, maxLength: 100 }),
    fresh: distinctEdges(PINS, BOARDS, { minLength: 0, maxLength: 60 }),
    removed: distinctEdges(PINS, BOARDS, { minLength: 0, maxLength: 150 }),
  })

  test('over a graph is the rebuilt graph: edges both ways and exact PageRank', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const view = changedView(given, PINS, BOARDS)
        expect(differences(view, edgesLeft(given))).toEqual([])
        // Some removals are taken back, and edges never seen before are added.
        const back = given.removed.filter((_, i) => i % 3 === 0)
        for (const [pin, board] of back) view.delta.add(pin, board)
        const all = new Map([...edgesLeft(given), ...back].map((edge) => [edge.join(), edge]))
        expect(differences(view, [...all.values()])).toEqual([])
      }),
    )
  })

  test('planted: an edge removed, or added, one way only is seen', () => {
    const edges = randomEdges(new Random(3), 60, PINS, BOARDS)
    const [[pin, board]] = edges as [Edges[number]]
    const half = viewOf(edges, PINS, BOARDS)
    const { boardOffset, nodeOfBoard, boardPins, nodeOfPin } = half.frozen
    const row = boardOffset[nodeOfBoard[board]!]!
    boardPins[boardPins.indexOf(nodeOfPin[pin]!, row)]! |= GONE
    half.delta.boards.gone[nodeOfBoard[board]!]!++
    expect(differences(half, edges)).toContain('boards')
    expect(differences(half, edges.slice(1))).toContain('pins')
    const more = viewOf(edges.slice(1), PINS, BOARDS)
    more.delta.add(pin, board)
    more.delta.pins.records[2 * more.delta.pins.nodeOf[pin]! + 1]!--
    expect(differences(more, edges)).not.toEqual([])
  })
})

test('TopK gives the k best, ties by smaller key', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 60 }), fc.nat(20), (scores, k) => {
      const heap = new TopK(k)
      for (const [key, score] of scores.entries()) heap.offer(key, score, 100 + key)
      const expected = [...scores.keys()]
        .sort((a, b) => scores[b]! - scores[a]! || a - b)
        .slice(0, k)
      const { keys, notes } = heap.sorted()
      expect([...keys]).toEqual(expected)
      expect([...notes]).toEqual(expected.map((key) => 100 + key))
    }),
  )
})

test('random edges are distinct', () => {
  const edges = randomEdges(new Random(1), 500, PINS, BOARDS)
  expect(new Set(edges.map((e) => e.join())).size).toBe(edges.length)
})
