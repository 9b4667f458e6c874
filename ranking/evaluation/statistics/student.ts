/** Student's t: how much a mean of few values may be off. */
import { assert } from '../../../base/index.ts'
import { incompleteBeta } from './incomplete.ts'

/** Beyond a million degrees of freedom a bound moves by less than 3 millionths. */
const DEGREES_MAX = 1e6

/** The probability that |T| is at least |t|, of `degrees` > 0, whole or not. */
export function studentTail(t: number, degrees: number): number {
  const df = degreesOf(degrees)
  // Both forms are one number; each is exact where the other would round to 1.
  const x = t * t
  return x < df
    ? 1 - incompleteBeta(x / (df + x), { a: 0.5, b: df / 2 })
    : incompleteBeta(df / (df + x), { a: df / 2, b: 0.5 })
}

/** What |T| exceeds with probability `tail` (above 0, below 1): 1.96 for .05 and many degrees. */
export function studentBound(tail: number, degrees: number): number {
  assert(tail > 0 && tail < 1, 'a tail is a probability')
  let high = 1
  while (studentTail(high, degrees) > tail) high *= 2
  let low = high === 1 ? 0 : high / 2
  // Halving ends when the two are neighbours.
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (studentTail(middle, degrees) > tail) low = middle
    else high = middle
  }
  return high
}

function degreesOf(degrees: number): number {
  assert(degrees > 0, 'degrees of freedom are above 0')
  return Math.min(degrees, DEGREES_MAX)
}
