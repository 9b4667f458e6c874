/**
 * What a scenario asks of each role: processor time of a feed, a cached feed, a batch of events and
 * what follows from it; memory; bytes kept and sent. All of one scenario's numbers come from here.
 */
import { pinwheelError } from '../../base/index.ts'
import {
  type Calibration,
  meanOf,
  perEventMs,
  type RequestTimes,
  type Stored,
} from './calibration.ts'
import { hitShare } from './feed-cache.ts'
import { assumptions, type ModelOptions, type Scenario } from './scenario.ts'
import {
  fixedTime,
  logNormalTime,
  measuredTime,
  type ServiceTime,
  scaledTime,
  sumOfTimes,
} from './service-time.ts'
import { type Role, roles, type Stream } from './slice-options.ts'

const SECONDS = 86_400
const MEBI = 2 ** 20
const GIBI = 2 ** 30
/** Points of the cache's table to a load of 1. */
const TABLE = 8
/** Entries that the log delivers to a shard in one call. */
const FRAME = 256

export type Demand = {
  /** Arrivals a second over the day's mean, which `load` multiplies. */
  readonly feedsPerSecond: number
  readonly batchesPerSecond: number
  readonly eventsPerSecond: number
  readonly routes: Readonly<Record<Stream['name'], Stream['route']>>
  /** Share of feeds from the cache while the load is that. */
  readonly hits: (load: number) => number
  /** Lists made at night, in seconds of a core a day. */
  readonly nightlySeconds: number
  /** One thread of every ranker host folds the whole log: ms an event. */
  readonly followMs: number
  /** Of a role all together, and of every host of it. */
  readonly memory: Readonly<Record<Role, { readonly shared: number; readonly each: number }>>
  readonly startMs: Readonly<Record<Role, number>>
  /** On disks, all copies. */
  readonly storedGiB: Readonly<Record<'log' | 'state', number>>
  readonly sentGiBPerDay: { readonly egress: number; readonly betweenZones: number }
  /** What of the log each ranker host reads from other zones. */
  readonly followGiBPerDay: number
}

export function demandOf(scenario: Scenario, given: Calibration, options: ModelOptions): Demand {
  checkDemand(scenario, options)
  const feedsPerSecond = scenario.recommendationsPerDay / SECONDS
  const eventsPerSecond = scenario.interactionsPerDay / SECONDS
  const isListed = scenario.generation === 'collaborative' && options.batch
  const memory = memoryOf(scenario, given, options)
  return {
    feedsPerSecond,
    eventsPerSecond,
    batchesPerSecond: eventsPerSecond / options.eventsPerBatch,
    routes: routesOf(scenario, given, options),
    hits: options.cache ? hitsOf(scenario, options) : () => 0,
    nightlySeconds: isListed ? (scenario.activePerDay * given.listMs.ahead) / 1_000 : 0,
    followMs: perEventMs(given, 'workerMs'),
    memory,
    startMs: startsOf(memory),
    ...bytesOf(scenario, given, options),
  }
}

/** Between points of a table: the integral over all users is dear, and smooth. */
function hitsOf(scenario: Scenario, options: ModelOptions): Demand['hits'] {
  const cache = cacheOf(scenario, options)
  const table = new Map<number, number>()
  const point = (i: number) => {
    const known = table.get(i) ?? hitShare(cache, Math.max(1, i) / TABLE)
    table.set(i, known)
    return known
  }
  return (load) => {
    const at = load * TABLE
    const low = Math.floor(at)
    return point(low) + (at - low) * (point(low + 1) - point(low))
  }
}

function cacheOf(scenario: Scenario, { feedsPerUserMax, zipf, cacheMinutes }: ModelOptions) {
  const { activePerDay: users, recommendationsPerDay: feedsPerDay } = scenario
  return { users, feedsPerDay, feedsPerUserMax, zipf, cacheMinutes }
}

function routesOf(scenario: Scenario, given: Calibration, options: ModelOptions): Demand['routes'] {
  const { sidecarCpuMs, appendMs, documentMs, documentsPerEvent } = assumptions
  const call = fixedTime(sidecarCpuMs)
  const times = given.large[scenario.generation]
  const half = scaledTime(measuredTime(times.mainMs), 0.5)
  const { log, user } = given.bytes
  const { eventsPerBatch: events } = options
  const front = meanOf(given.demo.event.mainMs) + (events - 1) * perEventMs(given, 'mainMs')
  const squeezed = options.compression ? 1 : 0
  const append = appendMs + squeezed * events * compressMs(log)
  const document = documentMs + squeezed * compressMs(user)
  const flush = logNormalTime(given.flushMs)
  const fold = (events * sidecarCpuMs) / FRAME + events * perEventMs(given, 'workerMs')
  return {
    feed: [
      { role: 'api', time: sumOfTimes(half, call) },
      { role: 'shard', time: contextTime(given), owned: true },
      { role: 'ranker', time: sumOfTimes(call, rankTime(scenario, times, given, options)) },
      { role: 'api', time: sumOfTimes(half, call) },
    ],
    hit: [{ role: 'api', time: measuredTime(given.demo.alive.mainMs) }],
    batch: [
      { role: 'api', time: fixedTime(front) },
      { role: 'log', time: fixedTime(append), flush },
    ],
    fold: [{ role: 'shard', time: fixedTime(fold), owned: true }],
    write: [{ role: 'store', time: fixedTime(events * documentsPerEvent * document) }],
  }
}

