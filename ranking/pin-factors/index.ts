export { FactorReader, type FoldedUser } from './factor-reader.ts'
export {
  type FactorBounds,
  type FactorOptions,
  factorBounds,
  factorDefaults,
  fitPinFactors,
} from './fit-pin-factors.ts'
export {
  type FactorNumbers,
  type PinFactors,
  type PinFactorsMemory,
  pinFactorsMemory,
} from './pin-factors.ts'
