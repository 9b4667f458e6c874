import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NONE, Random } from '../base/index.ts'
import { type PinTopics, topicEntropies, topicRows } from './board-topics.ts'
import { buildGraph } from './build.ts'
import type { EdgeList } from './edge-source.ts'
import { type PruneOptions, pruneGraph } from './prune.ts'
import { type Edges, edgeList } from './testing.ts'

const PINS = 16
const BOARDS = 12
const TOPICS = 4
const edge = fc.tuple(fc.nat(PINS - 1), fc.nat(BOARDS - 1))
// Of any size up to the largest: by default fast-check makes a handful of edges.
const someEdges = fc.uniqueArray(edge, {
  minLength: 1,
  maxLength: 90,
  size: 'max',
  selector: (e) => e.join(),
})
const someTopics = fc
  .array(fc.nat(TOPICS), { minLength: PINS, maxLength: PINS })
  .map((topics): PinTopics => {
    return { of: Uint32Array.from(topics, (t) => (t === TOPICS ? NONE : t)), count: TOPICS }
  })
const share = fc.double({ min: 0, max: 0.9, noNaN: true })
const delta = fc.double({ min: 0, max: 1, noNaN: true })

const prune = (edges: Edges, topics: PinTopics, options: PruneOptions) =>
  pruneGraph(buildGraph(edgeList(edges, PINS, BOARDS)), topics, options)
const names = ({ pins, boards, edgeCount }: EdgeList) =>
  Array.from({ length: edgeCount }, (_, i) => `${pins[i]}-${boards[i]}`)
const sorted = (edges: Edges) => edges.map((e) => e.join('-')).sort()

/** Topic counts of a board, from the edges alone. */
function counts(edges: Edges, topics: PinTopics, board: number): number[] {
  const row = new Array<number>(TOPICS).fill(0)
  for (const [pin, b] of edges) {
    const topic = topics.of[pin]!
    if (b === board && topic !== NONE) row[topic]!++
  }
  return row
}

function entropy(row: readonly number[]): number {
  const total = row.reduce((a, b) => a + b, 0)
  const shares = row.filter((n) => n > 0).map((n) => n / total)
  return total === 0 ? -1 : -shares.reduce((sum, p) => sum + p * Math.log(p), 0)
}

/** Equal but for the order of additions counts as equal. */
const steady = (value: number) => Math.round(value * 1e9)

/** The same rules by brute force. */
function byHand(edges: Edges, topics: PinTopics, options: PruneOptions): string[] {
  const boards = [...new Set(edges.map(([, b]) => b))].sort((a, b) => a - b)
  const entropies = new Map(boards.map((b) => [b, steady(entropy(counts(edges, topics, b)))]))
  const order = [...boards].sort((a, b) => entropies.get(b)! - entropies.get(a)! || a - b)
  const removed = new Set(order.slice(0, Math.floor(options.entropyShare * boards.length)))
  const kept: string[] = []
  for (let pin = 0; pin < PINS; pin++) {
    const left = edges.filter(([p, b]) => p === pin && !removed.has(b)).map(([, b]) => b)
    const rows = new Map(left.map((b) => [b, counts(edges, topics, b)]))
    const vector = Array.from({ length: TOPICS }, (_, t) =>
      left.reduce((sum, b) => sum + rows.get(b)![t]!, 0),
    )
    const cosine = (b: number) => {
      const row = rows.get(b)!
      const dot = row.reduce((sum, n, t) => sum + n * vector[t]!, 0)
      return dot === 0 ? 0 : dot / Math.hypot(...row) / Math.hypot(...vector)
    }
    left.sort((a, b) => steady(cosine(b)) - steady(cosine(a)) || a - b)
    for (const b of left.slice(0, Math.ceil(left.length ** options.delta))) kept.push(`${pin}-${b}`)
  }
  return kept.sort()
}

