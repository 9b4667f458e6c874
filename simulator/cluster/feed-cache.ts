/**
 * How many feeds a cache answers. Users ask as Poisson processes; how often each one does follows
 * the law of Zipf and Mandelbrot, (rank + q)^-s, with q such that nobody asks for more than a
 * person can. A feed is kept for a fixed time from when it was made: of a user with rate r the
 * share r·T / (1 + r·T) finds one (one miss, then r·T that come within T).
 */
import { assert } from '../../base/index.ts'

export type CacheOptions = {
  /** Users who ask, and what they ask for in a day, all together. */
  readonly users: number
  readonly feedsPerDay: number
  /** No user asks for more. Above the mean. */
  readonly feedsPerUserMax: number
  readonly zipf: number
  readonly cacheMinutes: number
}

const MINUTES = 1440
/** Points of the integral over users, even in the logarithm of rank + q. */
const POINTS = 4096

/** Feeds a day of users by rank: a function of the share of users above, from 0 to 1. */
export function activityOf(options: Omit<CacheOptions, 'cacheMinutes'>): (share: number) => number {
  const { users, feedsPerDay, feedsPerUserMax, zipf } = options
  const mean = feedsPerDay / users
  assert(feedsPerUserMax > mean, 'the busiest user asks for more than the mean')
  // Ranks as shares of all users: the first asks `1 / integral` times the mean at (0 + q)^-s.
  const first = (q: number) => q ** -zipf / integral(q, zipf)
  let [low, high] = [1e-15, 1e6]
  for (let step = 0; step < 200; step++) {
    const middle = Math.sqrt(low * high)
    if (mean * first(middle) > feedsPerUserMax) low = middle
    else high = middle
  }
  const q = high
  const whole = integral(q, zipf)
  return (share) => (mean * (share + q) ** -zipf) / whole
}

/** Share of feeds that the cache answers while load is `load` times the day's mean. */
export function hitShare(options: CacheOptions, load = 1): number {
  const kept = (load * options.cacheMinutes) / MINUTES
  const activity = activityOf(options)
  const mean = options.feedsPerDay / options.users
  // Even in the logarithm of the share: the head is where the activity is.
  const least = 1e-12
  let [hits, all, before] = [0, 0, 0]
  for (let i = 0; i <= POINTS; i++) {
    const share = least ** (1 - i / POINTS)
    const rate = activity((share + before) / 2)
    const width = share - before
    hits += width * rate * ((rate * kept) / (1 + rate * kept))
    all += width * rate
    before = share
  }
  assert(Math.abs(all / mean - 1) < 0.02, 'all users together ask for what is asked')
  return hits / all
}

/** Of (x + q)^-s over x from 0 to 1. */
function integral(q: number, s: number): number {
  if (Math.abs(s - 1) < 1e-9) return Math.log((1 + q) / q)
  return ((1 + q) ** (1 - s) - q ** (1 - s)) / (1 - s)
}
