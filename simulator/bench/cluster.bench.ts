/**
 * Events of the cluster model a second of one core: feeds through four stops and batches through
 * two, at a load of .7. The baseline is the queue of events alone with as many waiting.
 */
import { Random } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { Chance } from '../cluster/chance.ts'
import { EventQueue } from '../cluster/event-queue.ts'
import { exponentialTime, fixedTime } from '../cluster/service-time.ts'
import { runSlice } from '../cluster/slice.ts'
import { type RoleOptions, roles, type Stage, sliceDefaults } from '../cluster/slice-options.ts'

const sizes = {
  small: { seconds: 2, rounds: 1 },
  large: { seconds: 60, rounds: 5 },
} as const
const SEED = 1
const CORES = 16
const HOSTS = 6
const LOAD = 0.7

export const bench = {
  name: 'simulator/cluster',

  run({ size }: { readonly size: keyof typeof sizes }) {
    const { seconds, rounds } = sizes[size]
    const rates: number[] = []
    const bare: number[] = []
    let [events, digest] = [0, '']
    for (let round = 0; round < rounds; round++) {
      const before = cpuSeconds()
      const result = runSlice(options(1_000 * seconds))
      events = result.events
      rates.push(events / (cpuSeconds() - before))
      digest = JSON.stringify(result.streams.feed?.latencyMs)
      bare.push(events / queueSeconds(events, CORES * HOSTS * roles.length))
    }
    const ratio = median(rates) / median(bare)
    return {
      seed: SEED,
      options: { seconds, rounds, cores: CORES, hosts: HOSTS, load: LOAD },
      events,
      eventsPerCpuSecond: Math.round(median(rates)),
      ratio: Math.round(100 * ratio) / 100,
      baseline: { name: 'the queue alone', eventsPerCpuSecond: Math.round(median(bare)) },
      digest,
    }
  },
}

function options(runMs: number) {
  const role: RoleOptions = { hosts: HOSTS, cores: CORES, startMs: 1_000 }
  const byRole = Object.fromEntries(roles.map((name) => [name, role])) as Record<
    (typeof roles)[number],
    RoleOptions
  >
  const time = exponentialTime(5)
  const perSecondMax = (LOAD * CORES * HOSTS * 1_000) / (2 * time.meanMs)
  const feed: Stage[] = [
    { role: 'api', time },
    { role: 'shard', time, owned: true },
    { role: 'ranker', time },
    { role: 'api', time },
  ]
  const batch: Stage[] = [
    { role: 'store', time },
    { role: 'log', time, flush: fixedTime(1) },
  ]
  const rate = { perSecond: () => perSecondMax, perSecondMax }
  return {
    ...sliceDefaults,
    seed: SEED,
    runMs,
    roles: byRole,
    streams: [
      { name: 'feed', route: feed, ...rate } as const,
      { name: 'batch', route: batch, ...rate } as const,
    ],
  }
}

/** As many pushed and taken, each some way ahead of the last. */
function queueSeconds(events: number, waiting: number): number {
  const queue = new EventQueue()
  const chance = new Chance(new Random(SEED))
  const before = cpuSeconds()
  for (let n = 0; n < waiting; n++) queue.push(chance.exponential(), 0, n)
  for (let n = 0; n < events; n++) {
    queue.next()
    queue.push(queue.time + chance.exponential(), 0, n)
  }
  return cpuSeconds() - before
}

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e6
}
