/**
 * What a graph looks like, in figures: sizes, how degrees are spread on both sides, how often
 * paths close to cycles, and how many topics a board has; each of the last two also in a graph of
 * the same degrees and otherwise random, since neither means anything alone.
 */
import { Random } from '../../base/index.ts'
import { type PinTopics, topicEntropies, topicRows } from '../board-topics.ts'
import { buildGraph } from '../build.ts'
import type { PinBoardGraph } from '../pin-board-graph.ts'
import { bipartiteClustering, type Clustering, type ClusteringOptions } from './clustering.ts'
import { type DegreeLaws, degreeLaws, percentile } from './degree-laws.ts'
import { shuffleEdges } from './shuffle.ts'

export type EffectiveTopics = {
  readonly boards: number
  readonly mean: number
  readonly median: number
  readonly p90: number
}

export type GraphStats = {
  readonly pins: number
  readonly boards: number
  readonly edges: number
  /** Edges over all pairs of pin and board. */
  readonly density: number
  readonly boardsPerPin: DegreeLaws
  readonly pinsPerBoard: DegreeLaws
  readonly clustering: Clustering
  /** exp(entropy) over boards with a pin of known topic. */
  readonly effectiveTopics: EffectiveTopics
  /** Undefined above `shuffleEdgesMax` edges. */
  readonly shuffled:
    | { readonly clustering: Clustering; readonly effectiveTopics: EffectiveTopics }
    | undefined
}

export type GraphStatsOptions = ClusteringOptions & {
  readonly seed: number
  readonly shuffleEdgesMax: number
}

const SHUFFLE_EDGES_MAX = 20_000_000

export function graphStats(
  graph: PinBoardGraph,
  topics: PinTopics,
  given: Partial<GraphStatsOptions> = {},
): GraphStats {
  const { seed = 1, shuffleEdgesMax = SHUFFLE_EDGES_MAX, ...rest } = given
  const random = new Random(seed).split('graph stats')
  const { pinNodes: pins, boardNodes: boards, edgeCount: edges } = graph
  const figures = (of: PinBoardGraph, stream: string) => ({
    clustering: bipartiteClustering(of, random.split(stream), rest),
    effectiveTopics: effectiveTopics(of, topics),
  })
  const shuffled =
    edges <= shuffleEdgesMax ? buildGraph(shuffleEdges(graph, random.split('shuffle'))) : undefined
  return {
    pins,
    boards,
    edges,
    density: edges === 0 ? 0 : edges / pins / boards,
    boardsPerPin: degreeLaws(degreesOf(graph.pinOffset)),
    pinsPerBoard: degreeLaws(degreesOf(graph.boardOffset)),
    ...figures(graph, 'clustering'),
    shuffled: shuffled && figures(shuffled, 'shuffled clustering'),
  }
}

function degreesOf(offset: Uint32Array): Uint32Array {
  return Uint32Array.from({ length: offset.length - 1 }, (_, v) => offset[v + 1]! - offset[v]!)
}

/** The Hill number of order 1 of each board, summed up. */
export function effectiveTopics(graph: PinBoardGraph, topics: PinTopics): EffectiveTopics {
  const numbers = topicEntropies(topicRows(graph, topics))
    .filter((entropy) => !Number.isNaN(entropy))
    .map(Math.exp)
    .sort()
  const sum = numbers.reduce((a, b) => a + b, 0)
  return {
    boards: numbers.length,
    mean: numbers.length === 0 ? 0 : sum / numbers.length,
    median: percentile(numbers, 0.5),
    p90: percentile(numbers, 0.9),
  }
}
