/**
 * What a world's boards look like, in the figures that are known of real ones. Structure is
 * measured on the dense core, as the published data were cut; the tail on everything.
 */
import { Random } from '../../../base/index.ts'
import { bipartiteClustering, degreeLaws, shuffleEdges } from '../../../graph/analysis/index.ts'
import { buildGraph, type PinBoardGraph } from '../../../graph/index.ts'
import { topics } from '../vocabulary.ts'
import { type Boards, boardCount, denseCore } from './bipartite.ts'

/**
 * The cut of the published pin-board data: most saved pins, and boards with at least so many of
 * them.
 */
export const coreCut = Object.freeze({ pinsMax: 9_836, boardPinsMin: 10 })

export type BoardStatistics = {
  readonly boards: number
  readonly coreBoards: number
  readonly coreSaves: number
  readonly pinsPerBoardMedian: number
  readonly pinsPerBoardP99: number
  readonly savesPerPinMedian: number
  readonly savesPerPinP99: number
  readonly savesGini: number
  readonly topTenthShare: number
  readonly tailExponent: number
  /** Of all pins that are saved. */
  readonly unfilteredGini: number
  readonly zipfSlope: number
  readonly clustering: number
  /** Over that of a graph with the same degrees. */
  readonly clusteringOverShuffled: number
  readonly boardCoherence: number
  readonly boardCoherenceByChance: number
  readonly topicsPerBoard: number
}

export type StatisticsInput = {
  readonly boards: Boards
  /** All saves of each pin, those without a board, too. */
  readonly saves: Uint32Array
  /** The judge's: what each pin is about. */
  readonly topic: Uint8Array
  readonly seed: number
}

export function boardStatistics({ boards, saves, topic, seed }: StatisticsInput): BoardStatistics {
  const { core, pinOf } = denseCore(boards, saves, coreCut)
  const random = new Random(seed).split('statistics')
  const graph = graphOf(core)
  const ofBoards = degreeLaws(degrees(graph.boardOffset))
  const ofPins = degreeLaws(degrees(graph.pinOffset))
  const everySave = saves.filter((count) => count > 0)
  const shuffled = buildGraph(shuffleEdges(graph, random.split('shuffle')))
  const closed = bipartiteClustering(graph, random.split('clustering')).clustering
  const byChance = bipartiteClustering(shuffled, random.split('shuffled clustering')).clustering
  return {
    boards: boardCount(boards),
    coreBoards: boardCount(core),
    coreSaves: core.pins.length,
    pinsPerBoardMedian: ofBoards.median,
    pinsPerBoardP99: ofBoards.p99,
    savesPerPinMedian: ofPins.median,
    savesPerPinP99: ofPins.p99,
    savesGini: ofPins.gini,
    topTenthShare: ofPins.topTenthShare,
    tailExponent: ofPins.tail?.exponent ?? 0,
    unfilteredGini: degreeLaws(everySave).gini,
    zipfSlope: zipfSlope(everySave.sort(), coreCut.pinsMax),
    clustering: closed,
    clusteringOverShuffled: byChance === 0 ? 0 : closed / byChance,
    ...coherence(core, (i) => topic[pinOf[i]!]!, random.split('coherence')),
  }
}

function graphOf({ starts, pins, pinCount }: Boards): PinBoardGraph {
  const boards = new Uint32Array(pins.length)
  for (let b = 0; b + 1 < starts.length; b++) boards.fill(b, starts[b]!, starts[b + 1]!)
  const boardCount = starts.length - 1
  return buildGraph({ pins, boards, edgeCount: pins.length, pinCount, boardCount })
}

const degrees = (offset: Uint32Array) =>
  Uint32Array.from({ length: offset.length - 1 }, (_, v) => offset[v + 1]! - offset[v]!)

const SLOPE_POINTS = 60

/**
 * Slope of ln(saves) over ln(rank) of an ascending list beyond rank `first`, at ranks equally far
 * apart in ln, down to the last pin that is saved twice; 0 where there are none.
 */
export function zipfSlope(ascending: Uint32Array, first: number): number {
  const { length } = ascending
  if (length <= first) return 0
  const points: (readonly [number, number])[] = []
  for (let point = 0; point < SLOPE_POINTS; point++) {
    const rank = Math.round(first * (length / first) ** (point / SLOPE_POINTS))
    const saves = ascending[length - rank]!
    if (saves < 2) break
    points.push([Math.log(rank), Math.log(saves)])
  }
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const up = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  const down = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  return points.length < 2 ? 0 : up / down
}

/**
 * Coherence: the share of a board's pins that are about its main topic, a mean over boards; by
 * chance: about the main topic of another board. Topics per board: exp of the entropy of its pins'
 * topics.
 */
function coherence(core: Boards, topicOf: (pin: number) => number, random: Random) {
  const count = boardCount(core)
  const mains = new Uint8Array(count)
  const shares = new Float64Array(topics.length)
  let own = 0
  let effective = 0
  const tally = (b: number) => {
    shares.fill(0)
    const size = core.starts[b + 1]! - core.starts[b]!
    for (let at = core.starts[b]!; at < core.starts[b + 1]!; at++) {
      shares[topicOf(core.pins[at]!)]! += 1 / size
    }
  }
  for (let b = 0; b < count; b++) {
    tally(b)
    let entropy = 0
    for (const [topic, share] of shares.entries()) {
      if (share > shares[mains[b]!]!) mains[b] = topic
      if (share > 0) entropy -= share * Math.log(share)
    }
    own += shares[mains[b]!]!
    effective += Math.exp(entropy)
  }
  let other = 0
  for (let b = 0; b < count; b++) {
    tally(b)
    other += shares[mains[random.below(count)]!]!
  }
  const each = Math.max(1, count)
  return {
    boardCoherence: own / each,
    boardCoherenceByChance: other / each,
    topicsPerBoard: effective / each,
  }
}
