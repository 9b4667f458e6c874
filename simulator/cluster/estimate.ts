/** A scenario from end to end: hosts, latencies, dollars, what breaks, what each saving saves. */
import { type Breaking, breakingOf } from './breaking.ts'
import type { Calibration } from './calibration.ts'
import type { CostBook, Purchase } from './cost-book.ts'
import { type Bill, billOf, type Day, dayOf, hostDollars, totalOf } from './day.ts'
import { demandOf } from './demand.ts'
import { type Fleet, fleetOf } from './fleet.ts'
import type { Percentiles } from './latencies.ts'
import type { ModelOptions, Scenario, Switches } from './scenario.ts'
import { type Role, roles } from './slice-options.ts'
import {
  type DayOfRequests,
  type FailureReport,
  runDay,
  runFailure,
  type WindowOptions,
} from './windows.ts'

/** Of a failure, seconds of the busiest minute. */
const FAILURE_SECONDS = 20
const POINT_MINUTES = 15

export type RoleReport = {
  readonly instance: string
  /** In the busiest minute; the fewest and the most of the day; reserved. */
  readonly hosts: number
  readonly hostsLeast: number
  readonly hostsMost: number
  readonly reserved: number
  /** From the order of a host to its first request. */
  readonly startSeconds: number
  /** Of a day, with more work than cores: the scaler came too late. */
  readonly overloadedMinutes: number
  readonly dollarsPerMonth: number
}

/** All that a report draws, in plain data. */
export type ScenarioReport = {
  readonly scenario: Scenario
  readonly hosts: number
  readonly roles: Readonly<Record<Role, RoleReport>>
  readonly latencyMs: Percentiles
  readonly acknowledgeMs: Percentiles
  readonly badShare: number
  readonly cacheHits: number
  readonly dollarsPerMonth: number
  readonly dollarsPerRecommendation: number
  readonly bill: Bill
  readonly budget?: number
  /** Dollars a month over the budget. */
  readonly ofBudget?: number
  readonly breaks: Breaking
  /** Whether the program as it is built carries the busiest minute, whatever is paid. */
  readonly carried: boolean
  /** In the middle of the busiest minute; whether feeds are good again once it is known. */
  readonly zoneFailure: FailureReport & { readonly holds: boolean }
  readonly hostFailure: FailureReport & { readonly holds: boolean }
  /** By window of the day: load, hosts and percentiles. */
  readonly overDay: DayOfRequests['windows']
  /** Every quarter of an hour. */
  readonly hostsOverDay: readonly { readonly hour: number; readonly hosts: Record<Role, number> }[]
  readonly savings: readonly Saving[]
  readonly requests: number
  readonly events: number
}

export type Saving = {
  readonly of: string
  /** Of all dollars, with all the others on; and of the part of the bill that it is about. */
  readonly share: number
  readonly shareOfPart: number
  /** Of all dollars, with none of the others. */
  readonly alone: number
  readonly part: string
  /** What the project once heard of it. */
  readonly claimed: number
}

export type Given = { readonly book: CostBook; readonly calibration: Calibration }

type Priced = { readonly bill: Bill; readonly fleet: Fleet; readonly total: number }

function priced(scenario: Scenario, { book, calibration }: Given, options: ModelOptions) {
  const demand = demandOf(scenario, calibration, options)
  const fleet = fleetOf(scenario, demand, book, options)
  const day = dayOf(demand, fleet, options)
  const bill = billOf(demand, fleet, day, book, options)
  return { demand, fleet, day, bill, total: totalOf(bill) }
}

/** The scenario under `options`; CLUSTER_OPTIONS, CLUSTER_TOO_LARGE. */
export function estimate(scenario: Scenario, given: Given, options: ModelOptions): ScenarioReport {
  const { demand, fleet, day, bill, total } = priced(scenario, given, options)
  const model = { demand, fleet, options }
  const requests = runDay(model, day)
  const failing = (kind: 'zone' | 'host') => {
    const failure = runFailure(model, kind, FAILURE_SECONDS)
    return { ...failure, holds: failure.p99After <= options.sloMs }
  }
  const breaks = breakingOf(model, given.book)
  const days = given.book.hoursPerMonth / 24
  const { budget } = scenario
  return {
    scenario,
    hosts: roles.reduce((sum, role) => sum + fleet[role].hosts, 0),
    roles: rolesOf(model, day, days),
    latencyMs: requests.feeds.percentiles(),
    acknowledgeMs: requests.batches.percentiles(),
    badShare: requests.badShare,
    cacheHits: demand.hits(1),
    dollarsPerMonth: total,
    dollarsPerRecommendation: total / days / scenario.recommendationsPerDay,
    bill,
    ...(budget !== undefined && { budget, ofBudget: total / budget }),
    breaks,
    carried: breaks.times >= 1,
    zoneFailure: failing('zone'),
    hostFailure: failing('host'),
    overDay: requests.windows,
    hostsOverDay: hostsOverDay(day),
    savings: savingsOf(scenario, given, options),
    requests: requests.requests,
    events: requests.events,
  }
}

