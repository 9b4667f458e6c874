export { type Arm, type ArmAsk, type ArmName, armNames } from './arms.ts'
export { COST_PINS_MIN, hostPrice, type LiveCost, type LiveFile, liveCosts } from './costs.ts'
export {
  armsOf,
  type Falsification,
  type FalsificationRow,
  falsifications,
  judgeFalsification,
  presetWithout,
  switchNames,
} from './falsification.ts'
export { type ArmSummary, judgeSteps, leaks, type StepVerdict, summarise } from './headline.ts'
export { dollarsOf, type HistoricRow, history, historyNote } from './history.ts'
export {
  type LadderPreset,
  type LadderStep,
  ladderPresets,
  PRIMARY,
  presetHash,
} from './ladder.ts'
export { judgeRates, popularityRates } from './rates.ts'
export { type ArmResult, runSeed, runSharedSeed, type SeedResult } from './run-seed.ts'
export type { Metrics } from './tally.ts'
