export {
  fitIals,
  type Ials,
  type IalsContext,
  type IalsOptions,
  type IalsProgress,
  ialsDefaults,
} from './ials.ts'
export { IalsModel } from './ials-model.ts'
