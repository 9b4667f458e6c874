/**
 * Figures that stand at the beginning of this project: what five generations of recommenders are
 * said to have reached. Nobody has verified them, and they are other metrics of other people: they
 * are printed beside what is measured so that nobody takes one for the other.
 */
export type HistoricRow = {
  readonly generation: number
  readonly year: number
  /** Clicks for each pin shown; unlike saves for each pin seen. */
  readonly clickShare: number
  readonly latencyMs: number
  /**
   * Dollars as they are handed down: a month's cost over a day's recommendations, so 30 times what
   * one recommendation cost.
   */
  readonly dollarsClaimed?: number
  /** Share of pins that were recommended. */
  readonly coverage?: number
}

export const history: readonly HistoricRow[] = Object.freeze([
  {
    generation: 1,
    year: 2011,
    clickShare: 0.05,
    latencyMs: 500,
    dollarsClaimed: 0.005,
    coverage: 0.6,
  },
  {
    generation: 2,
    year: 2013,
    clickShare: 0.12,
    latencyMs: 200,
    dollarsClaimed: 0.002,
    coverage: 0.85,
  },
  { generation: 3, year: 2015, clickShare: 0.18, latencyMs: 100 },
  { generation: 4, year: 2018, clickShare: 0.22, latencyMs: 50, dollarsClaimed: 0.0005 },
  { generation: 5, year: 2024, clickShare: 0.28, latencyMs: 30 },
])

const DAYS_OF_A_MONTH = 30

/** What one recommendation cost, if the figure that is handed down is right. */
export const dollarsOf = ({ dollarsClaimed }: HistoricRow) =>
  dollarsClaimed === undefined ? undefined : dollarsClaimed / DAYS_OF_A_MONTH

export const historyNote =
  'Handed down, not verified, of other people and other metrics: a click for each pin that was ' +
  'shown, against a save or a close-up for each pin that was seen here. The dollars are a month’s ' +
  'cost over a day’s recommendations, so 30 times too high; the right figure stands beside.'
