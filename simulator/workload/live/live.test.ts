import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../base/index.ts'
import { watchFreshness } from './freshness.ts'
import { type LiveOptions, runKnee, runLive } from './live.ts'
import { worldPeople } from './people.ts'
import { type FakeOptions, FakeTarget, playOut, testWorld } from './testing.ts'

function ports(fake: Omit<FakeOptions, 'clock'> = {}) {
  const clock = new ManualClock(1_790_000_000_000)
  const target = new FakeTarget({ ...fake, clock })
  return { clock, target, people: worldPeople({ world: testWorld, seed: 1, run: 't' }) }
}
const live = (options: Partial<LiveOptions>, at = ports()) =>
  playOut(
    at.clock,
    runLive({ rate: 100, seconds: 4, warmUpSeconds: 2, seed: 1, run: 't', ...options }, at),
  )

describe('the result', () => {
  test('figures add up; the warm-up is in none of them but its own', async () => {
    const result = await live({})
    const { arrivals, feed, events, errors, perSecond } = result
    expect(arrivals.scheduled).toBe(arrivals.answered)
    expect(feed.answered + events.answered).toBe(arrivals.answered)
    expect(feed.answered).toBeGreaterThan(20)
    expect(events.answered).toBeGreaterThan(100)
    expect(errors).toEqual({})
    // Poisson counts of 200 and 400 deviate by 14 and 20.
    expect(Math.abs(arrivals.warmUp - 200)).toBeLessThan(57)
    expect(Math.abs(arrivals.scheduled - 400)).toBeLessThan(80)
    const scheduled = perSecond.reduce((sum, second) => sum + second.scheduled, 0)
    expect(scheduled).toBe(arrivals.scheduled + arrivals.warmUp)
    expect(perSecond.length).toBeGreaterThanOrEqual(6)
    expect(result.requestsPerSecond).toBeCloseTo(arrivals.answered / result.seconds, 0)
    expect(result.client.trusted).toBe(true)
    expect(result.partial).toBeUndefined()
    expect(result.people.pinsUnknown).toBe(0)
  })

  test('a ramp goes from one rate to the other', async () => {
    const { perSecond, arrivals } = await live({ rate: 0, toRate: 400, seconds: 8 })
    expect(arrivals.warmUp).toBe(0)
    const [early, late] = [perSecond.slice(0, 2), perSecond.slice(6, 8)]
    const sum = (rows: typeof early) => rows.reduce((n, { scheduled }) => n + scheduled, 0)
    expect(sum(late)).toBeGreaterThan(5 * sum(early))
  })

  test('when the warm-up is over, as many visits begin as end', async () => {
    const { perSecond } = await live({ rate: 150, warmUpSeconds: 15, seconds: 25 })
    const shareOf = (rows: typeof perSecond) => {
      const sum = (of: (row: (typeof perSecond)[number]) => number) =>
        rows.reduce((n, row) => n + of(row), 0)
      return sum(({ feeds }) => feeds) / sum(({ answered }) => answered)
    }
    const steady = shareOf(perSecond.slice(15, 40))
    for (let second = 15; second < 40; second += 5) {
      // 750 requests: a share near .15 deviates by .013, and visits are whole.
      expect(Math.abs(shareOf(perSecond.slice(second, second + 5)) - steady)).toBeLessThan(0.065)
    }
    expect(shareOf(perSecond.slice(0, 3))).toBeGreaterThan(2 * steady)
  })

  test('a bound by count', async () => {
    expect((await live({ requestsMax: 37 })).arrivals.scheduled).toBe(37)
  })

  test('a server that answers too slowly does not answer as many as were asked', async () => {
    const result = await live({ seconds: 3 }, ports({ serviceMs: 20 }))
    expect(result.offeredPerSecond).toBeGreaterThan(80)
    expect(result.requestsPerSecond).toBeLessThan(55)
    expect(result.latencyMs.max).toBeGreaterThan(2_000)
  })

  test('a client that took too much processor time is not trusted', async () => {
    const at = ports()
    const cpuMs = () => at.clock.monotonic() * 0.9
    const { client } = await playOut(
      at.clock,
      runLive({ rate: 100, seconds: 2, warmUpSeconds: 2, seed: 1, run: 't' }, { ...at, cpuMs }),
    )
    expect(client.cpuShare).toBeCloseTo(0.9, 1)
    expect(client.trusted).toBe(false)
    expect(client.doubts).toEqual([expect.stringContaining('0.9 of a core where 0.2 is expected')])
  })
})

