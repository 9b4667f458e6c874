export { aucOf, SortedRows } from './auc.ts'
export {
  compareLabels,
  type LabelDifference,
  type LabelFigures,
  type LabelMeasure,
  labelFigures,
  measureLabels,
} from './label-measure.ts'
export { catalogueModel, type LabelledRanker, type Question, rankerOf } from './labelled-ranker.ts'
export { type Interval, meanDrawn, userInterval } from './user-bootstrap.ts'
