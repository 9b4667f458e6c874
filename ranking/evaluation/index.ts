export type { Choice, ChoiceCache } from './choose.ts'
export {
  type ColdPins,
  type ColdPinsOptions,
  coldPins,
  coldPinsMarkdown,
} from './cold-pins.ts'
export {
  type ColdStart,
  type ColdStartOptions,
  coldStart,
  coldStartDefaults,
  coldStartMarkdown,
  strangerModel,
} from './cold-start.ts'
export { type Dataset, loadDataset } from './dataset.ts'
export { type EvaluateOptions, type Evaluation, evaluate, evaluatedNames } from './evaluate.ts'
export {
  type Comparison,
  compareMeasured,
  type EvaluationAgainst,
  evaluateAgainst,
  type Versus,
} from './evaluate-against.ts'
export { evaluateAll, markdownOf } from './evaluate-all.ts'
export { evaluateRanker } from './evaluate-ranker.ts'
export { checkFormat, type Door, type FormatName, formatNames, readEntries } from './formats.ts'
export { ImportReport } from './import-report.ts'
export {
  foldOfPast,
  type Interactions,
  InteractionsBuilder,
  LABEL_MS,
  openDataset,
  parseSplitRule,
  recboleDefaults,
  splitDataset,
  splitDefault,
  type TimedRows,
} from './interactions/index.ts'
export { itemTags } from './item-tags.ts'
export {
  catalogueModel,
  type LabelFigures,
  type LabelledRanker,
  type Question,
  rankerOf,
} from './labelled/index.ts'
export { type Figure, meanFigure } from './mean-figure.ts'
export { userMetrics } from './metrics.ts'
export { edgesOf, strangerNames } from './models.ts'
export {
  chancesByPosition,
  chancesOf,
  type DrawnSlate,
  downTheList,
  drawSlate,
  type Estimate,
  evaluateLogged,
  type LoggedEvaluation,
  type LoggedRows,
  type OffPolicy,
  type OffPolicyOptions,
  offPolicy,
  openBanditDefaults,
  readOpenBandit,
  type SlatePolicy,
  slatePoolMax,
  softmaxPolicy,
  type TargetColumns,
} from './off-policy/index.ts'
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
  goodnessOfFit,
  holm,
  type MeanDifference,
  pairedT,
  welchT,
} from './statistics/index.ts'
export {
  type WalkCheck,
  type WalkCheckOptions,
  walkCheck,
  walkCheckDefaults,
} from './walk-check.ts'
export type { HoldOut } from './walk-hold-out.ts'
