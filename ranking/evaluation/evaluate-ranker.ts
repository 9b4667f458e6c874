/**
 * A ranker that was fitted elsewhere, by the metrics and on the users of `evaluate`: for models
 * that need times, context, attributes or labels. Two of what this returns are compared by
 * `compareMeasured`, also with `evaluateModel`'s of the same data set.
 */
import { pinwheelError } from '../../base/index.ts'
import type { Dataset } from './dataset.ts'
import { figuresOf } from './evaluate.ts'
import { catalogueModel, type LabelledRanker } from './labelled/index.ts'
import { type MeasureOptions, measure } from './measure.ts'

/** EVALUATION_DATA for data that was not cut by time or label; AUC_UNDEFINED. */
export async function evaluateRanker(
  ranker: LabelledRanker,
  data: Dataset,
  options: Omit<MeasureOptions, 'ranker'>,
) {
  if (!data.split) {
    const reason = 'a ranker is asked about rows of a split; choose --split, or data with times'
    throw pinwheelError('EVALUATION_DATA', { reason })
  }
  const measured = await measure(catalogueModel(ranker, data), data, { ...options, ranker })
  return { figures: figuresOf(measured, data, options), measured }
}
