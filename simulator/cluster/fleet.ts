/**
 * How many hosts of which machine: the cheapest that carry the busiest minute at the target, that
 * minute with a zone lost, and what must be in memory.
 */
import { pinwheelError } from '../../base/index.ts'
import type { CostBook, Instance } from './cost-book.ts'
import type { Demand } from './demand.ts'
import { assumptions, type ModelOptions, type Scenario } from './scenario.ts'
import { type Role, roles } from './slice-options.ts'

const GIBI = 2 ** 30
/** Prices within this factor count as one. */
const ALIKE = 1.03

export type RoleFleet = {
  readonly instance: Instance
  /** Of one host that this role can use. */
  readonly cores: number
  /** For the busiest minute; and as many as memory and zones want at any time. */
  readonly hosts: number
  readonly hostsLeast: number
  /** Share of a host's cores that is always taken, whatever comes. */
  readonly taken: number
}
export type Fleet = Readonly<Record<Role, RoleFleet>>

/** Busy share that hosts are made for: with a zone lost it must not exceed `targetLost`. */
export function targetOf({ target, targetLost, zones }: ModelOptions): number {
  return zones > 1 ? Math.min(target, (targetLost * (zones - 1)) / zones) : target
}

/** Cores of speed 1 that a role needs while the load is `load` times the day's mean. */
export function coresAt(demand: Demand, load: number): Readonly<Record<Role, number>> {
  const hits = demand.hits(load)
  const perSecond = {
    feed: load * demand.feedsPerSecond * (1 - hits),
    hit: load * demand.feedsPerSecond * hits,
    batch: load * demand.batchesPerSecond,
    fold: load * demand.batchesPerSecond,
    write: load * demand.batchesPerSecond,
  }
  const cores = Object.fromEntries(roles.map((role) => [role, 0])) as Record<Role, number>
  for (const name of Object.keys(perSecond) as (keyof typeof perSecond)[]) {
    for (const { role, time } of demand.routes[name]) {
      cores[role] += (perSecond[name] * time.meanMs) / 1_000
    }
  }
  return cores
}

export function fleetOf(
  scenario: Scenario,
  demand: Demand,
  book: CostBook,
  options: ModelOptions,
): Fleet {
  const peak = coresAt(demand, options.peakToMean)
  const fleets = roles.map((role): [Role, RoleFleet] => {
    const fits = book.instances.flatMap((instance) => {
      const fleet = fleetWith(role, instance, peak[role], demand, options)
      return fleet ? [fleet] : []
    })
    const price = ({ hosts, instance }: RoleFleet) => hosts * instance.perHour.onDemand
    const [first, ...rest] = fits
    if (!first) {
      const needs = `${Math.ceil(demand.memory[role].each / GIBI)} GiB in each ${role} host`
      throw pinwheelError('CLUSTER_TOO_LARGE', { scenario: scenario.name, needs })
    }
    const least = Math.min(...fits.map(price))
    // Of those that cost about the same the fewest: large pools wait less.
    const best = rest
      .filter((one) => price(one) <= ALIKE * least)
      .reduce(
        (few, one) => (one.hosts < few.hosts || price(few) > ALIKE * least ? one : few),
        first,
      )
    return [role, best]
  })
  return Object.fromEntries(fleets) as Fleet
}

/** Undefined where the machine is too small for one host. */
function fleetWith(
  role: Role,
  instance: Instance,
  peak: number,
  demand: Demand,
  options: ModelOptions,
): RoleFleet | undefined {
  const { zones, peakToMean } = options
  const { shared, each } = demand.memory[role]
  const room = assumptions.memoryShare * instance.memoryGiB * GIBI - each
  const used = role === 'ranker' ? Math.min(instance.cores, assumptions.workersMax) : instance.cores
  const follow = (peakToMean * demand.eventsPerSecond * demand.followMs) / 1_000 / instance.speed
  const taken = role === 'ranker' ? follow / used : 0
  if (room <= 0 || taken >= targetOf(options)) return undefined
  const inMemory = Math.ceil(shared / room)
  // Each copy of the log is on a host of its own.
  const copies = role === 'log' ? options.copies : 1
  const hostsLeast = Math.max(zones, copies, inMemory)
  const free = used * instance.speed * (targetOf(options) - taken)
  return {
    instance,
    cores: used,
    hosts: Math.max(hostsLeast, Math.ceil(peak / free)),
    hostsLeast,
    taken,
  }
}
