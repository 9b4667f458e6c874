export { bestItems } from './best-items.ts'
export {
  type FittedForServing,
  fitForServing,
  fittedOf,
  type ServedName,
  type ServingFit,
  savesOf,
  servedNamed,
  servedNames,
} from './fit-for-serving.ts'
export { type Fitted, formNames, printOf } from './fitted.ts'
export { decodeFitted, encodeFitted } from './fitted-file.ts'
export { type FittedMemory, fittedMemory } from './fitted-memory.ts'
export { FittedModel, type FittedScores, type Saver } from './fitted-model.ts'
export {
  type FittedManifest,
  fittedFolder,
  latestFitted,
  readFitted,
  saveFitted,
} from './fitted-store.ts'
export { openFitted } from './open-fitted.ts'
export {
  compareServed,
  type ExpectedModel,
  modelOnData,
  type ServedList,
  type ServedLists,
  type ServedListsOptions,
} from './served-lists.ts'
