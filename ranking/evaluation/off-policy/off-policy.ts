/**
 * What another policy would have earned, from what a logging policy showed by chance.
 *
 * With r the reward of a row, p its propensity, π the target's probability of the same item at the
 * same position and w = π / p, means over rows of
 *   IPS   w r                    unbiased where p is right and above 0 wherever π is (Horvitz and
 *                                Thompson 1952);
 *   SNIPS w r, over mean w       off by O(1 / rows), moves with a constant added to rewards
 *                                (Swaminathan and Joachims, NIPS 2015);
 *   DM    q(π)                   as good as the model q is right;
 *   DR    q(π) + w (r - q)       unbiased as IPS is, whatever q; the nearer q the less it varies
 *                                (Dudik et al., ICML 2011).
 * A row is an item at a position: what an item earns there must not depend on the others of its
 * slate (the item-position model of Li et al., KDD 2018), or propensities are of whole lists. The
 * value is that of a row, where the number of rows that are looked at is not the policy's doing.
 *
 * Intervals (95 %) are of the first order over clusters, for SNIPS by the delta method, with
 * Student's t. O(rows).
 */
import { assert, pinwheelError } from '../../../base/index.ts'
import type { Interval } from '../labelled/index.ts'
import { studentTail } from '../statistics/index.ts'
import { ClusteredError } from './clustered-error.ts'
import { checkRows, type LoggedRows, type TargetColumns } from './logged-rows.ts'

/** Why an estimate is not of the target's value, whatever the number of rows. */
export type Bias =
  /** Weights were cut. */
  | 'clipping'
  /** It is what a model says. */
  | 'model'
  /** The target shows what logging could not: what that earns is in no row. */
  | 'support'
  /** Weights do not sum to what they must: propensities are wrong, or support lacks unsaid. */
  | 'weights'

export type Estimate = {
  readonly value: number
  readonly standardError: number
  /** 95 %. Chance alone, no bias, is in it. */
  readonly interval: Interval
  readonly biases: readonly Bias[]
}

export type Weights = {
  /** Before clipping. */
  readonly mean: number
  /** What the mean must come to: 1, less what is unsupported. */
  readonly expected: number
  /** That it does, by chance. Below .001 it is taken that it does not. */
  readonly p: number
  /** Rows of equal weight that would vary as much: (Σw)² / Σw² (Kish 1965), after clipping. */
  readonly effectiveRows: number
  /** Before clipping. */
  readonly largest: number
  /** Rows with a weight and a reward: where they are few, intervals are too narrow. */
  readonly rewardedRows: number
  readonly clippedRows: number
  /** How much less than without clipping IPS is: the bias that clipping gave it, as estimated. */
  readonly clippedReward: number
}

export type OffPolicy = {
  readonly rows: number
  readonly clusters: number
  /** What the logging policy earned. */
  readonly logged: Estimate
  readonly ips: Estimate
  readonly snips: Estimate
  /** Where a model was given. */
  readonly dm?: Estimate
  readonly dr?: Estimate
  readonly weights: Weights
  /** Mean probability of the target for what logging could not show. */
  readonly unsupported: number
}

export type OffPolicyOptions = {
  /** The greatest weight: less chance, at the price of a bias. */
  readonly weightMax?: number
}
export const offPolicyDefaults = Object.freeze({ weightMax: Number.POSITIVE_INFINITY })

const P_MIN = 0.001
const ROUNDING = 1e-9

/**
 * The order of rows changes nothing beyond rounding. LOGGED_ROW_INVALID; EVALUATION_DATA below two
 * clusters, and where the target shows nothing that was logged.
 */
