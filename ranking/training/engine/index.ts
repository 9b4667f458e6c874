export { add, divide, expand, multiply, scale, shift, subtract, sumTo } from './arithmetic.ts'
export { attention } from './attention.ts'
export {
  exponential,
  gate,
  gelu,
  logarithm,
  relu,
  sigmoid,
  softplus,
  squareRoot,
  tanh,
} from './elementwise.ts'
export {
  type FitOptions,
  type FitProgress,
  type FitReport,
  fitNetwork,
  type TrainingData,
} from './fit-network.ts'
export { gradientCases } from './gradient-cases.ts'
export { checkGradient, type GradientReport } from './gradient-check.ts'
export { Layers, type Network } from './layers.ts'
export { decodeLists, encodeLists } from './list-file.ts'
export { binaryCrossEntropy, softmaxCrossEntropy } from './losses.ts'
export { layerNorm, sharpen, softmax, unitRows } from './normalise.ts'
export { dense, product, products } from './products.ts'
export { mean, meanAlong, sumAlong } from './reductions.ts'
export { concatenate, reshape, slice, transpose } from './shapes.ts'
export type { Value } from './tape.ts'
export { Trainer, type TrainerOptions } from './trainer.ts'
