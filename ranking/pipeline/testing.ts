/** A world of two communities, and requests to it: for tests of whole compositions. */
import { Interner, kindCode, type PinIndex, systemClock, type TagIndex } from '../../base/index.ts'
import { buildGraph, GraphDelta, GraphView } from '../../graph/index.ts'
import { FeatureTable } from '../features/feature-table.ts'
import { fitCooccurrence, sequencesOf } from '../models/cooccurrence.ts'
import { CatalogueIndex, catalogueIndexSteps } from '../sources/catalogue-index.ts'
import type { RankRequest, UserContext } from './request.ts'
import { type RankingServices, ScratchPool } from './services.ts'

export const PINS = 60
const BOARDS = 40

/** Two communities: board b and pin p belong together when both are even or both odd. */
export function world(
  plant: Omit<Partial<RankingServices>, 'features'> = {},
): RankingServices & { features: FeatureTable; counts: Record<string, number> } {
  const pins: number[] = []
  const boards: number[] = []
  const features = FeatureTable.create(100)
  const names = { pin: new Interner(), tag: new Interner() }
  const topics = ['even', 'odd'].map((name) => names.tag.intern(name) as TagIndex)
  for (let p = 0; p < PINS; p++) {
    names.pin.intern(`p${p}`)
    const tag = topics[p % 2]!
    features.applyPin(p as PinIndex, p, { created: p, topic: tag, tags: [tag] })
    for (let k = 0; k < 6; k++) {
      pins.push(p)
      boards.push((2 * ((p * 5 + k * 3) % 20) + (p % 2)) % BOARDS)
      features.applyEvent(kindCode.save, p as PinIndex, 1_000 + k)
    }
  }
  const counts = { edgeCount: pins.length, pinCount: PINS, boardCount: BOARDS }
  const lists = { pins: Uint32Array.from(pins), boards: Uint32Array.from(boards) }
  const frozen = buildGraph({ ...lists, ...counts })
  const room = { pinCapacity: 100, boardCapacity: 100, edgeCapacity: 10 }
  const view = new GraphView(frozen, GraphDelta.create(frozen, room), 3)
  const times = Float64Array.from(pins, (_, i) => i)
  const sequences = fitCooccurrence(sequencesOf(lists.boards, lists.pins, times, pins.length))
  let catalogue = new CatalogueIndex()
  const steps = catalogueIndexSteps(features)
  for (let step = steps.next(); ; step = steps.next()) {
    if (!step.done) continue
    catalogue = step.value
    break
  }
  const counted: Record<string, number> = {}
  return {
    graph: () => view,
    features,
    catalogue: () => catalogue,
    sequences: () => sequences,
    model: () => undefined,
    names: names as never,
    clock: systemClock,
    scratch: new ScratchPool(100),
    count: (name) => {
      counted[name] = (counted[name] ?? 0) + 1
    },
    ...plant,
    counts: counted,
  }
}

export const user = (
  seeds: readonly number[],
  exclude: readonly number[] = seeds,
): UserContext => ({
  known: seeds.length > 0,
  hash: 1,
  seeds: seeds.map((pin, i) => ({ pin: pin as PinIndex, weight: 1 / (1 + i), time: 900 })),
  exclude: exclude as PinIndex[],
  savedCount: Math.min(seeds.length, exclude.length),
  topics: [],
  boards: [],
  saves: seeds.length,
  closeups: 0,
  impressions: 0,
  lastActive: 900,
})
export const request = (more: Partial<RankRequest> = {}): RankRequest => ({
  user: user([4, 10]),
  limit: 10,
  generation: 'mixed',
  exclude: [],
  at: 2_000,
  seed: 5,
  deadline: Number.POSITIVE_INFINITY,
  explain: false,
  off: [],
  ...more,
})
