/**
 * What people do with what a feed by popularity shows them, held against what is known of such
 * feeds: the world is believable where they do about as much.
 */
import type { Target, Verdict } from '../world/index.ts'
import type { SeedResult } from './run-seed.ts'
import type { Metrics } from './tally.ts'

type Rate = 'closeupsPerView' | 'savesPerView' | 'outboundsPerView' | 'hidesPerView'

/** Of pins that were seen. Known to about one figure: a quarter on both sides passes. */
export const popularityRates: Readonly<Record<Rate, Target>> = Object.freeze({
  closeupsPerView: { figure: 'opened of seen, popular pins', target: 0.05, tolerance: 0.0125 },
  savesPerView: { figure: 'saved of seen, popular pins', target: 0.01, tolerance: 0.0025 },
  outboundsPerView: { figure: 'followed of seen, popular pins', target: 0.007, tolerance: 0.00175 },
  hidesPerView: { figure: 'hidden of seen, popular pins', target: 0.001, tolerance: 0.00025 },
})

/** Pins seen below which chance decides: fewer than 100 are hidden then. */
const VIEWS_MIN = 100_000

/** Over all seeds together; nothing where popularity did not run. */
export function judgeRates(results: readonly SeedResult[]): Verdict[] {
  const ran = results.flatMap(({ arms }) => arms.popularity ?? [])
  const views = ran.reduce((sum, arm) => sum + arm.views, 0)
  if (views === 0) return []
  return Object.entries(popularityRates).map(([name, target]) => {
    const rate = name as keyof Metrics & Rate
    const value = ran.reduce((sum, arm) => sum + arm.views * arm[rate], 0) / views
    const isNear = Math.abs(value - target.target) <= target.tolerance
    return { ...target, value, verdict: views < VIEWS_MIN ? 'too small' : isNear ? 'pass' : 'fail' }
  })
}
