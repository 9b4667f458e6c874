/** One server: theory where there is one, and predictions held against measurements. */
import { describe, expect, test } from 'vitest'
import { oneServerDefaults, runOneServer } from './one-server.ts'
import { check, predict, readMeasured, readPrediction } from './prediction.ts'
import { waitMGC } from './queueing-theory.ts'
import { measuredTime } from './service-time.ts'
import { plainCalibration, timesAround } from './testing.ts'

const noTime = [0, 0]
/** Workers alone take time. */
const working = {
  ...plainCalibration,
  demo: {
    ...plainCalibration.demo,
    mixed: { ...timesAround(0, 5), helperMs: noTime, clientMs: noTime, elapsedMs: noTime },
  },
}
const still = { ...oneServerDefaults, timerLateMs: 0, requests: 60_000, sharesFeeds: false }

describe('threads that share cores', () => {
  // 54,000 requests at a load of .7: some 5,000 that do not hang together; 1.5 % of the mean.
  test('as many cores as threads: the queue M/G/1 of Pollaczek and Khinchine', () => {
    const threads = { ...oneServerDefaults.threads, worker: 1 }
    const { feeds } = runOneServer(working, { ...still, rate: 140, cores: 8, threads })
    const { meanMs, spread } = measuredTime(working.demo.mixed.workerMs)
    const expected = meanMs * (1 + waitMGC(1, 0.7, spread))
    expect(Math.abs(feeds.mean / expected - 1)).toBeLessThan(0.06)
  })

  test('more threads than cores: processor sharing, whose mean no law of times changes', () => {
    const threads = { ...oneServerDefaults.threads, worker: 10_000 }
    const { feeds } = runOneServer(working, { ...still, rate: 140, cores: 1, threads })
    expect(Math.abs(feeds.mean / (5 / (1 - 0.7)) - 1)).toBeLessThan(0.06)
  })

  test('work is what was asked for: busy cores are rate times time', () => {
    const rate = 50
    const { busyCores } = runOneServer(plainCalibration, { ...still, rate })
    // Main, worker, helpers and client: 1.6 + 5 + .5 + .4 ms.
    expect(Math.abs(busyCores / ((rate * 7.5) / 1_000) - 1)).toBeLessThan(0.03)
  })

  test('two workers at one feed: half of the time where cores are free, the same work', () => {
    const quiet = { ...still, rate: 2, cores: 4, requests: 20_000 }
    const alone = runOneServer(working, quiet)
    const shared = runOneServer(working, { ...quiet, sharesFeeds: true })
    expect(Math.abs(shared.feeds.mean / (alone.feeds.mean / 2) - 1)).toBeLessThan(0.03)
    expect(Math.abs(shared.busyCores / alone.busyCores - 1)).toBeLessThan(0.03)
  })

  test('events take from feeds what they need', () => {
    const p99 = (eventShare: number) =>
      runOneServer(plainCalibration, { ...still, rate: 200, eventShare }).feeds.quantile(0.99)
    expect(p99(0.5)).toBeLessThan(p99(0))
  })
})

describe('a prediction', () => {
  const options = { seed: 1, eventShare: 0, eventsPerBatch: 20, sloMs: 100, cores: 2 }
  const prediction = predict(plainCalibration, { ...options, rates: [50, 100, 150] })

  test('the knee is below what the cores can do, and not far', () => {
    // 7.5 ms of two cores: 266 a second.
    expect(prediction.kneePerSecond).toBeLessThan(266)
    expect(prediction.kneePerSecond).toBeGreaterThan(150)
    const [slow, , quick] = prediction.rates
    expect(quick!.p99).toBeGreaterThan(slow!.p99)
  })

  test('it is the same from its file', () => {
    expect(readPrediction(JSON.stringify(prediction), 'p')).toEqual(prediction)
    expect(() => readPrediction('{"rates": []}', 'p.json')).toThrow(
      expect.objectContaining({ code: 'MEASUREMENT_INVALID' }),
    )
  })

  test('what live prints is held against the nearest rate', () => {
    const { p50, p99 } = prediction.rates[1]!
    const live = { offeredPerSecond: 101, feed: { latencyMs: { p50: 1.1 * p50, p99: 1.5 * p99 } } }
    const knee = { kneeRequestsPerSecond: 0.9 * prediction.kneePerSecond }
    const measured = [live, knee].map((document, i) =>
      readMeasured(JSON.stringify(document), `${i}.json`),
    )
    const held = check(prediction, measured)
    expect(held.map(({ what, within }) => [what, within])).toEqual([
      ['p50 at 100/s, ms', true],
      ['p99 at 100/s, ms', false],
      ['knee, requests/s', true],
    ])
    expect(held[1]!.miss).toBeCloseTo(0.5, 5)
  })

  test('a measurement without figures, or at a rate of which nothing was said, is refused', () => {
    expect(() => readMeasured('{"feed": {}}', 'm.json')).toThrow('"feed.latencyMs" is missing')
    expect(() => readMeasured('no', 'm.json')).toThrow('not JSON')
    const far = { file: 'far.json', rate: 400, p50: 1, p99: 1 }
    expect(() => check(prediction, [far])).toThrow('predicted are 50, 100, 150')
  })
})
