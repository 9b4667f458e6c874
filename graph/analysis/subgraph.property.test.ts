import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildGraph } from '../build.ts'
import { type Edges, edgeList } from '../testing.ts'
import { pathBetween } from './paths.ts'
import { egoNetwork, type Subgraph } from './subgraph.ts'

const PINS = 14
const BOARDS = 10
const edge = fc.tuple(fc.nat(PINS - 1), fc.nat(BOARDS - 1))
// Of any size up to the largest: by default fast-check makes a handful of edges.
const someEdges = fc.uniqueArray(edge, {
  minLength: 1,
  maxLength: 50,
  size: 'max',
  selector: (e) => e.join(),
})
const graphOf = (edges: Edges) => buildGraph(edgeList(edges, PINS, BOARDS))

/** Hops from a pin to everything it reaches, by plain search over the edges. */
function hopsFrom(edges: Edges, pin: number): Map<string, number> {
  const hops = new Map([[`pin ${pin}`, 0]])
  for (let hop = 1, before = 0; hops.size > before; hop++) {
    before = hops.size
    for (const [p, b] of edges) {
      for (const [from, to] of [
        [`pin ${p}`, `board ${b}`],
        [`board ${b}`, `pin ${p}`],
      ] as const) {
        if (hops.get(from) === hop - 1 && !hops.has(to)) hops.set(to, hop)
      }
    }
  }
  return hops
}
const named = ({ kind, number }: { kind: string; number: number }) => `${kind} ${number}`
const edgeNames = ({ nodes, edges }: Subgraph) =>
  edges
    .map(([a, b]) =>
      [nodes[a]!, nodes[b]!]
        .map(named)
        .sort((x, y) => (x < y ? 1 : -1))
        .join(' - '),
    )
    .sort()
const degreeOf = (edges: Edges, name: string) =>
  edges.filter(([p, b]) => name === `pin ${p}` || name === `board ${b}`).length

describe('an ego network', () => {
  test('without limits is what a search finds within the radius, with all edges between', () => {
    fc.assert(
      fc.property(someEdges, fc.integer({ min: 1, max: 5 }), (edges, radius) => {
        const centre = edges[0]![0]
        const ego = egoNetwork(graphOf(edges), centre, { radius })
        const near = [...hopsFrom(edges, centre)].filter(([, hop]) => hop <= radius)
        expect(new Map(ego.nodes.map((node) => [named(node), node.hop]))).toEqual(new Map(near))
        for (const node of ego.nodes) expect(node.degree).toBe(degreeOf(edges, named(node)))
        const inside = new Set(near.map(([name]) => name))
        const between = edges
          .map(([p, b]) => [`pin ${p}`, `board ${b}`] as const)
          .filter((ends) => ends.every((end) => inside.has(end)))
          .map((ends) => ends.join(' - '))
        expect(edgeNames(ego)).toEqual(between.sort())
        expect(ego.truncated).toBe(false)
      }),
    )
  })
  test('with limits is connected, popular first, within them, and says that it was cut', () => {
    const limit = fc.integer({ min: 1, max: 20 })
    fc.assert(
      fc.property(someEdges, limit, limit, (edges, nodesMax, edgesMax) => {
        const graph = graphOf(edges)
        const centre = edges[0]![0]
        const all = egoNetwork(graph, centre, { radius: 3 })
        const ego = egoNetwork(graph, centre, { radius: 3, nodesMax, edgesMax })
        expect(ego.nodes.length).toBeLessThanOrEqual(nodesMax)
        expect(ego.edges.length).toBeLessThanOrEqual(edgesMax)
        expect(ego.nodes[0]).toMatchObject({ kind: 'pin', number: centre, hop: 0 })
        const whole = ego.nodes.length === all.nodes.length && ego.edges.length === all.edges.length
        expect(ego.truncated).toBe(!whole)
        const reached = new Set([0])
        for (const _ of ego.nodes) {
          for (const [a, b] of ego.edges)
            if (reached.has(a) || reached.has(b)) reached.add(a).add(b)
        }
        expect(reached.size).toBe(ego.nodes.length)
        expect(all.nodes.map(named)).toEqual(expect.arrayContaining(ego.nodes.map(named)))
        const first = all.nodes.filter(({ hop }) => hop === 1)
        const kept = ego.nodes.filter(({ hop }) => hop === 1)
        const popular = first.map(({ degree }) => degree).sort((a, b) => b - a)
        expect(kept.map(({ degree }) => degree)).toEqual(popular.slice(0, kept.length))
      }),
    )
  })
  test('a reading that ends early is a cut', () => {
    const graph = graphOf([0, 1, 2, 3].map((board) => [0, board] as const))
    expect(egoNetwork(graph, 0, { readsMax: 2 })).toMatchObject({ truncated: true })
    expect(egoNetwork(graph, 0, { readsMax: 2 }).nodes).toHaveLength(3)
  })
  test('unknown pins and wrong options are refused', () => {
    const graph = graphOf([[0, 0]])
    const code = (name: string) => expect.objectContaining({ code: name })
    expect(() => egoNetwork(graph, 5)).toThrow(code('PIN_UNKNOWN'))
    expect(() => egoNetwork(graph, 500)).toThrow(code('PIN_UNKNOWN'))
    for (const options of [{ radius: 0 }, { radius: 7 }, { nodesMax: 0 }, { edgesMax: 0.5 }]) {
      expect(() => egoNetwork(graph, 0, options)).toThrow(code('GRAPH_OPTIONS'))
    }
  })
})

