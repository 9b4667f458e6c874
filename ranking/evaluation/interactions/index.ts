export {
  type Attribute,
  type AttributeColumn,
  type AttributeTable,
  type AttributeTables,
  attributeOf,
  readAttributes,
} from './attributes.ts'
export {
  type Interactions,
  InteractionsBuilder,
  LABEL_MS,
  type RowOrder,
  type TimedRows,
  timedRow,
} from './interactions.ts'
export { type DatasetOptions, openDataset } from './open-dataset.ts'
export { readRecbole, recboleDefaults } from './recbole.ts'
export { parseSaveRule, type SaveRule } from './save-rule.ts'
export { instantAt, lastCount, part, splitParts } from './split.ts'
export {
  datasetOfUsers,
  foldOfPast,
  type SplitCounts,
  type SplitFacts,
  splitDataset,
} from './split-dataset.ts'
export { parseSplitRule, type SplitRule, splitDefault, splitText } from './split-rule.ts'
