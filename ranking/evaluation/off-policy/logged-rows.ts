/**
 * What was shown by chance and what came of it, as columns: a row is an item at its position. A
 * slate is as many rows as it has positions.
 */
import { assert, pinwheelError } from '../../../base/index.ts'

export type LoggedRows = {
  /**
   * The probability, above 0 and at most 1, that the logging policy put this item at this position:
   * over all that chance may have put above it (a position's own), or of the whole list down to it
   * (`downTheList`).
   */
  readonly propensities: Float64Array
  /** What came of it; finite. */
  readonly rewards: Float64Array
  /** Whose the row is: rows of one user depend on each other. Without it every row is alone. */
  readonly clusters?: Uint32Array
}

/** What is asked about: another policy, in the columns of the same rows. */
export type TargetColumns = {
  /** The probability that it had put the logged item there; of the kind that was logged. */
  readonly probabilities: Float64Array
  /**
   * Its probability, at this position and in this context, of all items that logging could not have
   * put there; 0 of every row without it.
   */
  readonly unsupported?: Float64Array
  /** What a model expects. It must not have been fitted to these rows with many parameters. */
  readonly model?: {
    /** Of the logged item at its position. */
    readonly logged: Float64Array
    /** Of whatever the target would put there: the sum over items of its probability × estimate. */
    readonly target: Float64Array
  }
}

/** LOGGED_ROW_INVALID names the first cell that is not what its column holds. */
export function checkRows(rows: LoggedRows, { probabilities, unsupported, model }: TargetColumns) {
  const count = rows.rewards.length
  const check = (column: string, values: Float64Array | undefined, holds: Range) => {
    if (values === undefined) return
    assert(values.length === count, `${column} has a value a row`)
    const row = values.findIndex((value) => !holds.test(value))
    if (row < 0) return
    const { expected } = holds
    throw pinwheelError('LOGGED_ROW_INVALID', { row, column, value: values[row]!, expected })
  }
  assert(rows.clusters === undefined || rows.clusters.length === count, 'a cluster a row')
  check('propensity', rows.propensities, propensity)
  check('reward', rows.rewards, finite)
  check('probability', probabilities, probability)
  check('unsupported', unsupported, probability)
  check('model of the logged item', model?.logged, finite)
  check('model of the target', model?.target, finite)
}

type Range = { readonly expected: string; readonly test: (value: number) => boolean }
const finite: Range = { expected: 'a finite number', test: Number.isFinite }
const probability: Range = {
  expected: 'a number from 0 to 1',
  test: (value) => value >= 0 && value <= 1 + ROUNDING,
}
/** NaN is neither. */
export const propensity: Range = {
  expected: 'a number above 0 and at most 1',
  test: (value) => value > 0 && value <= 1,
}
/** Sums of many probabilities come out above 1 by this much. */
const ROUNDING = 1e-9

/**
 * Probabilities of items given those above them as probabilities of the whole list down to them:
 * the product from the top of a slate. Rows of a slate lie together, top first. So estimates hold
 * whatever a reward depends on above its item (McInerney et al., KDD 2020), at the price of greater
 * weights.
 */
export function downTheList(slates: Uint32Array, givenAbove: Float64Array): Float64Array {
  assert(slates.length === givenAbove.length, 'a slate a row')
  const whole = givenAbove.slice()
  for (let row = 1; row < whole.length; row++) {
    if (slates[row] === slates[row - 1]) whole[row]! *= whole[row - 1]!
  }
  return whole
}
