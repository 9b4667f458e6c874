export { deepBytes, deepWeights } from './deep-file.ts'
export { type DeepMemory, DeepModel, deepMemory } from './deep-model.ts'
export { deepDefaults, deepNetwork } from './deep-network.ts'
export { openDeep } from './open-deep.ts'
export type { JobMemory } from './scoring-job.ts'
export {
  type DeepTrainingOptions,
  type DeepTrainingPorts,
  deepTrainingDefaults,
  type TrainedDeep,
  trainDeep,
} from './train-deep.ts'
