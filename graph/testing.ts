/** Small graphs for tests of this room. */
import fc from 'fast-check'
import type { Random } from '../base/index.ts'
import { buildGraph } from './build.ts'
import { GraphDelta } from './delta.ts'
import { type GraphStore, heapStore } from './graph-store.ts'
import { GraphView } from './graph-view.ts'

export type Edges = readonly (readonly [pin: number, board: number])[]

export function edgeList(edges: Edges, pinCount = 64, boardCount = 64) {
  return {
    pins: Uint32Array.from(edges, ([pin]) => pin),
    boards: Uint32Array.from(edges, ([, board]) => board),
    edgeCount: edges.length,
    pinCount,
    boardCount,
  }
}

/** A view of the edges with room for fresh ones. */
export function viewOf(
  edges: Edges,
  pinCount = 64,
  boardCount = 64,
  store: GraphStore = heapStore,
): GraphView {
  const frozen = buildGraph(edgeList(edges, pinCount, boardCount), store)
  const room = { pinCapacity: pinCount, boardCapacity: boardCount, edgeCapacity: 256 }
  return new GraphView(frozen, GraphDelta.create(frozen, room), 1)
}

export type Changes = {
  readonly frozen: Edges
  readonly fresh: Edges
  readonly removed: Edges
}

/** A view with fresh edges and removals; what is removed is removed from both. */
export function changedView(
  { frozen, fresh, removed }: Changes,
  pinCount: number,
  boardCount: number,
  store: GraphStore = heapStore,
): GraphView {
  const view = viewOf(frozen, pinCount, boardCount, store)
  for (const [pin, board] of fresh) view.delta.add(pin, board)
  for (const [pin, board] of removed) view.delta.remove(pin, board)
  return view
}

/** The edges that `changedView` shows. */
export function edgesLeft({ frozen, fresh, removed }: Changes): Edges {
  const left = new Map([...frozen, ...fresh].map((edge) => [edge.join(), edge]))
  for (const edge of removed) left.delete(edge.join())
  return [...left.values()]
}

/** Distinct edges, as many as asked: by itself fast-check makes about ten of anything. */
export function distinctEdges(
  pins: number,
  boards: number,
  { minLength, maxLength }: { minLength: number; maxLength: number },
): fc.Arbitrary<Edges> {
  const edge = fc.tuple(fc.nat(pins - 1), fc.nat(boards - 1))
  const size = { minLength, maxLength, size: 'max' as const }
  return fc.uniqueArray(edge, { ...size, selector: ([pin, board]) => pin * boards + board })
}

/** Distinct random edges. */
export function randomEdges(random: Random, count: number, pins: number, boards: number): Edges {
  const seen = new Map<string, readonly [number, number]>()
  for (let i = 0; i < count; i++) {
    const edge = [random.below(pins), random.below(boards)] as const
    seen.set(edge.join(), edge)
  }
  return [...seen.values()]
}

/** Edges that walkers of a view can take, sorted. */
export function visibleEdges(view: GraphView, pinCount: number): string[] {
  const edges: string[] = []
  for (let pin = 0; pin < pinCount; pin++) {
    for (let r = 0; r < view.pinRanks(pin); r++) {
      const board = view.boardOfPin(pin, r)
      if (board !== 0xffffffff) edges.push(`${pin}-${board}`)
    }
  }
  return edges.sort()
}
