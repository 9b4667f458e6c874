/** Several questions asked at once (Holm 1979). */
import { assert } from '../../../base/index.ts'

/**
 * The p values corrected, in the order given: those below a level are right together with that
 * level's chance of one false among them, however the questions depend on each other. None is below
 * what was given or above 1.
 */
export function holm(pValues: readonly number[]): number[] {
  assert(
    pValues.every((p) => p >= 0 && p <= 1),
    'p values are probabilities',
  )
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!)
  const corrected = new Array<number>(pValues.length)
  let least = 0
  for (const [rank, question] of order.entries()) {
    least = Math.min(1, Math.max(least, (pValues.length - rank) * pValues[question]!))
    corrected[question] = least
  }
  return corrected
}
