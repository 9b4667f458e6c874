/**
 * Requests of a scenario, a share of them: windows of the day, each with the load and the hosts of
 * its hour, through a slice of the fleet.
 *
 * Exact: rates a host, service times, the law of arrivals, hops, flushes, shares of the cache.
 * Scaled: a slice has a share of the hosts and the same share of the load, at least one host a
 * zone; where that is more than its share, hosts have fewer cores, so that they are as busy as the
 * whole's. Smaller pools wait a little longer than large ones, so a slice errs to the slow side.
 */

import type { Day } from './day.ts'
import { loadAt } from './day-curve.ts'
import type { Demand } from './demand.ts'
import { coresAt, type Fleet } from './fleet.ts'
import { Latencies } from './latencies.ts'
import { assumptions, type ModelOptions } from './scenario.ts'
import { scaledTime } from './service-time.ts'
import { runSlice } from './slice.ts'
import {
  type Failure,
  type Role,
  type RoleOptions,
  roles,
  type SliceOptions,
  type SliceResult,
  type Stage,
  type Stream,
  sliceDefaults,
} from './slice-options.ts'

const WINDOWS = 12
const HOURS = 24
const WARM_UP_MS = 1_000
/** A slice has some so many rankers. */
const RANKERS = 3
const LEAST_MS = 3_000

export type Window = {
  readonly hour: number
  readonly load: number
  readonly hosts: Readonly<Record<Role, number>>
}

export type WindowOptions = {
  readonly demand: Demand
  readonly fleet: Fleet
  readonly options: ModelOptions
}

/** A slice of `requests` requests under the load and with the hosts of one moment. */
export function sliceOf(
  { demand, fleet, options }: WindowOptions,
  { load, hosts }: Omit<Window, 'hour'>,
  requests: number,
  more: Partial<SliceOptions> = {},
): SliceOptions {
  const share = Math.min(1, RANKERS / hosts.ranker)
  const hits = demand.hits(load)
  const feeds = share * load * demand.feedsPerSecond
  const batches = share * load * demand.batchesPerSecond
  const rates = { feed: feeds * (1 - hits), hit: feeds * hits, batch: batches, fold: batches }
  const perSecond = { ...rates, write: batches }
  const all = feeds + batches
  const sliced = Object.fromEntries(
    roles.map((role) => [role, roleOptions(role, { demand, fleet, options }, share * hosts[role])]),
  ) as Record<Role, RoleOptions & { readonly speed: number }>
  const streams = (Object.keys(perSecond) as Stream['name'][]).map((name): Stream => {
    const perSecondMax = perSecond[name]
    const route = demand.routes[name].map((stage) => faster(stage, sliced[stage.role].speed))
    return { name, route, perSecond: () => perSecondMax, perSecondMax }
  })
  return {
    ...sliceDefaults,
    seed: options.seed,
    zones: options.zones,
    hopMs: assumptions.sidecarMs / 2,
    warmUpMs: WARM_UP_MS,
    runMs: Math.max(LEAST_MS, (1_000 * requests) / all),
    streams,
    roles: sliced,
    ...more,
  }
}

/** What is always taken of its cores makes a host slower for the rest. */
function roleOptions(role: Role, { demand, fleet, options }: WindowOptions, exact: number) {
  const { cores, instance, taken } = fleet[role]
  const hosts = Math.max(options.zones, Math.round(exact))
  return {
    hosts,
    cores: Math.max(1, Math.round((exact * cores) / hosts)),
    startMs: demand.startMs[role],
    speed: instance.speed * (1 - taken),
  }
}

function faster(stage: Stage, speed: number): Stage {
  return speed === 1 ? stage : { ...stage, time: scaledTime(stage.time, 1 / speed) }
}

/** Twelve moments of a day, and with each the hosts that are there then. */
export function windowsOf(day: Day, { peakToMean }: ModelOptions): Window[] {
  return Array.from({ length: WINDOWS }, (_, i) => {
    const hour = (HOURS / WINDOWS) * i
    const hosts = roles.map((role): [Role, number] => [role, day[role].hosts[60 * hour]!])
    const load = loadAt(hour, peakToMean)
    return { hour, load, hosts: Object.fromEntries(hosts) as Window['hosts'] }
  })
}

export type DayOfRequests = {
  readonly feeds: Latencies
  readonly batches: Latencies
  readonly windows: readonly (Window & {
    readonly p50: number
    readonly p99: number
    readonly feedsPerSecond: number
  })[]
  /** Of requests: refused, failed, or answered by the last rung. */
  readonly badShare: number
  readonly requests: number
  readonly events: number
}

