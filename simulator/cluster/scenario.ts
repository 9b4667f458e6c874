/** Sizes of a service: the five phases that the project set out from, and 500 million users. */
import { pinwheelError } from '../../base/index.ts'
import type { Generation } from './calibration.ts'
import type { Purchase } from './cost-book.ts'

export type Scenario = {
  readonly name: string
  readonly generation: Generation
  /** Feeds answered; a feed has 25 pins. */
  readonly recommendationsPerDay: number
  readonly interactionsPerDay: number
  /** Dollars a month; absent where nobody gave one. */
  readonly budget?: number
  readonly users: number
  /** Users who come on a day. */
  readonly activePerDay: number
  readonly pins: number
  /** Saves that walks see, in every ranker host. */
  readonly edges: number
}

const M = 1e6
const G = 1e9

/**
 * Recommendations and interactions are those of the five phases; so are the first and the last
 * budget, those between them lie evenly on a scale of logarithms. Users, pins and edges are chosen
 * to fit: some 25 feeds for each user of a day, and graphs like those that are published.
 */
export const scenarios: readonly Scenario[] = [
  {
    ...{ name: 'phase1', generation: 'tags', budget: 50_000 },
    ...{ recommendationsPerDay: 10 * M, interactionsPerDay: M },
    ...{ users: M, activePerDay: 0.4 * M, pins: M, edges: 20 * M },
  },
  {
    ...{ name: 'phase2', generation: 'collaborative', budget: 140_000 },
    ...{ recommendationsPerDay: 100 * M, interactionsPerDay: 100 * M },
    ...{ users: 10 * M, activePerDay: 4 * M, pins: 10 * M, edges: 200 * M },
  },
  {
    ...{ name: 'phase3', generation: 'deep', budget: 390_000 },
    ...{ recommendationsPerDay: G, interactionsPerDay: G },
    ...{ users: 100 * M, activePerDay: 40 * M, pins: 100 * M, edges: G },
  },
  {
    ...{ name: 'phase4', generation: 'deep', budget: 1_080_000 },
    ...{ recommendationsPerDay: 4 * G, interactionsPerDay: 10 * G },
    ...{ users: 300 * M, activePerDay: 150 * M, pins: 500 * M, edges: 4 * G },
  },
  {
    ...{ name: 'phase5', generation: 'deep', budget: 3_000_000 },
    ...{ recommendationsPerDay: 6 * G, interactionsPerDay: 20 * G },
    ...{ users: 450 * M, activePerDay: 225 * M, pins: G, edges: 8 * G },
  },
  {
    ...{ name: '500m-users', generation: 'deep' },
    ...{ recommendationsPerDay: 6.25 * G, interactionsPerDay: 25 * G },
    ...{ users: 500 * M, activePerDay: 250 * M, pins: G, edges: 10 * G },
  },
]

/** The scenario of that name; SCENARIO_UNKNOWN. */
export function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name)
  if (found) return found
  const known = scenarios.map((scenario) => scenario.name).join(', ')
  throw pinwheelError('SCENARIO_UNKNOWN', { value: name, known })
}

/** What may be switched off to see what it saves. */
export type Switches = {
  /** Lists of generation 2 are made at night, and not at the request. */
  readonly batch: boolean
  readonly cache: boolean
  readonly compression: boolean
  readonly autoscaling: boolean
  /** How the hosts that always run are bought. */
  readonly purchase: Purchase
}

export type ModelOptions = Switches & {
  readonly seed: number
  readonly zones: number
  /** Load of the day's busiest minute over the mean. */
  readonly peakToMean: number
  /**
   * Busy share of the cores that a fleet is made for, and that it may reach when a zone is lost.
   */
  readonly target: number
  readonly targetLost: number
  /** Feeds are cached for so long; nobody asks for more a day than `feedsPerUserMax`. */
  readonly cacheMinutes: number
  readonly feedsPerUserMax: number
  /** Exponent of the law of Zipf that users' activity follows. */
  readonly zipf: number
  readonly eventsPerBatch: number
  readonly logDays: number
  readonly copies: number
  readonly actionsKept: number
  /** A feed is good within this. */
  readonly sloMs: number
  /** Requests that the windows of a day may have in all. */
  readonly requests: number
}

export const modelDefaults: ModelOptions = Object.freeze({
  batch: true,
  cache: true,
  compression: true,
  autoscaling: true,
  purchase: 'reserved1y',
  seed: 1,
  zones: 3,
  peakToMean: 1.8,
  target: 0.6,
  targetLost: 0.85,
  cacheMinutes: 10,
  feedsPerUserMax: 500,
  zipf: 0.8,
  eventsPerBatch: 20,
  logDays: 30,
  copies: 3,
  actionsKept: 100,
  sloMs: 500,
  requests: 200_000,
})

/**
 * What no bench of this project measures. Printed with every result; the model is only as good as
 * these.
 */
export const assumptions = Object.freeze({
  /**
   * Of a call through two sidecars: processor ms at either end, and ms on the way, there and back.
   */
  sidecarCpuMs: 0.5,
  sidecarMs: 2,
  /** A machine boots; a model and a gigabyte of graph are read. */
  bootSeconds: 60,
  modelSeconds: 10,
  /** 9.44 GB in 18.9 s: graph/scale, once. */
  graphGigabytesPerSecond: 0.5,
  /** Beside the frozen bytes of an edge: the table that epochs are built from. */
  edgeTableBytes: 33,
  featureBytesPerPin: 152,
  nameBytesPerPin: 60,
  residentUserBytes: 520,
  residentBytesPerAction: 32,
  residentPinBytes: 370,
  /** Of the memory of a machine, what a program may fill. */
  memoryShare: 0.85,
  /** Threads that one process has for walks and ranking: they share one graph. */
  workersMax: 64,
  /** An append on a log host; a document's write in the store, and documents written an event. */
  appendMs: 0.05,
  documentMs: 0.1,
  documentsPerEvent: 0.8,
  /** Of traffic between hosts, what crosses zones. */
  crossZoneShare: 2 / 3,
})