describe('a path', () => {
  test('is as short as a search finds, runs over edges, and its part holds all the others', () => {
    fc.assert(
      fc.property(someEdges, fc.nat(), (edges, pick) => {
        const from = edges[0]![0]
        const to = edges[pick % edges.length]![0]
        const hops = hopsFrom(edges, from)
        const back = hopsFrom(edges, to)
        const { path, part, gaveUp } = pathBetween(graphOf(edges), from, to)
        expect(gaveUp).toBe(false)
        const distance = hops.get(`pin ${to}`)
        if (distance === undefined) {
          expect([path, part.nodes]).toEqual([[], []])
          return
        }
        const names = path.map(named)
        expect(names).toHaveLength(distance + 1)
        expect([names[0], names.at(-1)]).toEqual([`pin ${from}`, `pin ${to}`])
        for (let i = 1; i < path.length; i++) {
          const [pin, board] = i % 2 === 1 ? [path[i - 1]!, path[i]!] : [path[i]!, path[i - 1]!]
          expect(edges.some(([p, b]) => p === pin.number && b === board.number)).toBe(true)
        }
        const onAny = [...hops].filter(([name, hop]) => hop + (back.get(name) ?? 99) === distance)
        expect(new Map(part.nodes.map((node) => [named(node), node.hop]))).toEqual(new Map(onAny))
        expect(new Set(edgeNames(part)).size).toBe(part.edges.length)
      }),
    )
  })
  test('stays whole when its part is cut, and a search may give up', () => {
    // Ten boards join pins 0 and 1: all of them are shortest paths.
    const edges: Edges = Array.from({ length: 10 }, (_, b) =>
      [0, 1].map((p) => [p, b] as const),
    ).flat()
    const cut = pathBetween(graphOf(edges), 0, 1, { nodesMax: 4 })
    expect(cut.path).toHaveLength(3)
    expect(cut.part.nodes).toHaveLength(4)
    expect(cut.part.truncated).toBe(true)
    expect(pathBetween(graphOf(edges), 0, 1, { nodesMax: 2 }).part.nodes).toHaveLength(3)
    const far: Edges = [0, 1, 2, 3, 4].flatMap((n) => [[n, n] as const, [n + 1, n] as const])
    expect(pathBetween(graphOf(far), 0, 5, { visitsMax: 3 })).toMatchObject({
      path: [],
      gaveUp: true,
    })
    expect(pathBetween(graphOf(far), 0, 5).path).toHaveLength(11)
    expect(() => pathBetween(graphOf(far), 0, 5, { visitsMax: 1 })).toThrow('visitsMax')
  })
})
