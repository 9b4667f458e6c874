/** How often intervals hold the truth, and how far values are from it, over many logs. */
import type { Random } from '../../../base/index.ts'
import { pairedT } from '../statistics/index.ts'
import { type OffPolicy, offPolicy } from './off-policy.ts'
import { type Asked, type BanditLog, type BanditWorld, banditLog } from './testing.ts'

const names = ['ips', 'snips', 'dm', 'dr'] as const
type Name = (typeof names)[number]
/** One way to ask: by position, by list, or wrongly. */
export type Way = {
  readonly asked: (log: BanditLog) => Asked
  readonly weightMax?: number
}

export type Coverage = {
  /** Share of logs whose interval holds the truth. */
  readonly covered: number
  /** Mean of value - truth. */
  readonly bias: number
  readonly rootMeanSquaredError: number
  /** Mean of the standard errors stated. */
  readonly standardError: number
}

export type Replicated = {
  readonly estimators: Readonly<Record<Name, Coverage>>
  /** Squared errors of DR over those of IPS, and their difference log by log. */
  readonly drOverIps: number
  readonly drLessIps: { readonly mean: number; readonly p: number }
  readonly largestWeight: number
  readonly effectiveShare: number
}

/** `ways` are asked of the same logs. */
export function replicate<Key extends string>(
  world: BanditWorld,
  ways: Readonly<Record<Key, Way>>,
  {
    impressions,
    replications,
    random,
  }: { readonly impressions: number; readonly replications: number; readonly random: Random },
): Record<Key, Replicated> {
  const entries = Object.entries(ways) as [Key, Way][]
  const found = entries.map((): OffPolicy[] => [])
  for (let n = 0; n < replications; n++) {
    const log = banditLog(world, impressions, random.split(n))
    for (const [i, [, way]] of entries.entries()) {
      const { rows, target } = way.asked(log)
      found[i]!.push(offPolicy(rows, target, way))
    }
  }
  const all = entries.map(([name], i) => [name, summary(found[i]!, world.truth)])
  return Object.fromEntries(all) as Record<Key, Replicated>
}

function summary(found: readonly OffPolicy[], truth: number): Replicated {
  const mean = (of: (one: OffPolicy) => number) =>
    found.reduce((sum, one) => sum + of(one), 0) / found.length
  const errorOf = (one: OffPolicy, name: Name) => one[name]!.value - truth
  const coverage = (name: Name): Coverage => ({
    covered: mean((one) => {
      const [low, high] = one[name]!.interval
      return low <= truth && truth <= high ? 1 : 0
    }),
    bias: mean((one) => errorOf(one, name)),
    rootMeanSquaredError: Math.sqrt(mean((one) => errorOf(one, name) ** 2)),
    standardError: mean((one) => one[name]!.standardError),
  })
  const squared = (name: Name) => found.map((one) => errorOf(one, name) ** 2)
  const [dr, ips] = [squared('dr'), squared('ips')]
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
  const { mean: less, p } = pairedT(dr.map((one, i) => one - ips[i]!))
  return {
    estimators: {
      ips: coverage('ips'),
      snips: coverage('snips'),
      dm: coverage('dm'),
      dr: coverage('dr'),
    },
    drOverIps: total(dr) / total(ips),
    drLessIps: { mean: less, p },
    largestWeight: Math.max(...found.map(({ weights }) => weights.largest)),
    effectiveShare: mean(({ weights, rows }) => weights.effectiveRows / rows),
  }
}
