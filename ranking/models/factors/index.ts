export { FactorsModel } from './factors-model.ts'
export {
  type Factors,
  type FitContext,
  type FitProgress,
  fitSoftmaxFactors,
  type SoftmaxFactorsOptions,
  softmaxFactorsDefaults,
} from './softmax-factors.ts'
