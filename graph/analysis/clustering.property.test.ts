import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { buildGraph } from '../build.ts'
import { type Edges, edgeList, randomEdges } from '../testing.ts'
import { bipartiteClustering, countFourCycles, countThreePaths } from './clustering.ts'
import { shuffleEdges } from './shuffle.ts'

const PINS = 9
const BOARDS = 7
const edge = fc.tuple(fc.nat(PINS - 1), fc.nat(BOARDS - 1))
// Of any size up to the largest: by default fast-check makes a handful of edges.
const someEdges = fc.uniqueArray(edge, {
  minLength: 1,
  maxLength: 50,
  size: 'max',
  selector: (e) => e.join(),
})

/** Every path pin u - board b - pin p - board c, and whether u stands on c too. */
function enumerate(edges: Edges) {
  const has = new Set(edges.map((e) => e.join()))
  const joined = (pin: number, board: number) => has.has([pin, board].join())
  let paths = 0
  let closed = 0
  let cycles = 0
  for (let u = 0; u < PINS; u++) {
    for (let p = 0; p < PINS; p++) {
      for (let b = 0; b < BOARDS; b++) {
        for (let c = 0; c < BOARDS; c++) {
          if (u === p || b === c || !joined(u, b) || !joined(p, b) || !joined(p, c)) continue
          paths++
          if (!joined(u, c)) continue
          closed++
          // A cycle is two pins and two boards, whichever comes first.
          if (u < p && b < c) cycles++
        }
      }
    }
  }
  return { paths, closed, cycles }
}

describe('counting', () => {
  test('cycles of four and paths of three are those that enumeration finds', () => {
    fc.assert(
      fc.property(someEdges, (edges) => {
        const { paths, closed, cycles } = enumerate(edges)
        const graph = buildGraph(edgeList(edges, PINS, BOARDS))
        expect(countThreePaths(graph)).toBe(paths)
        expect(countFourCycles(graph)).toBe(cycles)
        expect(closed).toBe(4 * cycles)
        const turned = edges.map(([pin, board]) => [board, pin] as const)
        expect(countFourCycles(buildGraph(edgeList(turned, BOARDS, PINS)))).toBe(cycles)
        const { clustering, exact } = bipartiteClustering(graph, new Random(1))
        expect(exact).toBe(true)
        expect(clustering).toBeCloseTo(paths === 0 ? 0 : closed / paths, 12)
      }),
    )
  })
  test('samples find the exact share within their error, for every shape of graph', () => {
    for (let seed = 0; seed < 8; seed++) {
      const pins = 10 + seed * 5
      const edges = randomEdges(new Random(seed), 60 + seed * 20, pins, 12)
      const graph = buildGraph(edgeList(edges, pins, 12))
      const exact = bipartiteClustering(graph, new Random(1))
      const sampled = bipartiteClustering(graph, new Random(seed), { workMax: 0, samples: 40_000 })
      expect(sampled).toMatchObject({ exact: false, threePaths: exact.threePaths })
      expect(sampled.standardError).toBeLessThan(0.003)
      // Eight draws: four standard errors are passed once in two thousand such tests.
      const distance = Math.abs(sampled.clustering - exact.clustering)
      expect(distance).toBeLessThan(4 * sampled.standardError)
      // Twice that would be seen.
      expect(exact.clustering).toBeGreaterThan(8 * sampled.standardError)
    }
  })
  test('a path closes nothing, a full graph everything; no path at all is 0, not NaN', () => {
    const of = (edges: Edges) =>
      bipartiteClustering(buildGraph(edgeList(edges)), new Random(1), { workMax: 0, samples: 100 })
    const path: Edges = [
      [0, 0],
      [1, 0],
      [1, 1],
      [2, 1],
    ]
    expect(of(path).clustering).toBe(0)
    expect(of(full(0, 3)).clustering).toBe(1)
    expect(of([[0, 0]]).clustering).toBe(0)
    expect(of([]).clustering).toBe(0)
  })
})

function full(from: number, size: number): Edges {
  const range = Array.from({ length: size }, (_, i) => from + i)
  return range.flatMap((pin) => range.map((board) => [pin, board] as const))
}

describe('the shuffle', () => {
  const degrees = (list: Uint32Array, count: number) => {
    const degree = new Uint32Array(count)
    for (const end of list) degree[end]!++
    return degree
  }
  test('keeps every degree and doubles no edge', () => {
    fc.assert(
      fc.property(someEdges, fc.nat(), (edges, seed) => {
        const before = edgeList(edges, PINS, BOARDS)
        const after = shuffleEdges(buildGraph(before), new Random(seed))
        expect(degrees(after.pins, PINS)).toEqual(degrees(before.pins, PINS))
        expect(degrees(after.boards, BOARDS)).toEqual(degrees(before.boards, BOARDS))
        expect(buildGraph(after).edgeCount).toBe(edges.length)
      }),
    )
  })
  test('leaves nothing of two blocks but their degrees', () => {
    const blocks = buildGraph(edgeList([...full(0, 8), ...full(8, 8)]))
    const clustering = (graph: typeof blocks) =>
      bipartiteClustering(graph, new Random(1)).clustering
    expect(clustering(blocks)).toBe(1)
    // Half of all pairs are joined: some half of the paths close by chance.
    const shuffled = buildGraph(shuffleEdges(blocks, new Random(3)))
    expect(clustering(shuffled)).toBeGreaterThan(0.3)
    expect(clustering(shuffled)).toBeLessThan(0.7)
  })
  test('gives each graph of the same degrees its chance', () => {
    // Three pins on one board each, three boards of one pin: six graphs. 3,000 draws are 500 each,
    // give or take 20; 100 are five standard deviations.
    const graph = buildGraph(edgeList([0, 1, 2].map((n) => [n, n] as const)))
    const seen = new Map<string, number>()
    for (let seed = 0; seed < 3000; seed++) {
      const { pins, boards } = shuffleEdges(graph, new Random(seed))
      const name = [0, 1, 2].map((pin) => boards[pins.indexOf(pin)]).join()
      seen.set(name, (seen.get(name) ?? 0) + 1)
    }
    expect(seen.size).toBe(6)
    for (const times of seen.values()) expect(Math.abs(times - 500)).toBeLessThan(100)
  })
})
