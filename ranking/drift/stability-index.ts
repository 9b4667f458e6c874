/**
 * The population stability index of two distributions over the same bins: the sum of
 * (is - was) · ln(is / was), which is the Kullback–Leibler divergence both ways (Jeffreys, 1946).
 */
import { assert } from '../../base/index.ts'

/** A share that is nothing counts as this, so that an empty bin does not make it infinite. */
const SHARE_MIN = 1e-4

/** Of shares by bin; at least 0, and 0 for equal ones. */
export function stabilityIndex(was: readonly number[], is: readonly number[]): number {
  assert(was.length === is.length, 'both are shares of the same bins')
  return was.reduce((sum, share, bin) => {
    const [before, now] = [Math.max(share, SHARE_MIN), Math.max(is[bin]!, SHARE_MIN)]
    return sum + (now - before) * Math.log(now / before)
  }, 0)
}
