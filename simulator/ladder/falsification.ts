/**
 * What must be seen where a cause is taken out of the world: a gain that stays without its cause
 * was made by something else. Differences are paired over seeds, in shares of what the arm below
 * reaches, and judged by the true chance of a save (`wantedPerView`), which has no noise of its
 * own.
 */
import { pairedT } from '../../ranking/index.ts'
import { everySwitch, type WorldSwitches } from '../world/index.ts'
import type { ArmName } from './arms.ts'
import type { LadderPreset } from './ladder.ts'
import type { SeedResult } from './run-seed.ts'

export type Falsification = {
  /** One word for it. */
  readonly cause: string
  /** What must be seen. */
  readonly name: string
  /** What the world is without. */
  readonly without: readonly (keyof WorldSwitches)[]
  readonly pairs: readonly { readonly arm: ArmName; readonly over: ArmName }[]
  /** The interval of the difference must lie within this share on both sides of none. */
  readonly within: number
}

export const falsifications: readonly Falsification[] = Object.freeze([
  {
    cause: 'looks',
    name: 'without looks, generation 2 gains nothing over 1',
    without: ['look'],
    pairs: [{ arm: 'collaborative', over: 'tags' }],
    within: 0.02,
  },
  {
    cause: 'place',
    name: 'without context, cold pins and position, generation 3 gains nothing over 2',
    without: ['context', 'coldPins', 'positionBias'],
    pairs: [{ arm: 'deep', over: 'collaborative' }],
    within: 0.02,
  },
  {
    cause: 'tags',
    name: 'where tags say all, generation 1 is as good as the oracle',
    without: ['tagErrors', 'look', 'intent', 'drift', 'quality', 'freshness', 'satiation'],
    pairs: [{ arm: 'tags', over: 'oracle' }],
    within: 0.05,
  },
  {
    cause: 'taste',
    name: 'where every pin is as good as any other, so is every arm',
    without: ['taste'],
    pairs: (['popularity', 'tags', 'collaborative', 'deep', 'oracle'] as const).map((arm) => ({
      arm,
      over: 'random' as const,
    })),
    within: 0.02,
  },
])

/** The same worlds without some of what they have. */
export function presetWithout(
  of: LadderPreset,
  without: readonly (keyof WorldSwitches)[],
): LadderPreset {
  const off = Object.fromEntries(without.map((name) => [name, false]))
  return { ...of, switches: { ...of.switches, ...off } }
}

export const switchNames = Object.keys(everySwitch) as (keyof WorldSwitches)[]

/** Every arm that a falsification asks for. */
export const armsOf = ({ pairs }: Falsification): ArmName[] => [
  ...new Set(pairs.flatMap(({ arm, over }) => [arm, over])),
]

export type FalsificationRow = {
  readonly name: string
  readonly arm: ArmName
  readonly over: ArmName
  readonly seeds: number
  /** Shares of what `over` reaches: mean, and 95 % by Student's t. */
  readonly relative: number
  readonly interval: readonly [number, number]
  readonly within: number
  readonly holds: boolean
}

/** Of results of two seeds and more. */
export function judgeFalsification(
  of: Falsification,
  results: readonly SeedResult[],
): FalsificationRow[] {
  return of.pairs.map(({ arm, over }) => {
    const shares = results.map(({ arms }) => {
      return arms[arm]!.wantedPerView / arms[over]!.wantedPerView - 1
    })
    const { mean, interval } = pairedT(shares)
    const holds = interval[0] >= -of.within && interval[1] <= of.within
    const seeds = results.length
    return { name: of.name, arm, over, seeds, relative: mean, interval, within: of.within, holds }
  })
}
