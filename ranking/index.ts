export {
  chunkOf,
  ListBook,
  type ListChunk,
  ListRun,
  listLength,
  listMsMax,
  listsFolder,
  type UserList,
  userKey,
} from './batch/index.ts'
export {
  driftReport,
  driftRowsMin,
  type FeatureDrift,
  type FeatureSummaries,
  type FeatureSummary,
  joinRows,
  type RowsOfModel,
  ScoredRows,
  summariesOf,
  taughtSummaries,
} from './drift/index.ts'
export {
  type Choice,
  type ChoiceCache,
  type ColdPins,
  type ColdStart,
  type ColdStartOptions,
  type Comparison,
  type CurveRow,
  catalogueModel,
  checkFormat,
  coldPins,
  coldPinsMarkdown,
  coldStart,
  coldStartDefaults,
  coldStartMarkdown,
  compareMeasured,
  curveDefaults,
  curveRankers,
  type Dataset,
  type Door,
  type Evaluation,
  edgesOf,
  evaluate,
  evaluateAgainst,
  evaluateAll,
  evaluatedNames,
  evaluateRanker,
  type Figure,
  type FormatName,
  foldOfPast,
  formatNames,
  type HoldOut,
  ImportReport,
  type Interactions,
  InteractionsBuilder,
  itemTags,
  LABEL_MS,
  type LabelFigures,
  type LabelledRanker,
  loadDataset,
  type Mean,
  markdownOf,
  meanFigure,
  openDataset,
  type PruningCurve,
  parseSplitRule,
  pruningCurve,
  type Question,
  rankerOf,
  readEntries,
  recboleDefaults,
  splitDataset,
  splitDefault,
  strangerModel,
  strangerNames,
  type TimedRows,
  userMetrics,
  type WalkCheck,
  walkCheck,
  walkCheckDefaults,
} from './evaluation/index.ts'
export { deepFeatureNames, featureMatrix, featureNames } from './features/feature-matrix.ts'
export {
  DAYS,
  type FeatureMemory,
  type FeatureReader,
  FeatureTable,
} from './features/feature-table.ts'
export {
  bestItems,
  compareServed,
  type Fitted,
  type FittedManifest,
  type FittedMemory,
  FittedModel,
  fitForServing,
  fittedFolder,
  fittedMemory,
  fittedOf,
  latestFitted,
  modelOnData,
  openFitted,
  printOf,
  readFitted,
  type ServedList,
  type ServedLists,
  type ServedName,
  saveFitted,
  savesOf,
  servedNamed,
  servedNames,
} from './fitted/index.ts'
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
export {
  type FittedTwoTower,
  fitTwoTower,
  type PinTags,
  TwoTower,
  type TwoTowerData,
  type TwoTowerOptions,
  type TwoTowerPorts,
  twoTowerBytes,
  twoTowerDefaults,
  twoTowerOf,
} from './models/two-tower/index.ts'
export { Gemm } from './onnx/index.ts'
export {
  FactorReader,
  factorBounds,
  fitPinFactors,
  type PinFactors,
  pinFactorsMemory,
} from './pin-factors/index.ts'
export {
  type BoardFacts,
  type GenerationName,
  type MadeList,
  type RankedPin,
  type RankReply,
  type RankRequest,
  type Rung,
  rungs,
  type Seed,
  type TraceEntry,
  type UserContext,
} from './pipeline/request.ts'
export {
  devices,
  placeDefaults,
  placeOf,
  type RequestPlace,
  surfaces,
} from './pipeline/request-place.ts'
export { startRanking } from './pipeline/run.ts'
export {
  type RankerModel,
  type RankingServices,
  RankScratch,
  ScratchPool,
} from './pipeline/services.ts'
export {
  type DeepMemory,
  DeepModel,
  type DeepTrainingOptions,
  type DeepTrainingPorts,
  deepDefaults,
  deepMemory,
  deepTrainingDefaults,
  type JobMemory,
  openDeep,
  type TrainedDeep,
  trainDeep,
} from './rankers/deep/index.ts'
export { loadRanker } from './rankers/onnx-ranker.ts'
export { collaborativeScore } from './rankers/similarity-scorer.ts'
export { modelVersion } from './registry/model-version.ts'
export {
  latestManifest,
  listModels,
  type Manifest,
  type ModelKind,
  modelsDirectory,
  readModel,
  saveModel,
} from './registry/registry.ts'
export { ActiveRules } from './slate/active-rules.ts'
export { readRules } from './slate/read-rules.ts'
export { rulesDefaults, type SlateRules } from './slate/rules.ts'
export { CatalogueIndex, catalogueIndexSteps } from './sources/catalogue-index.ts'
export { TagWords } from './sources/tag-words.ts'
export { type KeptRows, RequestRows } from './training/examples.ts'
export {
  type IdentifiedRows,
  type TrainedRanker,
  type TrainingRows,
  trainRanker,
} from './training/train-ranker.ts'
