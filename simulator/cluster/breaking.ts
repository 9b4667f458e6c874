/**
 * What gives way first as load grows: the hosts of the busiest minute stay, the load is raised
 * until feeds are late or refused. And what stays where it is however many hosts are added: the one
 * thread of a host that folds the whole log, and the memory of the largest machine for the graph.
 */
import type { CostBook } from './cost-book.ts'
import type { Demand } from './demand.ts'
import { assumptions, type ModelOptions } from './scenario.ts'
import { runSlice } from './slice.ts'
import { type Role, roles } from './slice-options.ts'
import { badOf, busyAt, feedsOf, sliceOf, type WindowOptions } from './windows.ts'

const GIBI = 2 ** 30
const STEPS = 6
const REQUESTS = 20_000
/** Of all requests: more than this refused or failed is a break. */
const BAD_MOST = 0.001
/** It breaks between these multiples of the load at which no core of some role is idle. */
const SEARCHED = { from: 0.2, to: 1.6 }

export type Walls = { readonly 'fold of the log': number; readonly 'graph in memory': number }

export type Breaking = {
  /** The role whose cores are busiest when it breaks, or the wall that is met before. */
  readonly first: Role | keyof Walls
  /** Of the busiest minute of today; below 1 it does not carry today's load. */
  readonly times: number
  /** The hosts as they are: the role, how busy its cores are then, and how feeds fare. */
  readonly role: Role
  readonly roleTimes: number
  readonly busyShare: number
  readonly p99Ms: number
  readonly badShare: number
  /** Multiples of today at which adding hosts does not help any more. */
  readonly walls: Walls
}

export function breakingOf(given: WindowOptions, book: CostBook): Breaking {
  const { options } = given
  const atOnce = busyAt(given, options.peakToMean)
  const full = 1 / Math.max(...roles.map((role) => atOnce[role]))
  let [holds, breaks] = [SEARCHED.from * full, SEARCHED.to * full]
  for (let step = 0; step < STEPS; step++) {
    const times = (holds + breaks) / 2
    if (loaded(given, times).breaks) breaks = times
    else holds = times
  }
  const { p99Ms, badShare } = loaded(given, breaks)
  const busy = busyAt(given, breaks * options.peakToMean)
  const role = roles.reduce((most, one) => (busy[one] > busy[most] ? one : most))
  const walls = wallsOf(given.demand, book, options)
  const nearest = (Object.keys(walls) as (keyof Walls)[]).reduce((least, one) =>
    walls[one] < walls[least] ? one : least,
  )
  const isWall = walls[nearest] < breaks
  return {
    first: isWall ? nearest : role,
    times: isWall ? walls[nearest] : breaks,
    ...{ role, roleTimes: breaks, busyShare: busy[role], p99Ms, badShare, walls },
  }
}

/** A multiple of the busiest minute on the hosts that were made for it. */
function loaded(given: WindowOptions, times: number) {
  const { fleet, options } = given
  const hosts = Object.fromEntries(roles.map((role) => [role, fleet[role].hosts]))
  const window = { load: times * options.peakToMean, hosts: hosts as Record<Role, number> }
  const result = runSlice(sliceOf(given, window, REQUESTS))
  const { all, bad } = badOf(result)
  const p99Ms = feedsOf(result).quantile(0.99)
  const badShare = bad / Math.max(1, all)
  return { p99Ms, badShare, breaks: p99Ms > options.sloMs || badShare > BAD_MOST }
}

/** Multiples of the busiest minute of today that no number of hosts carries. */
export function wallsOf(demand: Demand, book: CostBook, { peakToMean }: ModelOptions): Walls {
  const folding = (peakToMean * demand.eventsPerSecond * demand.followMs) / 1_000
  const most = Math.max(...book.instances.map(({ memoryGiB }) => memoryGiB))
  return {
    'fold of the log': 1 / Math.max(folding, 1e-9),
    'graph in memory': (most * assumptions.memoryShare * GIBI) / demand.memory.ranker.each,
  }
}
