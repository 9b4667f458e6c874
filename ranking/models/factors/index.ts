export { FactorsModel } from './factors-model.ts'
export { type FoldInOptions, foldInDefaults, SoftmaxFoldIn } from './fold-in.ts'
export { FoldInModel } from './fold-in-model.ts'
export {
  type Factors,
  type FitContext,
  type FitProgress,
  fitSoftmaxFactors,
  type SoftmaxFactorsOptions,
  softmaxFactorsDefaults,
} from './softmax-factors.ts'
