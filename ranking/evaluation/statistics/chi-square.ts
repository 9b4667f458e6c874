/** Whether counts fit what was expected (Pearson 1900). */
import { assert } from '../../../base/index.ts'
import { upperGamma } from './incomplete.ts'

/** The probability that chi-square of `degrees` is at least `x`. */
export function chiSquareTail(x: number, degrees: number): number {
  return upperGamma(degrees / 2, x / 2)
}

export type GoodnessOfFit = { readonly chiSquare: number; readonly p: number }

/**
 * Of counts in two or more cells against the shares expected of them, which sum to 1 and are above
 * 0. The p value is of large counts: five and more expected in each cell. Without counts p is 1.
 */
export function goodnessOfFit(counts: readonly number[], shares: readonly number[]): GoodnessOfFit {
  assert(counts.length === shares.length && counts.length > 1, 'a count for each of several shares')
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return { chiSquare: 0, p: 1 }
  const chiSquare = counts.reduce((sum, count, cell) => {
    const expected = shares[cell]! * total
    return sum + (count - expected) ** 2 / expected
  }, 0)
  return { chiSquare, p: chiSquareTail(chiSquare, counts.length - 1) }
}