/** A call, and a state that comes back to memory. */
function contextTime({ activationsPerCpuSecond }: Calibration): ServiceTime {
  return fixedTime(assumptions.sidecarCpuMs + 1_000 / activationsPerCpuSecond)
}

/**
 * What threads of a server take beside its main one, collectors of garbage included. Where lists
 * were made at night, in proportion of reading one to making one.
 */
function rankTime(
  { generation }: Scenario,
  { workerMs, helperMs }: RequestTimes,
  { listMs }: Calibration,
  { batch }: ModelOptions,
): ServiceTime {
  const time = sumOfTimes(measuredTime(workerMs), fixedTime(meanOf(helperMs)))
  return generation === 'collaborative' && batch
    ? scaledTime(time, Math.min(1, listMs.listed / listMs.online))
    : time
}

function compressMs({ each, compressMsPerMegabyte }: Stored): number {
  return (each / MEBI) * compressMsPerMegabyte
}

function memoryOf(scenario: Scenario, given: Calibration, options: ModelOptions): Demand['memory'] {
  const { edgeTableBytes, featureBytesPerPin, nameBytesPerPin } = assumptions
  const { residentUserBytes, residentBytesPerAction, residentPinBytes } = assumptions
  const user = residentUserBytes + options.actionsKept * residentBytesPerAction
  const graph = scenario.edges * (given.graphBytesPerEdge + edgeTableBytes)
  const pins = scenario.pins * (featureBytesPerPin + nameBytesPerPin)
  const program = 1 * GIBI
  const states = scenario.activePerDay * user + scenario.pins * residentPinBytes
  const nothing = { shared: 0, each: program }
  return {
    api: nothing,
    shard: { shared: states, each: program },
    ranker: { shared: 0, each: 2 * program + graph + pins },
    log: nothing,
    store: { shared: 0, each: 8 * program },
  }
}

function startsOf(memory: Demand['memory']): Demand['startMs'] {
  const { bootSeconds, modelSeconds, graphGigabytesPerSecond } = assumptions
  const starts = roles.map((role): [Role, number] => {
    const reads = role === 'ranker' ? memory.ranker.each / 1e9 / graphGigabytesPerSecond : 0
    return [role, 1_000 * (bootSeconds + (role === 'ranker' ? modelSeconds : 0) + reads)]
  })
  return Object.fromEntries(starts) as Demand['startMs']
}

function bytesOf(scenario: Scenario, { bytes, large }: Calibration, options: ModelOptions) {
  const { copies, logDays, compression } = options
  const { crossZoneShare } = assumptions
  const left = ({ each, ratio }: Stored) => each * (compression ? ratio : 1)
  const logged = (scenario.interactionsPerDay * left(bytes.log)) / GIBI
  const states = (scenario.users * left(bytes.user) + scenario.pins * left(bytes.pin)) / GIBI
  const reply = large[scenario.generation].replyBytes
  const replies = (scenario.recommendationsPerDay * reply) / GIBI
  // A context and a slate go between hosts for each feed; the log goes to its copies and to shards.
  const between = crossZoneShare * (replies + (copies - 1 + 1) * logged)
  return {
    storedGiB: { log: copies * logDays * logged, state: copies * states },
    sentGiBPerDay: { egress: replies, betweenZones: between },
    followGiBPerDay: crossZoneShare * logged,
  }
}

/** CLUSTER_OPTIONS for what no service can be. */
export function checkDemand(scenario: Scenario, options: ModelOptions): void {
  const { activePerDay, users, recommendationsPerDay } = scenario
  const refuse = (option: string, value: number, expected: string) => {
    throw pinwheelError('CLUSTER_OPTIONS', { option, value, expected })
  }
  for (const name of ['users', 'activePerDay', 'pins', 'edges', 'recommendationsPerDay'] as const) {
    if (!(scenario[name] >= 1)) refuse(name, scenario[name], '1 or more')
  }
  if (!(scenario.interactionsPerDay >= 0)) {
    refuse('interactionsPerDay', scenario.interactionsPerDay, '0 or more')
  }
  if (activePerDay > users) refuse('activePerDay', activePerDay, `at most the ${users} users`)
  const most = activePerDay * options.feedsPerUserMax
  if (recommendationsPerDay >= most) {
    const expected = `fewer than ${most}: nobody asks for more than ${options.feedsPerUserMax}`
    refuse('recommendationsPerDay', recommendationsPerDay, expected)
  }
  const shares = ['target', 'targetLost'] as const
  for (const name of shares) {
    if (!(options[name] > 0 && options[name] < 1)) {
      refuse(name, options[name], 'a share between 0 and 1')
    }
  }
  if (!(options.peakToMean >= 1 && options.peakToMean <= 2.25)) {
    refuse('peakToMean', options.peakToMean, 'from 1 to 2.25')
  }
  if (!(options.zones >= 1)) refuse('zones', options.zones, '1 or more')
  if (!(options.cacheMinutes > 0)) refuse('cacheMinutes', options.cacheMinutes, 'more than 0')
  if (!(options.eventsPerBatch >= 1)) refuse('eventsPerBatch', options.eventsPerBatch, '1 or more')
}
