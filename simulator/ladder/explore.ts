/**
 * Chance in every arm's pages: a share of slots shows any pin, with the propensity that its log
 * needs.
 */
import type { Random } from '../../base/index.ts'
import type { ArmAnswer } from './arms.ts'

export const UNIFORM_SHARE = 0.05

export type Slot = {
  readonly pin: number
  /** Probability that the slot shows this pin, given those above. */
  readonly propensity: number
  /** What the arm said of its chance to be saved, if it did. */
  readonly chance?: number
}

/**
 * `limit` slots of what an arm ranked, each with chance UNIFORM_SHARE any pin below `born` that
 * stands not above it. Uniform draws may show what the arm had put there, which its propensity
 * says.
 */
export function withChance(
  { pins: ranked, chances }: ArmAnswer,
  { limit, born, share }: { readonly limit: number; readonly born: number; readonly share: number },
  random: Random,
): Slot[] {
  const slots: Slot[] = []
  const shown = new Set<number>()
  let next = 0
  while (slots.length < Math.min(limit, born)) {
    while (next < ranked.length && shown.has(ranked[next]!)) next++
    const best = ranked[next]
    const isChance = random.unit() < share || best === undefined
    let pin = best ?? 0
    if (isChance) {
      do pin = random.below(born)
      while (shown.has(pin))
    }
    const uniform = 1 / (born - shown.size)
    const byRank = pin === best ? 1 - share : 0
    const propensity = best === undefined ? uniform : byRank + share * uniform
    const chance = isChance ? undefined : chances?.[next]
    slots.push({ pin, propensity, ...(chance !== undefined && { chance }) })
    shown.add(pin)
  }
  return slots
}