describe('laws', () => {
  test('what is kept is what brute force keeps: a part of the edges', () => {
    fc.assert(
      fc.property(someEdges, someTopics, delta, (edges, topics, d) => {
        for (const entropyShare of [0, 0.25]) {
          const options = { delta: d, entropyShare }
          const kept = names(prune(edges, topics, options).edges).sort()
          expect(kept).toEqual(byHand(edges, topics, options))
          expect(sorted(edges)).toEqual(expect.arrayContaining(kept))
        }
      }),
    )
  })
  test('delta 1 and no board out removes nothing', () => {
    fc.assert(
      fc.property(someEdges, someTopics, (edges, topics) => {
        const whole = prune(edges, topics, { delta: 1, entropyShare: 0 })
        expect(names(whole.edges).sort()).toEqual(sorted(edges))
        expect([whole.boardsRemoved, whole.pinsLost]).toEqual([0, 0])
      }),
    )
  })
  test('a pin keeps an edge unless all its boards went, and those are told', () => {
    fc.assert(
      fc.property(someEdges, someTopics, delta, share, (edges, topics, d, entropyShare) => {
        const pruned = prune(edges, topics, { delta: d, entropyShare })
        const fewest = prune(edges, topics, { delta: 0, entropyShare })
        const pins = (list: EdgeList) => new Set(list.pins)
        expect(pins(pruned.edges)).toEqual(pins(fewest.edges))
        const before = new Set(edges.map(([pin]) => pin)).size
        expect(pruned.pinsLost).toBe(before - pins(pruned.edges).size)
        const boards = new Set(edges.map(([, board]) => board)).size
        expect(pruned.boardsRemoved).toBe(Math.floor(entropyShare * boards))
      }),
    )
  })
  test('a larger delta keeps what a smaller one keeps; more boards out never keep more', () => {
    fc.assert(
      fc.property(
        someEdges,
        someTopics,
        delta,
        delta,
        share,
        share,
        (edges, topics, d, e, s, t) => {
          const [low, high] = [Math.min(d, e), Math.max(d, e)]
          const few = names(prune(edges, topics, { delta: low, entropyShare: s }).edges)
          const many = names(prune(edges, topics, { delta: high, entropyShare: s }).edges)
          expect(many).toEqual(expect.arrayContaining(few))
          const gentle = prune(edges, topics, { delta: d, entropyShare: Math.min(s, t) })
          const harsh = prune(edges, topics, { delta: d, entropyShare: Math.max(s, t) })
          expect(harsh.edges.edgeCount).toBeLessThanOrEqual(gentle.edges.edgeCount)
        },
      ),
    )
  })
  test('neither the order of edges nor repeats matter', () => {
    fc.assert(
      fc.property(someEdges, someTopics, delta, share, fc.nat(), (edges, topics, d, s, seed) => {
        const shuffled = new Random(seed).shuffle([...edges, ...edges])
        const options = { delta: d, entropyShare: s }
        expect(prune(shuffled, topics, options)).toEqual(prune(edges, topics, options))
      }),
    )
  })
})

test('the mixed board goes, and a busy pin keeps the boards of its kind', () => {
  // Pins 0-7 are of topic 0, 8-15 of topic 1. Board 0 mixes them evenly.
  const topics = { of: Uint32Array.from({ length: 16 }, (_, p) => (p < 8 ? 0 : 1)), count: 2 }
  const mixed = [0, 1, 2, 3, 8, 9, 10, 11].map((pin) => [pin, 0] as const)
  const own = [1, 2, 3].flatMap((board) => [0, 1, 2, 4].map((pin) => [pin, board] as const))
  const other = [8, 9, 10].map((pin) => [pin, 4] as const)
  const stray = [[0, 4]] as const
  const edges: Edges = [...mixed, ...own, ...other, ...stray]
  const gone = prune(edges, topics, { delta: 1, entropyShare: 0.2 })
  expect(gone.boardsRemoved).toBe(1)
  expect(names(gone.edges).filter((name) => name.endsWith('-0'))).toEqual([])
  // Pin 0 has five boards; 5^.68 rounds up to three.
  const few = names(prune(edges, topics, { delta: 0.68, entropyShare: 0 }).edges)
  expect(few.filter((name) => name.startsWith('0-')).sort()).toEqual(['0-1', '0-2', '0-3'])
})

test('entropy of a board by hand; unknown topics do not count', () => {
  const of = Uint32Array.of(0, 0, 1, 2, NONE, NONE)
  const edges: Edges = [0, 1, 2, 3, 4].map((pin) => [pin, 0] as const)
  const graph = buildGraph(edgeList([...edges, [5, 1], [0, 2]], 6, 3))
  const entropies = topicEntropies(topicRows(graph, { of, count: 3 }))
  const at = (board: number) => entropies[graph.nodeOfBoard[board]!]!
  expect(at(0)).toBeCloseTo(0.5 * Math.log(2) + 2 * 0.25 * Math.log(4), 12)
  expect(at(1)).toBeNaN()
  expect(at(2)).toBe(0)
})

test.each([
  { delta: -0.1 },
  { delta: 1.1 },
  { delta: Number.NaN },
  { entropyShare: 1 },
  { entropyShare: -1 },
])('%o is refused', (options) => {
  const topics = { of: new Uint32Array(PINS), count: 1 }
  const graph = buildGraph(edgeList([[0, 0]], PINS, BOARDS))
  expect(() => pruneGraph(graph, topics, options)).toThrow(
    expect.objectContaining({ code: 'GRAPH_OPTIONS' }),
  )
})
