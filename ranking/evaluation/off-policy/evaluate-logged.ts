/**
 * What a log of shown items and clicks says of two other policies, without any data but itself.
 *
 * The earlier half of the rows teaches, the later half is asked, so that nothing is judged by the
 * clicks it was chosen by. `uniform` shows each item alike; `popularity` shows items in proportion
 * to their click rates of the earlier half, 5 % of chance alike. Both are the same for everybody
 * and at every position. The model of DM and DR is the click rate of an item at a position in the
 * earlier half. Rates of few rows are drawn to the mean.
 */
import { pinwheelError } from '../../../base/index.ts'
import { loggedReading } from './logged-reading.ts'
import type { TargetColumns } from './logged-rows.ts'
import { type Estimate, type OffPolicy, offPolicy } from './off-policy.ts'
import { type BanditRows, banditPlaces } from './open-bandit.ts'
import { softmaxPolicy } from './slate-policy.ts'

/** A rate counts as if so many more rows had had the mean. */
const PRIOR_ROWS = 100

export type LoggedEvaluation = {
  readonly rows: { readonly taught: number; readonly asked: number; readonly broken: number }
  readonly items: number
  /** Clicks of the rows that are asked. */
  readonly clicks: number
  /** What was logged earned, of the rows that are asked. */
  readonly logged: Estimate
  readonly targets: Readonly<Record<'uniform' | 'popularity', AskedTarget>>
  /** What the figures can say and what not, in sentences. */
  readonly reading: readonly string[]
}
export type AskedTarget = Omit<OffPolicy, 'logged'>

/** EVALUATION_DATA where the earlier half has no click, or the later one less than two rows. */
export function evaluateLogged(log: BanditRows): LoggedEvaluation {
  const count = log.rewards.length
  const middle = count >> 1
  const items = log.itemIds.length
  const taught = cellsOf(log, [0, middle])
  if (!taught.clicks.some((clicks) => clicks > 0)) {
    const reason = `the earlier half of ${count} rows has no click to learn from`
    throw pinwheelError('EVALUATION_DATA', { reason })
  }
  const everSeen = cellsOf(log, [0, count]).rows
  const asked = {
    rewards: log.rewards.subarray(middle),
    propensities: log.propensities.subarray(middle),
  }
  const cells = log.items.map((item, row) => log.positions[row]! * items + item).subarray(middle)
  const rates = ratesByCell(taught, items)
  const ask = (shares: Float64Array) =>
    offPolicy(asked, targetOf(shares, { cells, rates, everSeen }))
  const { logged, ...uniform } = ask(new Float64Array(items).fill(1 / items))
  const { logged: _, ...popularity } = ask(sharesByRate(taught, items))
  const targets = { uniform, popularity }
  return {
    rows: { taught: middle, asked: count - middle, broken: log.report.read - log.report.kept },
    items,
    clicks: asked.rewards.reduce((sum, click) => sum + click, 0),
    logged,
    targets,
    reading: loggedReading(targets, logged.value),
  }
}

/** By position and item: `position * items + item`. */
type Cells = { readonly rows: Float64Array; readonly clicks: Float64Array }

function cellsOf(log: BanditRows, [from, to]: readonly [number, number]): Cells {
  const items = log.itemIds.length
  const rows = new Float64Array(banditPlaces * items)
  const clicks = new Float64Array(rows.length)
  for (let row = from; row < to; row++) {
    const cell = log.positions[row]! * items + log.items[row]!
    rows[cell]!++
    clicks[cell]! += log.rewards[row]!
  }
  return { rows, clicks }
}

const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0)
const drawn = (clicks: number, rows: number, mean: number) =>
  (clicks + PRIOR_ROWS * mean) / (rows + PRIOR_ROWS)

/** Of each cell, drawn to the rate of its position, and that to the rate of all. */
function ratesByCell({ rows, clicks }: Cells, items: number): Float64Array {
  const mean = sumOf(clicks) / sumOf(rows)
  const ofPosition = Array.from({ length: banditPlaces }, (_, position) => {
    const of = (values: Float64Array) =>
      sumOf(values.subarray(position * items, (position + 1) * items))
    return drawn(of(clicks), of(rows), mean)
  })
  return rows.map((count, cell) => {
    return drawn(clicks[cell]!, count, ofPosition[Math.floor(cell / items)]!)
  })
}

/** An item's share of `popularity`. */
function sharesByRate({ rows, clicks }: Cells, items: number): Float64Array {
  const mean = sumOf(clicks) / sumOf(rows)
  const scores = Float64Array.from({ length: items }, (_, item) => {
    let [shown, clicked] = [0, 0]
    for (let cell = item; cell < rows.length; cell += items) {
      shown += rows[cell]!
      clicked += clicks[cell]!
    }
    return Math.log(drawn(clicked, shown, mean))
  })
  const shares = new Float64Array(items)
  softmaxPolicy().next(scores, new Uint8Array(items), shares)
  return shares
}

type Known = {
  /** Of each row that is asked. */
  readonly cells: Uint32Array
  /** Of each cell, what the model expects. */
  readonly rates: Float64Array
  /** Of each cell, in how many rows of the whole file it is. */
  readonly everSeen: Float64Array
}

/** A policy that shows items by their shares, in columns of the rows. */
function targetOf(shares: Float64Array, { cells, rates, everSeen }: Known): TargetColumns {
  const items = shares.length
  const byPosition = (value: (share: number, cell: number) => number) => {
    const sums = Array.from({ length: banditPlaces }, (_, position) =>
      shares.reduce((sum, share, item) => sum + value(share, position * items + item), 0),
    )
    return Float64Array.from(cells, (cell) => sums[Math.floor(cell / items)]!)
  }
  return {
    probabilities: Float64Array.from(cells, (cell) => shares[cell % items]!),
    unsupported: byPosition((share, cell) => (everSeen[cell] === 0 ? share : 0)),
    model: {
      logged: Float64Array.from(cells, (cell) => rates[cell]!),
      target: byPosition((share, cell) => share * rates[cell]!),
    },
  }
}
