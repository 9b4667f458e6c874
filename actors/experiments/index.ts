export {
  type Arm,
  Assigner,
  type Assignment,
  armShares,
  type Experiment,
  experimentDefaults,
  type Outside,
} from './assignment.ts'
export { type SampleRatio, sampleRatio, sampleRatioAlarm } from './sample-ratio.ts'
