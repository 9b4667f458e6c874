/** Small graphs for tests of this room. */
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
