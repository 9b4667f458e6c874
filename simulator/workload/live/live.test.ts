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
  playOut(at.clock, runLive({ rate: 100, seconds: 4, seed: 1, run: 't', ...options }, at))

describe('the result', () => {
  test('figures add up; the warm-up is in none of them but its own', async () => {
    const result = await live({ warmUpSeconds: 2 })
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
      runLive({ rate: 100, seconds: 2, seed: 1, run: 't' }, { ...at, cpuMs }),
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

  test('failures are no freshness', async () => {
    const at = await watch({ fails: () => 'OVERLOADED' })
    expect([at.visible.count, at.notVisible, at.failed > 10]).toEqual([0, 0, true])
  })
})

test('the knee of a server that takes 5 ms a request is near 200, and known by its latency', async () => {
  const at = ports({ serviceMs: 5 })
  const ask = { from: 50, rateMax: 5_000, sloMs: 60, errorBudget: 0.01 }
  const options = { seconds: 10, warmUpSeconds: 2, probesPerSecond: 0, seed: 1, run: 't' }
  const knee = await playOut(at.clock, runKnee(ask, options, at))
  // The p99 of such a queue is 60 ms at four fifths of its capacity.
  expect(knee.rate).toBeGreaterThan(130)
  expect(knee.rate).toBeLessThan(195)
  expect(knee.broke?.verdict).toBe('latency')
  expect(knee.held?.result.latencyMs.p99).toBeLessThanOrEqual(60)
})
