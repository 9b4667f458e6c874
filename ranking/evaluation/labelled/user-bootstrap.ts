/**
 * What a figure would have been with other users of the same kind: the users are drawn again, with
 * replacement, many times (Efron, 1979). Rows of one user stay together, because they depend on
 * each other.
 */
import { Random } from '../../../base/index.ts'

export const RESAMPLES = 1_000

export type Interval = readonly [number, number]

/**
 * The middle 95 % of `figure` over resamples of `count` users; it is given how often each user was
 * drawn. The same count and seed draw the same users. Resamples without a figure (NaN) are left
 * out.
 */
export function userInterval(
  count: number,
  seed: number,
  figure: (drawn: Uint32Array) => number,
): Interval {
  const random = new Random(seed).split('user bootstrap')
  const drawn = new Uint32Array(count)
  const figures: number[] = []
  for (let n = 0; n < RESAMPLES; n++) {
    drawn.fill(0)
    for (let i = 0; i < count; i++) drawn[random.below(count)]!++
    const value = figure(drawn)
    if (!Number.isNaN(value)) figures.push(value)
  }
  figures.sort((a, b) => a - b)
  const at = (share: number) => figures[Math.floor(share * (figures.length - 1))] ?? Number.NaN
  return [at(0.025), at(0.975)]
}

/** The mean of values, one a user, each as often as drawn. */
export function meanDrawn(values: readonly number[]): (drawn: Uint32Array) => number {
  return (drawn) => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += drawn[i]! * values[i]!
    return sum / values.length
  }
}
