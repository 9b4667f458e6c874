/** The closed form against users who ask, one by one. */
import { describe, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { Chance } from './chance.ts'
import { activityOf, type CacheOptions, hitShare } from './feed-cache.ts'

const options: CacheOptions = {
  users: 5_000,
  feedsPerDay: 100_000,
  feedsPerUserMax: 500,
  zipf: 0.8,
  cacheMinutes: 10,
}

/** Every user's Poisson process over some days, with a feed that is kept from when it is made. */
function simulated({ users, cacheMinutes, ...rest }: CacheOptions, days: number): number {
  const activity = activityOf({ users, ...rest })
  const chance = new Chance(new Random(7))
  let [hits, all] = [0, 0]
  for (let user = 0; user < users; user++) {
    const perMinute = activity((user + 0.5) / users) / 1440
    let made = Number.NEGATIVE_INFINITY
    let now = chance.exponential() / perMinute
    for (; now < 1440 * days; now += chance.exponential() / perMinute) {
      all++
      if (now - made < cacheMinutes) hits++
      else made = now
    }
  }
  return hits / all
}

describe('a cache of feeds', () => {
  // 200,000 requests: the share is known within .003, with what hangs together.
  test.each([[1], [10], [240]])('%i minutes: as users one by one', (cacheMinutes) => {
    const expected = simulated({ ...options, cacheMinutes }, 2)
    expect(Math.abs(hitShare({ ...options, cacheMinutes }) - expected)).toBeLessThan(0.01)
  })

  test('nobody asks for more than a person can, and all together for what is asked', () => {
    const activity = activityOf(options)
    expect(activity(0)).toBeCloseTo(500, 3)
    const shares = Array.from({ length: 100_000 }, (_, i) => activity((i + 0.5) / 1e5))
    const mean = shares.reduce((sum, rate) => sum + rate, 0) / 1e5
    expect(Math.abs(mean / 20 - 1)).toBeLessThan(0.01)
  })

  test('longer keeping and more load never lower the share; it stays a share', () => {
    let before = 0
    for (const cacheMinutes of [0.1, 1, 10, 60, 600, 6_000]) {
      const hits = hitShare({ ...options, cacheMinutes })
      expect(hits).toBeGreaterThan(before)
      expect(hits).toBeLessThan(1)
      expect(hitShare({ ...options, cacheMinutes }, 2)).toBeGreaterThan(hits)
      before = hits
    }
  })

  test('huge fleets of users are no trouble', () => {
    const many = { ...options, users: 250e6, feedsPerDay: 6.25e9 }
    expect(hitShare(many)).toBeGreaterThan(0.05)
    expect(hitShare(many)).toBeLessThan(0.6)
  })
})
