/**
 * A large world for benches: pins of topics, popular by a power law, on boards that keep mostly to
 * one topic. A board is a person. One pin of each asked board is held out of the graph.
 */
import { Interner, kindCode, type PinIndex, Random, type TagIndex } from '../../base/index.ts'
import { buildGraph, GraphDelta, GraphView } from '../../graph/index.ts'
import { FeatureTable } from '../features/feature-table.ts'
import type { RankRequest } from '../pipeline/request.ts'
import { type RankingServices, ScratchPool } from '../pipeline/services.ts'
import { type CatalogueIndex, catalogueIndexSteps } from '../sources/catalogue-index.ts'

export type WorldSize = {
  readonly pins: number
  readonly boards: number
  readonly savesPerBoard: number
  readonly topics: number
  /** Boards that ask. */
  readonly asking: number
}

const AT = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000
/** Of saves that stay within the board's topic. */
const FAITHFUL = 0.8

export type PlantedWorld = {
  readonly services: RankingServices
  /** A request a board, and the pin that it was to find. */
  readonly asks: readonly { readonly request: RankRequest; readonly heldOut: number }[]
}

export function plantedWorld(
  size: WorldSize,
  seed: number,
  clock: RankingServices['clock'],
): PlantedWorld {
  const { pins, boards, savesPerBoard, topics, asking } = size
  const random = new Random(seed)
  const features = FeatureTable.create(pins)
  const names = { pin: new Interner({ capacity: pins }), tag: new Interner() }
  for (let topic = 0; topic < topics; topic++) names.tag.intern(`topic ${topic}`)
  for (let pin = 0; pin < pins; pin++) {
    names.pin.intern(`p${pin}`)
    const tags = [pin % topics, (pin * 7 + 1) % topics] as TagIndex[]
    const created = AT - ((pin * 2_654_435_761) % 90) * DAY_MS
    features.applyPin(pin as PinIndex, created, { created, topic: tags[0]!, tags })
  }
  const perTopic = Math.floor(pins / topics)
  // Rank r of a topic is drawn about r^-.75 as often as the first.
  const drawn = (topic: number) => Math.floor(perTopic * random.unit() ** 4) * topics + topic
  const list = { pins: [] as number[], boards: [] as number[] }
  const histories: number[][] = []
  const heldOut: number[] = []
  for (let board = 0; board < boards; board++) {
    const own = random.below(topics)
    const saved = new Set<number>()
    for (let save = 0; save < savesPerBoard; save++) {
      saved.add(drawn(random.unit() < FAITHFUL ? own : random.below(topics)))
    }
    const kept = [...saved]
    if (board < asking) {
      heldOut.push(kept.pop()!)
      histories.push(kept)
    }
    for (const pin of kept) {
      list.pins.push(pin)
      list.boards.push(board)
      const time = AT - random.below(14) * DAY_MS
      features.applyEvent(kindCode.impression, pin as PinIndex, time)
      features.applyEvent(kindCode.save, pin as PinIndex, time)
    }
  }
  const view = viewOf(list, size)
  const catalogue = catalogueOf(features)
  const services: RankingServices = {
    graph: () => view,
    features,
    catalogue: () => catalogue,
    sequences: () => undefined,
    model: () => undefined,
    names,
    clock,
    scratch: new ScratchPool(pins),
    count: () => undefined,
  }
  const asks = histories.map((history, board) => ({
    request: requestOf(history, board),
    heldOut: heldOut[board]!,
  }))
  return { services, asks }
}

function viewOf(list: { readonly pins: number[]; readonly boards: number[] }, size: WorldSize) {
  const frozen = buildGraph({
    pins: Uint32Array.from(list.pins),
    boards: Uint32Array.from(list.boards),
    edgeCount: list.pins.length,
    pinCount: size.pins,
    boardCount: size.boards,
  })
  const room = { pinCapacity: size.pins, boardCapacity: size.boards, edgeCapacity: 1_000 }
  return new GraphView(frozen, GraphDelta.create(frozen, room), 1)
}

function catalogueOf(features: FeatureTable): CatalogueIndex {
  const steps = catalogueIndexSteps(features)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

function requestOf(history: readonly number[], board: number): RankRequest {
  return {
    user: {
      known: true,
      hash: board,
      seeds: history.map((pin) => ({ pin: pin as PinIndex, weight: 1, time: AT - DAY_MS })),
      exclude: history as PinIndex[],
      savedCount: history.length,
      topics: [],
      boards: [],
      saves: history.length,
      closeups: 0,
      impressions: 2 * history.length,
      lastActive: AT - DAY_MS,
    },
    limit: 20,
    generation: 'deep',
    exclude: [],
    at: AT,
    seed: board,
    deadline: Number.POSITIVE_INFINITY,
    explain: false,
    off: [],
  }
}
