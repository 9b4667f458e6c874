/**
 * Platt's scaling (1999): a slope and an offset that make a logit a probability, by Newton's method
 * on the log loss of rows that did not teach. The labels are drawn in a little, as he does, so that
 * rows which are told apart perfectly do not ask for an infinite slope.
 */
import { assert } from '../../../base/index.ts'

export type Calibration = { readonly slope: number; readonly offset: number }

const STEPS = 50

/** Of probability 1 / (1 + exp(-(slope · logit + offset))); the slope is above 0. */
export function calibrate(logits: Float64Array, labels: Float64Array): Calibration {
  assert(logits.length === labels.length, 'there is a label for each logit')
  const positives = labels.reduce((sum, label) => sum + label, 0)
  const negatives = labels.length - positives
  const drawnIn = [1 / (negatives + 2), (positives + 1) / (positives + 2)] as const
  const targets = labels.map((label) => drawnIn[label === 1 ? 1 : 0])
  let at: Calibration = { slope: 1, offset: 0 }
  let loss = lossAt(logits, targets, at)
  for (let step = 0; step < STEPS; step++) {
    const towards = newton(logits, targets, at)
    // Half as far until it is better: a whole step may overshoot where probabilities are extreme.
    let share = 1
    let next = moved(at, towards, share)
    while (share > SHARE_MIN && !(lossAt(logits, targets, next) < loss)) {
      share /= 2
      next = moved(at, towards, share)
    }
    if (share <= SHARE_MIN) break
    at = next
    loss = lossAt(logits, targets, at)
  }
  // A slope that is not above 0 would turn the order around: the logits say nothing then.
  return at.slope > 0 ? at : { slope: 1, offset: 0 }
}

/** Below this a step changes nothing. */
const SHARE_MIN = 1e-6

function moved(from: Calibration, by: Calibration, share: number): Calibration {
  return { slope: from.slope - share * by.slope, offset: from.offset - share * by.offset }
}

/** Newton's step; a ridge keeps the matrix of second derivatives invertible. */
function newton(logits: Float64Array, targets: Float64Array, at: Calibration): Calibration {
  let [gs, go, ss, so, oo] = [0, 0, 1e-6, 0, 1e-6]
  logits.forEach((logit, i) => {
    const p = 1 / (1 + Math.exp(-(at.slope * logit + at.offset)))
    const error = p - targets[i]!
    const weight = p * (1 - p)
    gs += error * logit
    go += error
    ss += weight * logit * logit
    so += weight * logit
    oo += weight
  })
  const determinant = ss * oo - so * so
  return {
    slope: (oo * gs - so * go) / determinant,
    offset: (ss * go - so * gs) / determinant,
  }
}

/** Mean log loss of targets from 0 to 1. */
export function lossAt(
  logits: Float64Array,
  targets: Float64Array,
  { slope, offset }: Calibration,
): number {
  let sum = 0
  logits.forEach((logit, i) => {
    const x = slope * logit + offset
    sum += Math.max(x, 0) - x * targets[i]! + Math.log1p(Math.exp(-Math.abs(x)))
  })
  return sum / logits.length
}
