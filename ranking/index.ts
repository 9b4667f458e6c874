export {
  type Choice,
  type ChoiceCache,
  type CurveRow,
  checkFormat,
  curveDefaults,
  curveRankers,
  type Door,
  type Evaluation,
  edgesOf,
  evaluate,
  evaluateAgainst,
  evaluateAll,
  evaluatedNames,
  type FormatName,
  formatNames,
  type HoldOut,
  ImportReport,
  loadDataset,
  type Mean,
  markdownOf,
  type PruningCurve,
  pruningCurve,
  readEntries,
  type WalkCheck,
  walkCheck,
  walkCheckDefaults,
} from './evaluation/index.ts'
export { featureMatrix, featureNames } from './features/feature-matrix.ts'
export {
  DAYS,
  type FeatureMemory,
  type FeatureReader,
  FeatureTable,
} from './features/feature-table.ts'
export { generationNames, recommend } from './generations/index.ts'
export {
  Cooccurrence,
  type CooccurrenceMemory,
  fitCooccurrence,
  fitCooccurrenceSteps,
  sequencesOf,
} from './models/cooccurrence.ts'
export {
  type Factors,
  type FitProgress,
  fitSoftmaxFactors,
  type SoftmaxFactorsOptions,
  softmaxFactorsDefaults,
} from './models/factors/index.ts'
export type {
  GenerationName,
  RankedPin,
  RankReply,
  RankRequest,
  Rung,
  Seed,
  TraceEntry,
  UserContext,
} from './pipeline/request.ts'
export { startRanking } from './pipeline/run.ts'
export {
  type RankerModel,
  type RankingServices,
  RankScratch,
  ScratchPool,
} from './pipeline/services.ts'
export { loadRanker, modelVersion } from './rankers/onnx-ranker.ts'
export {
  latestModel,
  listModels,
  type Manifest,
  readModel,
  saveModel,
} from './registry/registry.ts'
export { ActiveRules } from './slate/active-rules.ts'
export { readRules } from './slate/read-rules.ts'
export { rulesDefaults, type SlateRules } from './slate/rules.ts'
export { CatalogueIndex, catalogueIndexSteps } from './sources/catalogue-index.ts'
export { shownRows } from './training/examples.ts'
export { type TrainedRanker, type TrainingRows, trainRanker } from './training/train-ranker.ts'
