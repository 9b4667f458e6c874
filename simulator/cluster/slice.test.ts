/** Laws of the model: theory where there is one, and what holds in every run. */
import { describe, expect, test } from 'vitest'
import { waitMGC, waitMMC } from './queueing-theory.ts'
import { exponentialTime, fixedTime, measuredTime, type ServiceTime } from './service-time.ts'
import { runSlice } from './slice.ts'
import { type RoleOptions, type SliceOptions, sliceDefaults } from './slice-options.ts'

const idle: RoleOptions = { hosts: 1, cores: 1, startMs: 1_000 }
const TOLERANCE = 0.06

type One = {
  readonly cores: number
  readonly load: number
  readonly time: ServiceTime
  readonly customers?: number
}

/** One host of the API with a queue that refuses nobody, and nothing else on the way. */
function oneHost({ cores, load, time, customers = 300_000 }: One): SliceOptions {
  const perSecondMax = (1_000 * load) / time.meanMs
  const route = [{ role: 'api', time }] as const
  return {
    ...sliceDefaults,
    warmUpMs: (100 * customers) / perSecondMax,
    runMs: (1_000 * customers) / perSecondMax,
    hopMs: 0,
    waitingMax: 1e9,
    streams: [{ name: 'feed', route, perSecond: () => perSecondMax, perSecondMax }],
    roles: { api: { ...idle, cores }, shard: idle, ranker: idle, log: idle, store: idle },
  }
}

const meanMs = (options: SliceOptions) => runSlice(options).streams.feed!.latencies.mean

describe('queues are as theory has them', () => {
  // Waits of neighbours hang together over some 1/(1 - load)² services: at .9 that is 100, so 3,000
  // of 300,000 customers count as independent, and the mean has a standard error near 2 %.
  test.each([
    [1, 0.5],
    [1, 0.9],
    [2, 1.4],
    [8, 7.2],
    [64, 58],
  ])('M/M/%i with %f erlangs: the mean time inside', (cores, load) => {
    const expected = 1 + waitMMC(cores, load)
    const mean = meanMs(oneHost({ cores, load, time: exponentialTime(1) }))
    expect(Math.abs(mean / expected - 1)).toBeLessThan(TOLERANCE)
  })

  test('M/M/1: percentiles are those of an exponential', () => {
    const { latencies } = runSlice(oneHost({ cores: 1, load: 0.7, time: exponentialTime(1) }))
      .streams.feed!
    for (const share of [0.5, 0.9, 0.99]) {
      const expected = -Math.log(1 - share) / (1 - 0.7)
      expect(Math.abs(latencies.quantile(share) / expected - 1)).toBeLessThan(TOLERANCE)
    }
  })

  test.each([
    ['fixed', fixedTime(2)],
    ['measured', measuredTime([0.5, 1, 1.2, 1.5, 9])],
  ])('M/G/1 with %s times: Pollaczek and Khinchine', (_, time) => {
    const expected = time.meanMs * (1 + waitMGC(1, 0.8, time.spread))
    const mean = meanMs(oneHost({ cores: 1, load: 0.8, time, customers: 360_000 }))
    expect(Math.abs(mean / expected - 1)).toBeLessThan(TOLERANCE)
  })

  test('the theory itself: Erlang C of tables', () => {
    // Two servers with one erlang: a third wait. Ten with eight: .4092 (Cooper's tables).
    expect(waitMMC(2, 1)).toBeCloseTo(1 / 3, 12)
    expect(waitMMC(10, 8) * 2).toBeCloseTo(0.4092, 4)
  })
})

