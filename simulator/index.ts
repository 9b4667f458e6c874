export {
  chaosDapr,
  type DaprChaosResult,
  type DaprMutantName,
  daprMutants,
  findDaprMutant,
  runDaprSeed,
} from './checkers/index.ts'
export { type Mutant, mutants } from './checkers/mutants.ts'
export {
  type ProcessChaosOptions,
  type ProcessFindings,
  processChaos,
  processChaosDefaults,
} from './checkers/process/index.ts'
export { runSeed, type SeedResult, seedDefaults } from './checkers/run-seed.ts'
export {
  assumptions as clusterAssumptions,
  type Calibration,
  type CostBook,
  check,
  estimate,
  type Held,
  type ModelOptions,
  modelDefaults,
  type Prediction,
  predict,
  purchases,
  readCalibration,
  readCostBook,
  readMeasured,
  readPrediction,
  type Saving,
  type Scenario,
  type ScenarioReport,
  scenarioOf,
  scenarios as clusterScenarios,
} from './cluster/index.ts'
export {
  type ArmName,
  armNames,
  judgeSteps,
  type LadderPreset,
  ladderPresets,
  PRIMARY,
  presetHash,
  runSeed as runLadderSeed,
  type SeedResult as LadderResult,
  summarise,
} from './ladder/index.ts'
export {
  type ChaosOptions,
  type ChaosReport,
  corpus,
  type Hunt,
  hunt,
  runChaos,
  SEEDS_FOR_COVERAGE,
  SEEDS_FOR_MUTANT,
} from './report/chaos-report.ts'
export {
  type BugHunt,
  type ChaosFailure,
  type ChaosFindings,
  chaosFailures,
  chaosSections,
} from './report/chaos-run-report.ts'
export { kneeSection, liveSections } from './report/live-run-report.ts'
export { type FaultRecovery, processSections, recoveries } from './report/process-run-report.ts'
export { type ReplaySample, replaySections } from './report/replay-run-report.ts'
export { reportHtml } from './report/report-html.ts'
export {
  type Axis,
  type Bar,
  type Bars,
  type Cell,
  type Fact,
  type Facts,
  type Histogram,
  type Lines,
  type RunReport,
  reportJson,
  type Section,
  type Series,
  sumFacts,
  type Table,
  type Verdict as ReportVerdict,
  verdictCounts,
  type Words,
} from './report/run-report.ts'
export { sparkline } from './report/sparkline.ts'
export { worldSection } from './report/world-run-report.ts'
export {
  type DemoOptions,
  demoDefaults,
  demoEntries,
  demoEntryCount,
  demoPictures,
  demoWorld,
} from './workload/demo.ts'
export { type EventFrames, type FrameColumns, ReplayFrames } from './workload/event-frames.ts'
export {
  type ArrivalLaw,
  arrivalLaws,
  type FailureCode,
  type Feed,
  type FeedAsk,
  failures,
  type KneeAsk,
  type KneeStep,
  type LiveOptions,
  type LivePorts,
  type LiveResult,
  liveDefaults,
  type Outcome,
  type People,
  runKnee,
  runLive,
  type Second,
  type Taken,
  type Target,
  worldPeople,
} from './workload/live/index.ts'
export {
  type ReplayOptions,
  type ReplayRecord,
  ReplayWorkload,
  replayDefaults,
  replayEvents,
  replayRecord,
  replayWorkload,
} from './workload/replay.ts'
export {
  EventStream,
  emptyFrame,
  FRAME_EVENTS,
  type Frame,
  judgeVisits,
  readFrame,
  type StreamName,
  StreamSample,
  type StreamStatistics,
  streamEntries,
  streamRecord,
  streamShapes,
} from './workload/stream/index.ts'
export {
  type BoardStatistics,
  boardStatistics,
  boardsOfSaves,
  type CirclePlan,
  type CircleWorld,
  circleLaws,
  circleWorldDefaults,
  decodeSeedGraph,
  encodeSeedGraph,
  growCircles,
  judgeBoards,
  lawsHash,
  planCircles,
  type SeedGraph,
  savesOfPins,
  seedGraphName,
  type Verdict,
} from './world/index.ts'
