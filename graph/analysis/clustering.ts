/**
 * Bipartite clustering: 4 C4 / L3, the share of paths of three edges that close to a cycle of four
 * (Robins and Alexander, "Small worlds among interlocking directors", 2004). C4 counts cycles
 * pin-board-pin-board, L3 paths pin-board-pin-board; each cycle holds four of these.
 *
 * Exact: for each node the boards (or pins) it shares with every other, O(Σ degree²) of the cheaper
 * side, 4 bytes a node. Sampled: paths drawn uniformly, O(samples × degree), 8 bytes a pin.
 */
import type { Random } from '../../base/index.ts'
import type { PinBoardGraph } from '../pin-board-graph.ts'

export type Clustering = {
  readonly clustering: number
  /** 0 when exact. */
  readonly standardError: number
  readonly exact: boolean
  readonly threePaths: number
  /** Undefined when sampled. */
  readonly fourCycles: number | undefined
}

export type ClusteringOptions = {
  /** Exact up to this many pairs to look at. */
  readonly workMax: number
  readonly samples: number
}
export const clusteringDefaults: ClusteringOptions = Object.freeze({
  workMax: 1_000_000_000,
  samples: 200_000,
})

/** Exact where affordable, else from samples. */
export function bipartiteClustering(
  graph: PinBoardGraph,
  random: Random,
  given: Partial<ClusteringOptions> = {},
): Clustering {
  const { workMax, samples } = { ...clusteringDefaults, ...given }
  const threePaths = countThreePaths(graph)
  const work = Math.min(squares(graph.pinOffset), squares(graph.boardOffset))
  if (threePaths === 0 || work <= workMax) {
    const fourCycles = threePaths === 0 ? 0 : countFourCycles(graph)
    const clustering = threePaths === 0 ? 0 : (4 * fourCycles) / threePaths
    return { clustering, standardError: 0, exact: true, threePaths, fourCycles }
  }
  const clustering = closedShare(graph, random, samples)
  const standardError = Math.sqrt((clustering * (1 - clustering)) / samples)
  return { clustering, standardError, exact: false, threePaths, fourCycles: undefined }
}

/** Paths of three edges: (degree - 1) × (degree - 1) around each edge. */
export function countThreePaths({ pinOffset, pinBoards, boardOffset }: PinBoardGraph): number {
  let paths = 0
  for (let p = 0; p + 1 < pinOffset.length; p++) {
    const [start, end] = [pinOffset[p]!, pinOffset[p + 1]!]
    for (let i = start; i < end; i++) paths += (end - start - 1) * rest(boardOffset, pinBoards[i]!)
  }
  return paths
}

/** Cycles of four edges, by the cheaper side. */
export function countFourCycles(graph: PinBoardGraph): number {
  const { pinOffset, pinBoards, boardOffset, boardPins } = graph
  return squares(boardOffset) <= squares(pinOffset)
    ? cyclesFrom(pinOffset, pinBoards, boardOffset, boardPins)
    : cyclesFrom(boardOffset, boardPins, pinOffset, pinBoards)
}

/** Σ over pairs of nodes of one side of (shared neighbours choose 2). */
function cyclesFrom(
  offset: Uint32Array,
  out: Uint32Array,
  backOffset: Uint32Array,
  back: Uint32Array,
): number {
  const shared = new Uint32Array(offset.length - 1)
  let cycles = 0
  for (let v = 0; v < shared.length; v++) {
    for (let i = offset[v]!; i < offset[v + 1]!; i++) {
      const middle = out[i]!
      for (let j = backOffset[middle]!; j < backOffset[middle + 1]!; j++) {
        // The n-th shared neighbour makes n - 1 new cycles.
        if (back[j]! < v) cycles += shared[back[j]!]!++
      }
    }
    for (let i = offset[v]!; i < offset[v + 1]!; i++) {
      const middle = out[i]!
      for (let j = backOffset[middle]!; j < backOffset[middle + 1]!; j++) shared[back[j]!] = 0
    }
  }
  return cycles
}

/** Share of `samples` paths of three edges, drawn uniformly, whose ends are joined. */
export function closedShare(graph: PinBoardGraph, random: Random, samples: number): number {
  const { pinOffset, pinBoards, boardOffset, boardPins, pinNodes } = graph
  const upTo = new Float64Array(pinNodes)
  let total = 0
  for (let p = 0; p < pinNodes; p++) {
    let ahead = 0
    for (let i = pinOffset[p]!; i < pinOffset[p + 1]!; i++)
      ahead += rest(boardOffset, pinBoards[i]!)
    total += rest(pinOffset, p) * ahead
    upTo[p] = total
  }
  let closed = 0
  for (let s = 0; s < samples; s++) {
    const pin = firstAbove(upTo, random.unit() * total)
    const start = pinOffset[pin]!
    const place = drawMiddle(graph, pin, random)
    const board = pinBoards[place]!
    const otherPin = drawOther(
      boardOffset[board]!,
      boardOffset[board + 1]!,
      random,
      (i) => boardPins[i] === pin,
    )
    const otherBoard = drawOther(start, pinOffset[pin + 1]!, random, (i) => i === place)
    const row = pinBoards.subarray(
      pinOffset[boardPins[otherPin]!]!,
      pinOffset[boardPins[otherPin]! + 1]!,
    )
    if (row.includes(pinBoards[otherBoard]!)) closed++
  }
  return closed / samples
}

/** An edge of the pin, in proportion to the other pins of its board. */
function drawMiddle(graph: PinBoardGraph, pin: number, random: Random): number {
  const { pinOffset, pinBoards, boardOffset } = graph
  let ahead = 0
  const end = pinOffset[pin + 1]!
  for (let i = pinOffset[pin]!; i < end; i++) ahead += rest(boardOffset, pinBoards[i]!)
  let left = random.below(ahead)
  let place = pinOffset[pin]!
  for (; place < end - 1; place++) {
    left -= rest(boardOffset, pinBoards[place]!)
    if (left < 0) break
  }
  return place
}

/** A uniform place in [start, end) that is not `taken`; one other must exist. */
function drawOther(
  start: number,
  end: number,
  random: Random,
  taken: (place: number) => boolean,
): number {
  for (;;) {
    const place = start + random.below(end - start)
    if (!taken(place)) return place
  }
}

function firstAbove(rising: Float64Array, value: number): number {
  let low = 0
  let high = rising.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (rising[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}

/** Neighbours beside the one that is known. */
function rest(offset: Uint32Array, node: number): number {
  return offset[node + 1]! - offset[node]! - 1
}

function squares(offset: Uint32Array): number {
  let sum = 0
  for (let v = 0; v + 1 < offset.length; v++) sum += (offset[v + 1]! - offset[v]!) ** 2
  return sum
}
