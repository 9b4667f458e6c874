/**
 * Boards drawn from a graph, one pin of each held out: its edge is taken out of the graph, so no
 * walk can find it by the board itself. Topics are told by what is left, and boards are numbered by
 * them, so that walks can be biased.
 */
import { NONE, Random } from '../../base/index.ts'
import {
  buildGraph,
  type EdgeList,
  type GraphView,
  type PinBoardGraph,
  type PinTopics,
  UNKNOWN_CODE,
  type WalkOptions,
  type WalkScratch,
  wasmStore,
} from '../../graph/index.ts'
import { viewOfGraph } from './models.ts'

/** Host numbers throughout. */
export type SampledBoard = {
  readonly board: number
  readonly held: number
  /** The pins left on it. */
  readonly pins: readonly number[]
  /** One of them. */
  readonly alone: number
  /** The most frequent topic of the pins left; NONE where none has one. */
  readonly topic: number
  /** Whether that topic has fewer than four fifths of the pins that have one. */
  readonly isMixed: boolean
}

export type WalkSample = {
  readonly view: GraphView
  readonly boards: readonly SampledBoard[]
  /** By host number of a board, as the graph was built with. */
  readonly topicOf: Uint16Array
}

/** A board of one topic has this share of its pins in it. */
const ONE_TOPIC_SHARE = 0.8
const PINS_MIN = 3

export type WalkSampleOptions = {
  readonly users: number
  readonly seed: number
  /** Told of the graph without what is held out. */
  readonly topicsFor: (graph: PinBoardGraph) => PinTopics
}

type Drawn = Pick<SampledBoard, 'board' | 'held' | 'pins' | 'alone'>

/** At most `users` boards with three pins or more, one of them on another board too. */
export function walkSample(
  source: EdgeList,
  { users, seed, topicsFor }: WalkSampleOptions,
): WalkSample {
  const whole = buildGraph(source)
  const drawn = draw(whole, users, new Random(seed).split('walk sample'))
  const edges = edgesWithout(whole, drawn)
  const rest = buildGraph(edges)
  const { topic, share } = boardTopics(rest, topicsFor(rest))
  const topicOf = Uint16Array.from(topic, (t) => Math.min(t, UNKNOWN_CODE))
  const languages = new Uint16Array(topicOf.length).fill(UNKNOWN_CODE)
  const coded = { ...edges, codes: { topics: topicOf, languages } }
  const boards = drawn.map((one) => ({
    ...one,
    topic: topicOf[one.board] === UNKNOWN_CODE ? NONE : topic[one.board]!,
    isMixed: share[one.board]! < ONE_TOPIC_SHARE,
  }))
  return { view: viewOfGraph(buildGraph(coded, wasmStore)), boards, topicOf }
}

function draw(graph: PinBoardGraph, users: number, random: Random): Drawn[] {
  const { boardNodes, boardOffset, boardPins, boardOfNode, pinOfNode, pinOffset } = graph
  const order = random.shuffle(Array.from({ length: boardNodes }, (_, node) => node))
  const drawn: Drawn[] = []
  for (const node of order) {
    if (drawn.length === users) break
    const row = [...boardPins.subarray(boardOffset[node]!, boardOffset[node + 1]!)]
    const elsewhere = row.filter((pin) => pinOffset[pin + 1]! - pinOffset[pin]! > 1)
    if (row.length < PINS_MIN || elsewhere.length === 0) continue
    const held = elsewhere[random.below(elsewhere.length)]!
    const pins = row.filter((pin) => pin !== held).map((pin) => pinOfNode[pin]!)
    const alone = pins[random.below(pins.length)]!
    drawn.push({ board: boardOfNode[node]!, held: pinOfNode[held]!, pins, alone })
  }
  return drawn
}

function edgesWithout(graph: PinBoardGraph, drawn: readonly Drawn[]): EdgeList {
  const { boardNodes, boardOffset, boardPins, boardOfNode, pinOfNode } = graph
  const heldOf = new Map(drawn.map(({ board, held }) => [board, held]))
  const edgeCount = graph.edgeCount - drawn.length
  const pins = new Uint32Array(edgeCount)
  const boards = new Uint32Array(edgeCount)
  let n = 0
  for (let node = 0; node < boardNodes; node++) {
    const board = boardOfNode[node]!
    const held = heldOf.get(board)
    for (let i = boardOffset[node]!; i < boardOffset[node + 1]!; i++) {
      const pin = pinOfNode[boardPins[i]!]!
      if (pin === held) continue
      pins[n] = pin
      boards[n++] = board
    }
  }
  const pinCount = graph.nodeOfPin.length
  return { pins, boards, edgeCount, pinCount, boardCount: graph.nodeOfBoard.length }
}

/** The most frequent topic on each board, ties by number, and its share of the pins with one. */
function boardTopics(graph: PinBoardGraph, topics: PinTopics) {
  const { boardNodes, boardOffset, boardPins, boardOfNode, pinOfNode } = graph
  const topic = new Uint32Array(graph.nodeOfBoard.length).fill(NONE)
  const share = new Float64Array(graph.nodeOfBoard.length)
  for (let node = 0; node < boardNodes; node++) {
    const counts = new Map<number, number>()
    let total = 0
    for (let i = boardOffset[node]!; i < boardOffset[node + 1]!; i++) {
      const of = topics.of[pinOfNode[boardPins[i]!]!] ?? NONE
      if (of === NONE) continue
      counts.set(of, (counts.get(of) ?? 0) + 1)
      total++
    }
    const [most] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])
    if (!most) continue
    topic[boardOfNode[node]!] = most[0]
    share[boardOfNode[node]!] = most[1] / total
  }
  return { topic, share }
}

/** What every part of the check is given. */
export type Checked = {
  readonly sample: WalkSample
  readonly scratch: WalkScratch
  readonly walkOptions: WalkOptions
  readonly top: number
  /** The seed of a board's walks; another `salt` gives other random numbers. */
  readonly seedOf: (board: SampledBoard, salt?: number) => number
  /** After each query. */
  readonly pause: () => Promise<void>
}
