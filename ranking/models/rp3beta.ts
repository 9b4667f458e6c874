/**
 * RP3beta as a fitted model (Paudel et al., TiiS 2017): item-to-item three-step transition
 * probabilities, each to the power alpha, divided by the target's popularity to the power beta,
 * pruned to the `neighbours` best of each item.
 */

import { degreesOf, type Rows } from '../algebra/index.ts'
import { fitItemNeighbours, type ItemNeighbours } from './item-neighbours.ts'

export type Rp3BetaOptions = {
  readonly alpha: number
  readonly beta: number
  readonly neighbours: number
}
export const rp3BetaDefaults: Rp3BetaOptions = Object.freeze({
  alpha: 0.6,
  beta: 0.5,
  neighbours: 400,
})

/** `rows` without repeats. */
export function fitRp3Beta(
  rows: Rows,
  itemCount: number,
  { alpha, beta, neighbours }: Rp3BetaOptions = rp3BetaDefaults,
): ItemNeighbours {
  const degrees = degreesOf(rows, itemCount)
  const gains = Float64Array.from({ length: rows.offsets.length - 1 }, (_, user) => {
    return (rows.offsets[user + 1]! - rows.offsets[user]!) ** -alpha
  })
  const own = Float64Array.from(degrees, (degree) => degree ** -alpha)
  const popularity = Float64Array.from(degrees, (degree) => degree ** beta)
  const weight = (sum: number, item: number, other: number) => {
    return (own[item]! * sum) / popularity[other]!
  }
  return fitItemNeighbours(rows, itemCount, { neighbours, gains, weight })
}