describe('freshness', () => {
  const watch = async (fake: Omit<FakeOptions, 'clock'>, ms = 20_000) => {
    const { clock, target } = ports(fake)
    const userOf = (n: number) => `u${n}`
    const options = { target, clock, userOf, run: 't', seed: 1, everyMs: 1_000 }
    const stop = watchFreshness(options)
    const wait = clock.sleep(ms).then(stop)
    return playOut(clock, wait)
  }

  test('from the 202 to the first feed without the pin', async () => {
    const at = await watch({ serviceMs: 2, heedsAfterMs: 300 })
    expect(at.visible.count).toBeGreaterThanOrEqual(19)
    expect(at.visible.quantile(0.5)).toBeGreaterThanOrEqual(300)
    expect(at.visible.max).toBeLessThanOrEqual(304)
    expect([at.notVisible, at.unsteady, at.failed]).toEqual([0, 0, 0])
  })

  test('a save that is never heeded is told as that, after bounded asking', async () => {
    const at = await watch({ serviceMs: 2, heedsAfterMs: Number.POSITIVE_INFINITY })
    expect(at.visible.count).toBe(0)
    expect(at.notVisible).toBeGreaterThan(5)
  })

  test('without a save an answer that changes by itself shows nothing', async () => {
    const { clock } = ports()
    let asked = 0
    const feed = async () => {
      await clock.sleep(1)
      const pins = [{ pin: `p${asked++}`, propensity: 1 }]
      return { value: { request: 'r', generation: 'mixed', pins } }
    }
    const send = async () => ({ value: { accepted: 1, duplicate: 0 } })
    const more = { clock, userOf: (n: number) => `u${n}`, run: 't', seed: 1, everyMs: 1_000 }
    const stop = watchFreshness({ target: { feed, send }, ...more })
    const found = await playOut(clock, clock.sleep(10_500).then(stop))
    expect([found.unsteady, found.visible.count, found.notVisible]).toEqual([10, 0, 0])
  })

  test('failures are no freshness', async () => {
    const at = await watch({ fails: () => 'OVERLOADED' })
    expect([at.visible.count, at.notVisible, at.failed > 10]).toEqual([0, 0, true])
  })
})

test('the knee of a server that takes 5 ms a request is near 200, and known by its latency', async () => {
  const at = ports({ serviceMs: 5 })
  const ask = { from: 50, rateMax: 5_000, sloMs: 60, errorBudget: 0.01 }
  const options = { seconds: 6, warmUpSeconds: 2, probesPerSecond: 0, seed: 1, run: 't' }
  const knee = await playOut(at.clock, runKnee(ask, options, at))
  // The p99 of such a queue is 60 ms at four fifths of its capacity.
  expect(knee.rate).toBeGreaterThan(130)
  expect(knee.rate).toBeLessThan(195)
  expect(knee.broke?.verdict).toBe('latency')
  expect(knee.held?.result.latencyMs.p99).toBeLessThanOrEqual(60)
})

describe('a step that does not hold says why', () => {
  const ask = { from: 200, rateMax: 200, sloMs: 50, errorBudget: 0.05 }
  const options = { seconds: 2, warmUpSeconds: 0, probesPerSecond: 0, seed: 1, run: 't' }
  const verdict = async (fake: Omit<FakeOptions, 'clock'>, more: Partial<LiveOptions> = {}) => {
    const at = ports(fake)
    const ended = await playOut(at.clock, runKnee(ask, { ...options, ...more }, at))
    return ended.steps[0]!.verdict
  }

  test.each([
    ['holds', {}, {}],
    ['latency', { serviceMs: 20 }, {}],
    ['errors', { fails: (n: number) => (n % 4 === 0 ? 'OVERLOADED' : undefined) }, {}],
    ['client', { stall: [500, 900] as const }, { outstandingMax: 5 }],
  ])('%s', async (why, fake, more) => expect(await verdict(fake, more)).toBe(why))
})
