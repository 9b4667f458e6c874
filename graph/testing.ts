/** Small graphs for tests of this room. */
import type { Random } from '../base/index.ts'
import { GraphView } from './graph-view.ts'
import { GraphOverlay } from './overlay.ts'
import { buildGraph } from './pin-board-graph.ts'

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
export function viewOf(edges: Edges, pinCount = 64, boardCount = 64): GraphView {
  const overlay = GraphOverlay.create({
    pinCapacity: pinCount,
    boardCapacity: boardCount,
    edgeCapacity: 256,
    removalCapacity: 256,
  })
  return new GraphView(buildGraph(edgeList(edges, pinCount, boardCount)), overlay, 1)
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
    for (let r = 0; r < view.pinDegree(pin); r++) {
      const board = view.boardOfPin(pin, r)
      if (board !== 0xffffffff) edges.push(`${pin}-${board}`)
    }
  }
  return edges.sort()
}
