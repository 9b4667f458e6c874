/**
 * Whether off-policy estimates are what they say, in a world whose truth is known
 * (ranking/evaluation/off-policy): how often their 95 % intervals hold it, how far they are from
 * it, and what mistakes cost, over many logs. `often` is a world where half of what is shown earns,
 * `seldom` one where a tenth does. The large size takes ten minutes of one core.
 *
 * The smaller logs are also asked by the chances of whole lists, and wrongly on purpose: `above`,
 * chances given what stands above, taken for those of a position; `alone`, rows of one user taken
 * for independent ones; `clipped`, no weight above 2.
 */
import { type Clock, hash32, Random } from '../../base/index.ts'
import { type Replicated, replicate, type Way } from '../evaluation/off-policy/coverage-testing.ts'
import { banditWorld } from '../evaluation/off-policy/testing.ts'

const sizes = {
  small: { impressions: [600], replications: 20 },
  large: { impressions: [10_000, 100_000], replications: 1_000 },
} as const
const SEED = 1
const worlds = { often: -1, seldom: -3.5 } as const

type Ways = Readonly<Record<string, Way>>
const byPosition: Way = { asked: (log) => log.byPosition() }
const all = {
  byPosition,
  byList: { asked: (log) => log.byList() },
  above: { asked: (log) => log.givenAbove() },
  alone: {
    asked: (log) => {
      const { rows, target } = log.byPosition()
      const { propensities, rewards } = rows
      return { rows: { propensities, rewards }, target }
    },
  },
  clipped: { ...byPosition, weightMax: 2 },
} satisfies Ways

export const bench = {
  name: 'ranking/off-policy',

  run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { impressions, replications } = sizes[size]
    const random = new Random(SEED)
    let digest = 0
    const began = clock.monotonic()
    const found = Object.entries(worlds).map(([name, base]) => {
      const world = banditWorld({ random: random.split('world'), base })
      const { truth, loggingTruth } = world
      const bySize = impressions.map((rows) => {
        const options = { impressions: rows, replications, random: random.split(rows) }
        const ways: Ways = rows === impressions[0] ? all : { byPosition }
        const result = replicate(world, ways, options)
        digest = hash32(JSON.stringify(result), digest)
        const shown = Object.entries(result).map(([way, one]) => [way, figuresOf(one)])
        return { impressions: rows, ...Object.fromEntries(shown) }
      })
      return [name, { truth: round(truth), logging: round(loggingTruth), bySize }]
    })
    return {
      seed: SEED,
      options: { impressions, replications },
      seconds: Math.round((clock.monotonic() - began) / 1_000),
      ...Object.fromEntries(found),
      digest,
    }
  },
}

function figuresOf({ estimators, drOverIps, drLessIps, ...weights }: Replicated) {
  const rows = Object.entries(estimators).map(([name, one]) => {
    return [name, Object.fromEntries(Object.entries(one).map(([key, x]) => [key, round(x)]))]
  })
  return {
    ...Object.fromEntries(rows),
    drOverIps: round(drOverIps),
    p: drLessIps.p,
    largestWeight: round(weights.largestWeight),
    effectiveShare: round(weights.effectiveShare),
  }
}

function round(value: number): number {
  return Math.round(value * 100_000) / 100_000
}