function rolesOf({ demand, fleet, options }: WindowOptions, day: Day, days: number) {
  const byRole = roles.map((role): [Role, RoleReport] => {
    const { instance, hosts } = fleet[role]
    const counts = day[role].hosts
    const { dollars, reserved } = hostDollars(day[role], fleet[role], options.purchase)
    const told = {
      instance: instance.name,
      hosts,
      hostsLeast: Math.min(...counts),
      hostsMost: Math.max(...counts),
      reserved,
      startSeconds: Math.round(demand.startMs[role] / 1_000),
      overloadedMinutes: day[role].overloadedMinutes,
      dollarsPerMonth: days * dollars,
    }
    return [role, told]
  })
  return Object.fromEntries(byRole) as ScenarioReport['roles']
}

function hostsOverDay(day: Day): ScenarioReport['hostsOverDay'] {
  return Array.from({ length: 1440 / POINT_MINUTES }, (_, i) => {
    const minute = i * POINT_MINUTES
    const hosts = roles.map((role) => [role, day[role].hosts[minute]!])
    return { hour: minute / 60, hosts: Object.fromEntries(hosts) as Record<Role, number> }
  })
}

const hostsOf = (bill: Bill) => roles.reduce((sum, role) => sum + bill[role], 0)
const bytesOf = (bill: Bill) => bill['log disks'] + bill['state disks'] + bill['between zones']
const ranking = (bill: Bill) => bill.ranker + bill.nightly

/** Each with and without, all the others as they are. Claims: unverified history of the project. */
export function savingsOf(scenario: Scenario, given: Given, options: ModelOptions): Saving[] {
  const all: Switches = {
    batch: true,
    cache: true,
    compression: true,
    autoscaling: true,
    purchase: options.purchase,
  }
  const nothing: Switches = {
    batch: false,
    cache: false,
    compression: false,
    autoscaling: false,
    purchase: 'onDemand',
  }
  const bill = (of: Scenario, change: Partial<Switches>): Priced =>
    priced(of, given, { ...options, ...all, ...change })
  const saving = (
    of: string,
    claimed: number,
    { without, part, on, scale = {}, as = scenario }: With,
  ): Saving => {
    const [more, less] = [bill(as, { ...scale, ...without }), bill(as, scale)]
    const share = 1 - less.total / more.total
    const shareOfPart = 1 - on(less.bill) / on(more.bill)
    const only = Object.keys(without).map((name) => [name, { ...all, ...scale }[name as Name]])
    const [none, one] = [bill(as, nothing), bill(as, { ...nothing, ...Object.fromEntries(only) })]
    return { of, claimed, share, shareOfPart, part, alone: 1 - one.total / none.total }
  }
  // The other generations have no lists: their load, answered by generation 2.
  const second = { ...scenario, generation: 'collaborative' } as const
  const reserved = (purchase: Purchase) => ({ scale: { purchase } })
  const onDemand = { purchase: 'onDemand' } as const
  const hosts = { part: 'hosts', on: hostsOf }
  return [
    saving('batch prediction (generation 2)', 0.8, {
      ...{ without: { batch: false }, part: 'ranking', on: ranking, as: second },
    }),
    saving('feed cache', 0.4, { without: { cache: false }, part: 'ranking', on: ranking }),
    saving('compression', 0.75, { without: { compression: false }, part: 'bytes', on: bytesOf }),
    saving('autoscaling', 0.5, {
      ...{ without: { autoscaling: false }, ...hosts },
    }),
    saving('hosts reserved for a year', 0.6, {
      ...{ without: onDemand, ...hosts, ...reserved('reserved1y') },
    }),
    saving('hosts reserved for three', 0.6, {
      ...{ without: onDemand, ...hosts, ...reserved('reserved3y') },
    }),
  ]
}

type Name = keyof Switches
type With = {
  readonly without: Partial<Switches>
  readonly part: string
  readonly on: (bill: Bill) => number
  /** On both sides of the comparison. */
  readonly scale?: Partial<Switches>
  readonly as?: Scenario
}