export function offPolicy(
  rows: LoggedRows,
  target: TargetColumns,
  options: OffPolicyOptions = {},
): OffPolicy {
  const { weightMax } = { ...offPolicyDefaults, ...options }
  assert(weightMax > 0, 'weights are clipped above 0')
  checkRows(rows, target)
  const { rewards, propensities } = rows
  const error = new ClusteredError(rewards.length, rows.clusters)
  const raw = propensities.map((p, row) => target.probabilities[row]! / p)
  const used = weightMax < Number.POSITIVE_INFINITY ? raw.map((w) => Math.min(w, weightMax)) : raw
  const weights = weightsOf({ raw, used, rewards, unsupported: target.unsupported }, error)
  if (weights.mean === 0) {
    throw pinwheelError('EVALUATION_DATA', { reason: 'the target shows nothing that was logged' })
  }
  const unsupported = target.unsupported === undefined ? 0 : meanOf(target.unsupported)
  const biases: Bias[] = []
  if (weights.clippedRows > 0) biases.push('clipping')
  if (unsupported > ROUNDING) biases.push('support')
  if (weights.p < P_MIN) biases.push('weights')
  const mean = (values: Float64Array, known: readonly Bias[] = biases) => {
    const value = meanOf(values)
    return estimateOf(value, error.of(values.map((one) => one - value)), error, known)
  }
  return {
    rows: rewards.length,
    clusters: error.clusters,
    logged: mean(rewards, []),
    ips: mean(used.map((w, row) => w * rewards[row]!)),
    snips: selfNormalised(used, rewards, { error, biases }),
    ...(target.model && modelled(target.model, { used, rewards, mean })),
    weights,
    unsupported,
  }
}

function modelled(
  { logged, target }: NonNullable<TargetColumns['model']>,
  {
    used,
    rewards,
    mean,
  }: {
    readonly used: Float64Array
    readonly rewards: Float64Array
    readonly mean: (values: Float64Array, biases?: readonly Bias[]) => Estimate
  },
) {
  const corrected = target.map((q, row) => q + used[row]! * (rewards[row]! - logged[row]!))
  return { dm: mean(target, ['model']), dr: mean(corrected) }
}

function selfNormalised(
  weights: Float64Array,
  rewards: Float64Array,
  { error, biases }: { readonly error: ClusteredError; readonly biases: readonly Bias[] },
): Estimate {
  const mean = meanOf(weights)
  const value = meanOf(weights.map((w, row) => w * rewards[row]!)) / mean
  const residuals = weights.map((w, row) => (w * (rewards[row]! - value)) / mean)
  return estimateOf(value, error.of(residuals), error, biases)
}

function estimateOf(
  value: number,
  standardError: number,
  { bound }: ClusteredError,
  biases: readonly Bias[],
): Estimate {
  const half = bound * standardError
  return { value, standardError, interval: [value - half, value + half], biases }
}

function weightsOf(
  {
    raw,
    used,
    rewards,
    unsupported,
  }: {
    readonly raw: Float64Array
    readonly used: Float64Array
    readonly rewards: Float64Array
    readonly unsupported: Float64Array | undefined
  },
  error: ClusteredError,
): Weights {
  let [sum, squares] = [0, 0]
  let [largest, rewardedRows, clippedRows, clippedReward] = [0, 0, 0, 0]
  for (let row = 0; row < raw.length; row++) {
    const weight = raw[row]!
    const kept = used[row]!
    sum += kept
    squares += kept * kept
    largest = Math.max(largest, weight)
    if (weight > 0 && rewards[row] !== 0) rewardedRows++
    if (kept < weight) clippedRows++
    clippedReward += (weight - kept) * rewards[row]!
  }
  // What chance may do to the mean is in this: each row's is 1 in expectation.
  const whole = unsupported ? raw.map((weight, row) => weight + unsupported[row]!) : raw
  const total = meanOf(whole)
  const off = error.of(whole.map((one) => one - total))
  return {
    mean: meanOf(raw),
    expected: 1 - (unsupported === undefined ? 0 : meanOf(unsupported)),
    p: Math.abs(total - 1) < ROUNDING ? 1 : studentTail((total - 1) / off, error.clusters - 1),
    effectiveRows: (sum * sum) / squares,
    largest,
    rewardedRows,
    clippedRows,
    clippedReward: clippedReward / raw.length,
  }
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
