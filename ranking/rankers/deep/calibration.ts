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
  const target = [1 / (negatives + 2), (positives + 1) / (positives + 2)] as const
  let [slope, offset] = [1, 0]
  for (let step = 0; step < STEPS; step++) {
    // The gradient and the matrix of second derivatives, which a ridge keeps invertible.
    let [gs, go, ss, so, oo] = [0, 0, 1e-9, 0, 1e-9]
    logits.forEach((logit, i) => {
      const p = 1 / (1 + Math.exp(-(slope * logit + offset)))
      const error = p - target[labels[i] === 1 ? 1 : 0]
      const weight = p * (1 - p)
      gs += error * logit
      go += error
      ss += weight * logit * logit
      so += weight * logit
      oo += weight
    })
    const determinant = ss * oo - so * so
    const [ds, db] = [(oo * gs - so * go) / determinant, (ss * go - so * gs) / determinant]
    if (!Number.isFinite(ds) || !Number.isFinite(db)) break
    slope -= ds
    offset -= db
    if (Math.abs(ds) + Math.abs(db) < 1e-9) break
  }
  // A slope that is not above 0 would turn the order around: the logits say nothing then.
  return slope > 0 && Number.isFinite(offset) ? { slope, offset } : { slope: 1, offset: 0 }
}
