/**
 * A smaller graph for walks (Eksombatchai et al., "Pixie", WWW 2018, section 3.2): boards whose
 * pins are of too many topics go, and of each pin's d edges that are left the d^delta to the most
 * fitting boards stay.
 *
 * The paper has a topic vector of each pin, from a topic model over text; here a pin has one topic
 * (`PinTopics`), and its vector is that of all pins on its boards, itself included, so that boards
 * like the pin's others fit it best. Fit is the cosine of the pin's and the board's counts.
 *
 * Deterministic and independent of the order of edges: ties fall by the board's host number.
 * O(edges × topics of a board + edges log degree); 20 bytes an edge beside the result.
 */
import { pinwheelError } from '../base/index.ts'
import { type PinTopics, type TopicRows, topicEntropies, topicRows } from './board-topics.ts'
import type { EdgeList } from './edge-source.ts'
import type { PinBoardGraph } from './pin-board-graph.ts'

export type PruneOptions = {
  /** A pin keeps degree^delta edges, rounded up; in [0, 1]. 1 keeps all. */
  readonly delta: number
  /** Boards removed, those of the highest entropy, as a share of all; in [0, 1). */
  readonly entropyShare: number
}

/** The paper's best delta. */
export const pruneDefaults: PruneOptions = Object.freeze({ delta: 0.91, entropyShare: 0.1 })

export type PrunedGraph = {
  /** Host numbers; counts are those of the graph that was pruned. */
  readonly edges: EdgeList
  readonly boardsRemoved: number
  /** Pins that stood on removed boards only. */
  readonly pinsLost: number
}

/** GRAPH_OPTIONS when an option lies outside its range. */
export function pruneGraph(
  graph: PinBoardGraph,
  topics: PinTopics,
  given: Partial<PruneOptions> = {},
): PrunedGraph {
  const { delta, entropyShare } = { ...pruneDefaults, ...given }
  check('delta', delta, delta >= 0 && delta <= 1, 'from 0 to 1')
  check('entropyShare', entropyShare, entropyShare >= 0 && entropyShare < 1, 'from 0, below 1')
  const rows = topicRows(graph, topics)
  const removed = mixedBoards(graph, rows, entropyShare)
  const fit = new BoardFit(graph, rows, topics.count)
  const { pinOffset, pinBoards, pinNodes, pinOfNode, boardOfNode } = graph
  const pins = new Uint32Array(graph.edgeCount)
  const boards = new Uint32Array(graph.edgeCount)
  let kept = 0
  let pinsLost = 0
  for (let p = 0; p < pinNodes; p++) {
    const left = pinBoards
      .subarray(pinOffset[p]!, pinOffset[p + 1]!)
      .filter((board) => removed[board] === 0)
    if (left.length === 0) pinsLost++
    const quota = Math.min(left.length, Math.ceil(left.length ** delta))
    const chosen = quota === left.length ? left : fit.best(left, quota)
    for (const board of chosen) {
      pins[kept] = pinOfNode[p]!
      boards[kept++] = boardOfNode[board]!
    }
  }
  return {
    edges: {
      pins: pins.slice(0, kept),
      boards: boards.slice(0, kept),
      edgeCount: kept,
      pinCount: graph.nodeOfPin.length,
      boardCount: graph.nodeOfBoard.length,
    },
    boardsRemoved: removed.reduce((sum, flag) => sum + flag, 0),
    pinsLost,
  }
}

function check(option: keyof PruneOptions, value: number, holds: boolean, expected: string): void {
  if (!holds) throw pinwheelError('GRAPH_OPTIONS', { option, value, expected })
}

/** Flags the `share` of boards with the highest entropy; ties fall by host number. */
function mixedBoards(graph: PinBoardGraph, rows: TopicRows, share: number): Uint8Array {
  const removed = new Uint8Array(graph.boardNodes)
  const count = Math.floor(share * graph.boardNodes)
  if (count === 0) return removed
  // A board of unknown topics is the last to go.
  const entropy = topicEntropies(rows).map((e) => (Number.isNaN(e) ? -1 : steady(e)))
  const { boardOfNode } = graph
  const order = Uint32Array.from(removed.keys()).sort(
    (a, b) => entropy[b]! - entropy[a]! || boardOfNode[a]! - boardOfNode[b]!,
  )
  for (const board of order.subarray(0, count)) removed[board] = 1
  return removed
}

/** Without the noise of the order of additions, so that equal boards are equal. */
function steady(value: number): number {
  return Math.round(value * 1e9)
}

/** Ranks the boards of one pin after another. */
class BoardFit {
  readonly #graph: PinBoardGraph
  readonly #rows: TopicRows
  readonly #norm: Float64Array
  /** The pin's vector, zero between pins. */
  readonly #vector: Float64Array
  readonly #score: Float64Array

  constructor(graph: PinBoardGraph, rows: TopicRows, topicCount: number) {
    this.#graph = graph
    this.#rows = rows
    this.#vector = new Float64Array(topicCount)
    this.#score = new Float64Array(graph.boardNodes)
    this.#norm = new Float64Array(graph.boardNodes)
    for (let b = 0; b < graph.boardNodes; b++) {
      let square = 0
      for (let i = rows.offset[b]!; i < rows.offset[b + 1]!; i++) square += rows.pins[i]! ** 2
      this.#norm[b] = Math.sqrt(square)
    }
  }

  /** The `quota` boards whose topics are most like those of all `boards` together. */
  best(boards: Uint32Array, quota: number): Uint32Array {
    const { offset, topic, pins } = this.#rows
    const vector = this.#vector
    const score = this.#score
    const { boardOfNode } = this.#graph
    for (const b of boards) {
      for (let i = offset[b]!; i < offset[b + 1]!; i++) vector[topic[i]!]! += pins[i]!
    }
    let square = 0
    for (const b of boards) {
      score[b] = 0
      for (let i = offset[b]!; i < offset[b + 1]!; i++) {
        score[b]! += vector[topic[i]!]! * pins[i]!
      }
      // Dot products with the parts of the vector add up to its square.
      square += score[b]!
    }
    const norm = Math.sqrt(square)
    for (const b of boards) {
      score[b] = score[b] === 0 ? 0 : steady(score[b]! / norm / this.#norm[b]!)
      for (let i = offset[b]!; i < offset[b + 1]!; i++) vector[topic[i]!] = 0
    }
    const order = boards
      .slice()
      .sort((a, b) => score[b]! - score[a]! || boardOfNode[a]! - boardOfNode[b]!)
    return order.subarray(0, quota)
  }
}
