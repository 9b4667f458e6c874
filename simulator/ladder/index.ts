export { type Arm, type ArmAsk, type ArmName, armNames } from './arms.ts'
export { type ArmSummary, judgeSteps, type StepVerdict, summarise } from './headline.ts'
export {
  type ArmResult,
  type LadderPreset,
  type LadderStep,
  ladderPresets,
  PRIMARY,
  presetHash,
  runSeed,
  type SeedResult,
} from './ladder.ts'
export type { Metrics } from './tally.ts'