/** Requests of a whole day: of each window as many as its load is of the day's. */
export function runDay(given: WindowOptions, day: Day): DayOfRequests {
  const { demand, options } = given
  const windows = windowsOf(day, options)
  const feeds = new Latencies()
  const batches = new Latencies()
  const told = windows.map((window, i) => {
    const requests = (options.requests / windows.length) * window.load
    const more = { seed: options.seed * 1_000 + i }
    const result = runSlice(sliceOf(given, window, requests, more))
    const own = feedsOf(result)
    // A slice shows a share of the hosts for a share of the hour: all hours weigh by their load.
    const weight = window.load / Math.max(1, own.count)
    feeds.merge(own, weight)
    const batch = result.streams.batch?.latencies
    if (batch) batches.merge(batch, window.load / Math.max(1, batch.count))
    const { p50, p99 } = own.percentiles()
    return {
      result,
      row: { ...window, p50, p99, feedsPerSecond: window.load * demand.feedsPerSecond },
    }
  })
  const ends = told.map(({ result }) => badOf(result))
  const sum = (of: (end: (typeof ends)[number]) => number) =>
    ends.reduce((n, end) => n + of(end), 0)
  return {
    feeds,
    batches,
    windows: told.map(({ row }) => row),
    badShare:
      sum((end) => end.bad) /
      Math.max(
        1,
        sum((end) => end.all),
      ),
    requests: sum((end) => end.all),
    events: told.reduce((n, { result }) => n + result.events, 0),
  }
}

/** Latencies of feeds, from the cache and not. */
export function feedsOf({ streams }: SliceResult): Latencies {
  const all = new Latencies()
  if (streams.feed) all.merge(streams.feed.latencies)
  if (streams.hit) all.merge(streams.hit.latencies)
  return all
}

/** Requests of clients, and those that were not answered as they should be. */
export function badOf({ streams }: SliceResult): { readonly all: number; readonly bad: number } {
  const ends = [streams.feed, streams.hit, streams.batch].flatMap((stream) => stream ?? [])
  const sum = (of: (end: (typeof ends)[number]) => number) =>
    ends.reduce((n, end) => n + of(end), 0)
  const bad = sum(({ degraded, refused, failed }) => degraded + refused + failed)
  return { all: sum(({ arrived }) => arrived), bad }
}

/** The busiest minute, in the middle of which a zone or a ranker host dies. */
export function runFailure(
  given: WindowOptions,
  kind: Failure['kind'],
  seconds: number,
): FailureReport {
  const { fleet, options } = given
  const hosts = Object.fromEntries(roles.map((role) => [role, fleet[role].hosts]))
  const atMs = 500 * seconds
  const failure: Failure =
    kind === 'zone' ? { kind, zone: 0, atMs } : { kind, role: 'ranker', atMs }
  const failures = [failure]
  const window = { load: options.peakToMean, hosts: hosts as Record<Role, number> }
  const slice = sliceOf(given, window, 0, { runMs: 1_000 * seconds, failures })
  const result = runSlice(slice)
  const { all, bad } = badOf(result)
  const known = (atMs + slice.detectMs) / 1_000
  const p99 = (points: SliceResult['overTime']) => Math.max(0, ...points.map((point) => point.p99))
  const { overTime } = result
  return {
    p99Before: p99(overTime.filter(({ second }) => second < atMs / 1_000 - 1)),
    p99Unknown: p99(overTime.filter(({ second }) => second >= atMs / 1_000 && second < known)),
    p99After: p99(overTime.filter(({ second }) => second > known + 1)),
    badShare: bad / Math.max(1, all),
    overTime,
  }
}

export type FailureReport = {
  /** Greatest p99 of a point in time: before, until its death is known, and after. */
  readonly p99Before: number
  readonly p99Unknown: number
  readonly p99After: number
  readonly badShare: number
  readonly overTime: SliceResult['overTime']
}

/** Busy share of each role's cores under a load, as deployed for the busiest minute. */
export function busyAt({ demand, fleet }: WindowOptions, load: number): Record<Role, number> {
  const cores = coresAt(demand, load)
  return Object.fromEntries(
    roles.map((role) => {
      const { hosts, cores: each, instance, taken } = fleet[role]
      return [role, cores[role] / (hosts * each * instance.speed) + taken]
    }),
  ) as Record<Role, number>
}