describe('what holds in every run', () => {
  const time = exponentialTime(5)
  const stage = (role: 'api' | 'shard' | 'ranker') => ({ role, time }) as const
  const through = (more: Partial<SliceOptions> = {}, hosts = 3, rate = 700): SliceOptions => {
    const role: RoleOptions = { hosts, cores: 2, startMs: 3_000 }
    const feed = {
      name: 'feed',
      route: [stage('api'), { ...stage('shard'), owned: true }, stage('ranker')],
      perSecond: () => rate,
      perSecondMax: rate,
    } as const
    const log = { role: 'log', time: fixedTime(0.1), flush: exponentialTime(2) } as const
    const batch = { ...feed, name: 'batch', route: [log], perSecond: () => 100, perSecondMax: 100 }
    return {
      ...sliceDefaults,
      runMs: 30_000,
      streams: [feed, batch as SliceOptions['streams'][number]],
      roles: { api: role, shard: role, ranker: role, log: role, store: role },
      ...more,
    }
  }
  const zoneAt = { kind: 'zone', zone: 0, atMs: 10_000 } as const
  const hostAt = { kind: 'host', role: 'ranker', atMs: 15_000 } as const
  const runs: readonly [string, SliceOptions][] = [
    ['calm', through()],
    ['overloaded', through({ waitingMax: 5 }, 3, 1_500)],
    ['a host fails', through({ failures: [hostAt] })],
    ['a zone and a host fail', through({ failures: [zoneAt, hostAt] })],
    ['all zones fail', through({ failures: [0, 1, 2].map((zone) => ({ ...zoneAt, zone })) })],
  ]

  test.each(runs)("%s: Little's law, nobody lost, work conserved", (_, options) => {
    const { streams, roles, little } = runSlice(options)
    expect(Math.abs(little.inside / little.expected - 1)).toBeLessThan(1e-9)
    for (const { arrived, answered, degraded, refused, failed } of Object.values(streams)) {
      expect(arrived).toBe(answered + degraded + refused + failed)
    }
    // Cores are at work for as long as work was drawn; what a death cut short comes on top.
    const cut = options.failures.length > 0 ? 0.02 : 0
    for (const { busyMs, workMs } of Object.values(roles)) {
      expect(busyMs - workMs).toBeGreaterThan(-1e-3)
      expect(busyMs - workMs).toBeLessThanOrEqual(cut * workMs + 1e-3)
    }
  })

  test('what each run is meant to show does happen in it', () => {
    const told = Object.fromEntries(runs.map(([name, options]) => [name, runSlice(options)]))
    expect(told['calm']!.retried).toBe(0)
    expect(told['overloaded']!.streams.feed!.refused).toBeGreaterThan(1_000)
    expect(told['a host fails']!.retried).toBeGreaterThan(10)
    expect(told['a host fails']!.roles.ranker.hosts).toBe(3)
    expect(told['a zone and a host fail']!.roles.api.hosts).toBe(2)
    expect(told['all zones fail']!.streams.feed!.failed).toBeGreaterThan(1_000)
  })

  test('the same seed gives the same run; another one another', () => {
    const told = (seed: number) => {
      const { streams, overTime, events } = runSlice(through({ seed, failures: [zoneAt] }))
      return JSON.stringify({ streams, overTime, events })
    }
    expect(told(3)).toBe(told(3))
    expect(told(3)).not.toBe(told(4))
  })

  test('more hosts never raise p99 beyond noise', () => {
    const p99 = [3, 4, 6, 9].map((hosts) => {
      return runSlice(through({}, hosts)).streams.feed!.latencies.quantile(0.99)
    })
    // p99 of 21,000 latencies: about 210 lie beyond it, so it is known within some 4 %.
    p99.slice(1).forEach((ms, i) => {
      expect(ms).toBeLessThan(1.08 * p99[i]!)
    })
    expect(p99[3]!).toBeLessThan(p99[0]!)
  })

  test('a share of hosts and load gives the latencies of the whole', () => {
    const whole = runSlice(through({}, 24, 4_800)).streams.feed!.latencies
    const part = runSlice(through({ runMs: 120_000 }, 6, 1_200)).streams.feed!.latencies
    for (const share of [0.5, 0.99]) {
      expect(Math.abs(part.quantile(share) / whole.quantile(share) - 1)).toBeLessThan(0.08)
    }
  })
})
