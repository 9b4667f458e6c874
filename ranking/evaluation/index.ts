export type { Choice, ChoiceCache } from './choose.ts'
export { type Dataset, loadDataset } from './dataset.ts'
export { type EvaluateOptions, type Evaluation, evaluate, evaluatedNames } from './evaluate.ts'
export { type EvaluationAgainst, evaluateAgainst, type Versus } from './evaluate-against.ts'
export { evaluateAll, markdownOf } from './evaluate-all.ts'
export { checkFormat, type Door, type FormatName, formatNames, readEntries } from './formats.ts'
export { ImportReport } from './import-report.ts'
export { edgesOf } from './models.ts'
export {
  type CurveOptions,
  type CurveRow,
  curveDefaults,
  curveRankers,
  type Mean,
  type PruningCurve,
  pruningCurve,
} from './pruning-curve.ts'
export {
  type WalkCheck,
  type WalkCheckOptions,
  walkCheck,
  walkCheckDefaults,
} from './walk-check.ts'
export type { HoldOut } from './walk-hold-out.ts'
