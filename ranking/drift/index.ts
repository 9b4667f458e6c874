export {
  driftReport,
  driftRowsMin,
  type FeatureDrift,
  joinRows,
  summariesOf,
  taughtSummaries,
} from './drift-report.ts'
export type { FeatureSummaries, FeatureSummary } from './feature-summary.ts'
export { type RowsOfModel, ScoredRows } from './scored-rows.ts'
