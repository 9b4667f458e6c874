/**
 * Places of an answer that chance may fill, with the probability of what stands there.
 *
 * The answer made without chance is the plan. `slots` of its ranks, spread evenly (the last of each
 * part), are open: with probability `chance` each holds one of its own pool, all alike, else the
 * planned pin. The pools are fixed before anything is drawn: they are disjoint, have nothing of the
 * plan, and whatever is drawn from them together keeps every cap that the plan keeps. So places
 * do not depend on each other, and the probability that a pin stands at its rank, given the
 * candidates and their scores, is exactly
 *   1 where there is no open place, or its pool is empty;
 *   1 - chance for the planned pin of an open place;
 *   chance / size of the pool for a drawn one.
 */
import type { Random } from '../../base/index.ts'
import type { CapColumn } from './cap-counts.ts'

export type OpenPlace = {
  readonly rank: number
  /** Candidates that may stand there instead. */
  readonly pool: readonly number[]
}

/**
 * Deals at most `pool` candidates, best first, to `slots` places of a plan. The columns hold the
 * counts of the plan, and are used up.
 */
export function openPlaces(
  reserve: Iterable<number>,
  columns: readonly CapColumn[],
  plan: readonly number[],
  { slots, pool }: { readonly slots: number; readonly pool: number },
): OpenPlace[] {
  const count = Math.min(slots, plan.length)
  const places = Array.from({ length: count }, (_, slot) => {
    const rank = Math.floor(((slot + 1) * plan.length) / count) - 1
    // Keys of who may stand here: only one of them does, and one is counted for each key.
    const held = columns.map((column) => new Set([column.keyOf(plan[rank]!)]))
    return { rank, pool: [] as number[], held }
  })
  let dealt = 0
  for (const candidate of reserve) {
    if (dealt === pool || count === 0) break
    const fits = ({ held }: (typeof places)[number]) =>
      columns.every((column, i) => held[i]!.has(column.keyOf(candidate)) || column.fits(candidate))
    // In turn, from the place after the last that got one.
    const turn = dealt % count
    const place = places.slice(turn).find(fits) ?? places.slice(0, turn).find(fits)
    if (!place) continue
    place.pool.push(candidate)
    dealt++
    for (const [i, column] of columns.entries()) {
      const key = column.keyOf(candidate)
      if (place.held[i]!.has(key)) continue
      place.held[i]!.add(key)
      column.add(candidate)
    }
  }
  return places.map(({ rank, pool }) => ({ rank, pool }))
}

/** The plan with what chance put into its places, and the propensity of each rank. */
export function drawPlaces(
  plan: readonly number[],
  places: readonly OpenPlace[],
  chance: number,
  random: Random,
): { readonly slate: number[]; readonly propensities: number[] } {
  const slate = [...plan]
  const propensities = plan.map(() => 1)
  for (const { rank, pool } of places) {
    if (pool.length === 0 || chance === 0) continue
    const isDrawn = random.unit() < chance
    if (isDrawn) slate[rank] = pool[random.below(pool.length)]!
    propensities[rank] = isDrawn ? chance / pool.length : 1 - chance
  }
  return { slate, propensities }
}
