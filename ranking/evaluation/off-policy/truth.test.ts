/** In a world whose truth is known; `ranking/bench/off-policy.bench.ts` is the same at size. */
import { describe, expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { replicate, type Way } from './coverage-testing.ts'
import { banditWorld } from './testing.ts'

const world = banditWorld({ random: new Random(1), base: -1 })
const REPLICATIONS = 200
const ways = {
  byPosition: { asked: (log) => log.byPosition() },
  byList: { asked: (log) => log.byList() },
  givenAbove: { asked: (log) => log.givenAbove() },
  uniform: {
    asked: ({ byPosition }) => {
      const { rows, target } = byPosition()
      return { rows: { ...rows, propensities: rows.propensities.map(() => 1 / 20) }, target }
    },
  },
} satisfies Readonly<Record<string, Way>>
const random = new Random(2)
const found = replicate(world, ways, { impressions: 3_000, replications: REPLICATIONS, random })

/** Three deviations of a binomial below 95 %: a right interval is below it once in 700 times. */
const COVERED = 0.95 - 3 * Math.sqrt((0.95 * 0.05) / REPLICATIONS)

describe.each(['byPosition', 'byList'] as const)('propensities %s', (way) => {
  test.each(['ips', 'snips', 'dr'] as const)('the interval of %s holds the truth', (name) => {
    const { covered, bias, standardError, rootMeanSquaredError } = found[way].estimators[name]
    expect(covered).toBeGreaterThan(COVERED)
    // Of a mean of so many; four deviations.
    expect(Math.abs(bias)).toBeLessThan((4 * rootMeanSquaredError) / Math.sqrt(REPLICATIONS))
    // A deviation that is estimated from so many is off by this share; here three times.
    const share = 1 / Math.sqrt(2 * REPLICATIONS)
    expect(Math.abs(standardError / rootMeanSquaredError - 1)).toBeLessThan(3 * share)
  })
  test('DR errs less than IPS', () => {
    expect(found[way].drOverIps).toBeLessThan(1)
    expect(found[way].drLessIps.p).toBeLessThan(0.01)
  })
})

describe('the check fails where it should', () => {
  test('a model that is wrong', () => {
    expect(found.byPosition.estimators.dm.covered).toBeLessThan(0.1)
  })
  test('propensities of another policy', () => {
    expect(found.uniform.estimators.ips.covered).toBeLessThan(COVERED)
  })
  test('propensities given what stands above, taken for those of a position', () => {
    const { bias, rootMeanSquaredError } = found.givenAbove.estimators.ips
    expect(bias).toBeGreaterThan((4 * rootMeanSquaredError) / Math.sqrt(REPLICATIONS))
  })
})
