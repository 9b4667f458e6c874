/**
 * A day minute by minute: how many hosts each role has while the load goes up and down, and what
 * they cost. Here load is a number of cores, and not single requests: those are for windows of the
 * day, in slice.ts.
 */
import { Autoscaler } from './autoscaler.ts'
import type { CostBook, Purchase } from './cost-book.ts'
import { loadAt } from './day-curve.ts'
import type { Demand } from './demand.ts'
import { coresAt, type Fleet, type RoleFleet, targetOf } from './fleet.ts'
import type { ModelOptions } from './scenario.ts'
import { type Role, roles } from './slice-options.ts'

const MINUTES = 1440
const MINUTE_MS = 60_000
const CALM_MS = 10 * MINUTE_MS
/** The scaler has this many more than the fleet for the busiest minute, at most. */
const HEADROOM = 1.25

export type RoleDay = {
  /** By minute. */
  readonly hosts: readonly number[]
  readonly busiest: number
  /** Minutes with more work than cores. */
  readonly overloadedMinutes: number
}
export type Day = Readonly<Record<Role, RoleDay>>

export function dayOf(demand: Demand, fleet: Fleet, options: ModelOptions): Day {
  const loads = Array.from({ length: MINUTES }, (_, minute) =>
    coresAt(demand, loadAt(minute / 60, options.peakToMean)),
  )
  const days = roles.map((role): [Role, RoleDay] => {
    const cores = loads.map((load) => load[role])
    return [role, roleDay(cores, fleet[role], demand.startMs[role], options)]
  })
  return Object.fromEntries(days) as Day
}

function roleDay(
  load: readonly number[],
  { instance, cores, hosts: most, hostsLeast, taken }: RoleFleet,
  startMs: number,
  options: ModelOptions,
): RoleDay {
  const power = cores * instance.speed
  const scaler = new Autoscaler({
    hostsMin: hostsLeast,
    hostsMax: Math.ceil(HEADROOM * most),
    target: targetOf(options),
    calmMs: CALM_MS,
  })
  const hosts: number[] = []
  const ready: number[] = []
  let [up, busiest, overloadedMinutes] = [most, 0, 0]
  // Once round to forget how it began, and then the day that counts.
  for (let minute = 0; minute < 2 * MINUTES; minute++) {
    const now = minute * MINUTE_MS
    while (ready.length > 0 && ready[0]! <= now) {
      ready.shift()
      up++
    }
    const share = load[minute % MINUTES]! / power / up + taken
    if (options.autoscaling) {
      const there = up + ready.length
      const wanted = scaler.wanted({ now, hosts: there, busy: up * Math.min(1, share) })
      for (let order = there; order < wanted; order++) ready.push(now + startMs)
      up -= Math.max(0, Math.min(up - hostsLeast, there - wanted))
    }
    if (minute < MINUTES) continue
    hosts.push(up + ready.length)
    busiest = Math.max(busiest, share)
    if (share > 1) overloadedMinutes++
  }
  return { hosts, busiest, overloadedMinutes }
}

/** Dollars a day of hosts by minute, as many of them reserved as makes it cheapest. */
export function hostDollars(
  { hosts }: RoleDay,
  { instance }: RoleFleet,
  purchase: Purchase,
): { readonly dollars: number; readonly reserved: number } {
  const { onDemand, [purchase]: price } = instance.perHour
  const counts = [...hosts].sort((a, b) => a - b)
  // A host is worth a reservation if it runs for more than this share of the day.
  const worth = price / onDemand
  const reserved =
    purchase === 'onDemand' ? 0 : counts[Math.floor((1 - worth) * (counts.length - 1))]!
  const rented = hosts.reduce((sum, count) => sum + Math.max(0, count - reserved), 0) / 60
  return { dollars: rented * onDemand + 24 * reserved * price, reserved }
}

/** Dollars a month by what they are for. */
export type Bill = Readonly<
  Record<Role | 'nightly' | 'log disks' | 'state disks' | 'egress' | 'between zones', number>
>

export function billOf(
  demand: Demand,
  fleet: Fleet,
  day: Day,
  book: CostBook,
  { purchase }: ModelOptions,
): Bill {
  const days = book.hoursPerMonth / 24
  const followed = day.ranker.hosts.reduce((sum, count) => sum + count, 0) / MINUTES
  const { egress, betweenZones } = demand.sentGiBPerDay
  const between = betweenZones + followed * demand.followGiBPerDay
  const byRole = roles.map((role) => [
    role,
    days * hostDollars(day[role], fleet[role], purchase).dollars,
  ])
  const { instance } = fleet.api
  const coreHours = demand.nightlySeconds / 3_600 / instance.speed
  return {
    ...(Object.fromEntries(byRole) as Record<Role, number>),
    nightly: (days * coreHours * instance.perHour.onDemand) / instance.cores,
    'log disks': demand.storedGiB.log * book.storage.disk,
    'state disks': demand.storedGiB.state * book.storage.disk,
    egress: days * egress * book.network.egress,
    'between zones': days * between * book.network.betweenZones,
  }
}

export function totalOf(bill: Bill): number {
  return Object.values(bill).reduce((sum, dollars) => sum + dollars, 0)
}
