/**
 * How two pins hang together: the part of the graph that holds all their shortest paths, and one of
 * these. Balls around both pins grow by whole hops, the smaller one first, until they touch
 * (Pohl's bidirectional search, 1971); then only what lies on a shortest path is kept. The path is
 * shortest in the whole graph, not just in the part. O(edges of the visited nodes).
 */
import { UndirectedGraph } from 'graphology'
import { bidirectional } from 'graphology-shortest-path/unweighted.js'
import { pinwheelError } from '../../base/index.ts'
import type { PinBoardGraph } from '../pin-board-graph.ts'
import { describeNode, neighbours, pinNode, type Subgraph, type SubgraphNode } from './subgraph.ts'

export type PathOptions = {
  /** Nodes visited at most before the search gives up. */
  readonly visitsMax: number
  /** Nodes of the part that is given back. */
  readonly nodesMax: number
}
export const pathDefaults: PathOptions = Object.freeze({ visitsMax: 1_000_000, nodesMax: 2_000 })

export type PinPath = {
  /** Pin, board, pin, …; empty where there is no path, or none was found within the bound. */
  readonly path: readonly SubgraphNode[]
  /** All shortest paths together. */
  readonly part: Subgraph
  /** Whether the search gave up; without it an empty path means that there is none. */
  readonly gaveUp: boolean
}

/** PIN_UNKNOWN for a pin without edges. */
export function pathBetween(
  graph: PinBoardGraph,
  from: number,
  to: number,
  given: Partial<PathOptions> = {},
): PinPath {
  const { visitsMax, nodesMax } = { ...pathDefaults, ...given }
  if (!(visitsMax >= 2 && nodesMax >= 2)) {
    const option = visitsMax >= 2 ? 'nodesMax' : 'visitsMax'
    const value = visitsMax >= 2 ? nodesMax : visitsMax
    throw pinwheelError('GRAPH_OPTIONS', { option, value, expected: '2 or more' })
  }
  const a = new Ball(graph, pinNode(graph, from))
  const b = new Ball(graph, pinNode(graph, to))
  let hops = 0
  let meeting = a.meets(b)
  while (meeting.length === 0) {
    const smaller = a.edge.length <= b.edge.length ? a : b
    if (smaller.edge.length === 0) return { path: [], part: nothing, gaveUp: false }
    const room = visitsMax - a.size - b.size
    if (!smaller.grow(room)) return { path: [], part: nothing, gaveUp: true }
    hops++
    meeting = smaller.meets(smaller === a ? b : a)
  }
  const met = partOf(graph, { a, b, meeting, hops })
  const path = onePath(met, pinNode(graph, from), pinNode(graph, to))
  const node = (key: number) => nodeOf(graph, key, met.hopOf.get(key)!)
  return { path: path.map(node), part: cut(graph, met, path, nodesMax), gaveUp: false }
}

const nothing: Subgraph = { nodes: [], edges: [], truncated: false }

/** Hops from a pin to everything within a radius. Boards and pins share one number line. */
class Ball {
  readonly #graph: PinBoardGraph
  readonly hopOf = new Map<number, number>()
  /** The outermost ring, as keys. */
  edge: number[]
  radius = 0

  constructor(graph: PinBoardGraph, node: number) {
    this.#graph = graph
    this.edge = [node]
    this.hopOf.set(node, 0)
  }

  get size(): number {
    return this.hopOf.size
  }

  /** One hop outwards; false when that takes more than `room` new nodes. */
  grow(room: number): boolean {
    const next: number[] = []
    this.radius++
    for (const key of this.edge) {
      for (const other of keysBeside(this.#graph, key)) {
        if (this.hopOf.has(other)) continue
        if (next.length >= room) return false
        this.hopOf.set(other, this.radius)
        next.push(other)
      }
    }
    this.edge = next
    return true
  }

  /** Outermost keys that the other ball holds. */
  meets(other: Ball): number[] {
    return this.edge.filter((key) => other.hopOf.has(key))
  }
}

/** Pins have their node as key, boards theirs beyond all pins. */
function keysBeside(graph: PinBoardGraph, key: number): number[] {
  const pins = graph.pinNodes
  return key < pins
    ? Array.from(neighbours(graph, key, 0), (board) => board + pins)
    : Array.from(neighbours(graph, key - pins, 1))
}

type Met = { readonly hopOf: Map<number, number>; readonly edges: (readonly [number, number])[] }
type Search = { a: Ball; b: Ball; meeting: readonly number[]; hops: number }

/** From the meeting ring back to both pins, along falling hops: all shortest paths. */
function partOf(graph: PinBoardGraph, { a, b, meeting, hops }: Search): Met {
  const hopOf = new Map(meeting.map((key) => [key, a.hopOf.get(key)!]))
  const edges: [number, number][] = []
  for (const ball of [a, b]) {
    let ring = [...meeting]
    while (ring.length > 0) {
      const before = new Set<number>()
      for (const key of ring) {
        const hop = ball.hopOf.get(key)!
        for (const other of keysBeside(graph, key)) {
          if (ball.hopOf.get(other) !== hop - 1) continue
          before.add(other)
          edges.push([key, other])
        }
      }
      for (const key of before) {
        const hop = ball.hopOf.get(key)!
        hopOf.set(key, ball === a ? hop : hops - hop)
      }
      ring = [...before]
    }
  }
  return { hopOf, edges }
}

/** The keys of one shortest path. */
function onePath({ hopOf, edges }: Met, from: number, to: number): number[] {
  const graph = new UndirectedGraph()
  for (const key of [...hopOf.keys()].sort((x, y) => x - y)) graph.addNode(key)
  for (const [x, y] of edges) graph.addEdge(x, y)
  return (bidirectional(graph, from, to) ?? []).map(Number)
}

/** The path, and of what is left the most popular boards and pins while there is room. */
function cut(graph: PinBoardGraph, met: Met, path: readonly number[], nodesMax: number): Subgraph {
  const degree = (key: number) => nodeOf(graph, key, met.hopOf.get(key)!).degree
  const rest = [...met.hopOf.keys()]
    .filter((key) => !path.includes(key))
    .sort((x, y) => degree(y) - degree(x) || x - y)
  const kept = [...path, ...rest.slice(0, Math.max(0, nodesMax - path.length))]
  const place = new Map(kept.map((key, i) => [key, i]))
  const edges = met.edges.flatMap(([x, y]) => {
    const [one, other] = [place.get(x), place.get(y)]
    return one === undefined || other === undefined ? [] : [[one, other] as const]
  })
  const nodes = kept.map((key) => nodeOf(graph, key, met.hopOf.get(key)!))
  return { nodes, edges, truncated: kept.length < met.hopOf.size }
}

function nodeOf(graph: PinBoardGraph, key: number, hop: number): SubgraphNode {
  return describeNode(graph, key < graph.pinNodes ? key : key - graph.pinNodes, hop)
}
