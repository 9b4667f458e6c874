/**
 * How weights follow their gradients. The moments of a row of an embedding table change only in a
 * batch that has a gradient for it, and its decay too.
 */

export type Optimiser =
  /** Adam (Kingma and Ba, 2015); with `decay` above 0 it is AdamW (Loshchilov and Hutter, 2019). */
  | { readonly kind: 'adam'; readonly rate: number; readonly decay: number }
  | {
      readonly kind: 'sgd'
      readonly rate: number
      readonly momentum: number
      readonly decay: number
    }

/** A step of an optimiser, with the moments' bias corrected. */
export type Step = {
  readonly optimiser: Optimiser
  readonly rate: number
  readonly spread: number
  /** What is left of a weight that decays. */
  readonly keep: number
}

/** Step `number`, from 1; `share` scales the learning rate, 1 unless a schedule says otherwise. */
export function stepOf(optimiser: Optimiser, number: number, share = 1): Step {
  const learning = optimiser.rate * share
  const keep = 1 - learning * optimiser.decay
  if (optimiser.kind === 'sgd') return { optimiser, rate: learning, spread: 1, keep }
  return {
    optimiser,
    rate: learning / (1 - 0.9 ** number),
    spread: 1 / Math.sqrt(1 - 0.999 ** number),
    keep,
  }
}
