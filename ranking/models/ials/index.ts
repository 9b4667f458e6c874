export {
  fitIals,
  type Ials,
  type IalsContext,
  type IalsOptions,
  type IalsProgress,
  ialsDefaults,
  ridgeOf,
} from './ials.ts'
export { type IalsMemory, ialsMemory } from './ials-memory.ts'
export { IalsModel } from './ials-model.ts'
export { type SolveRows, wasmRidge } from './ridge-kernel.ts'
