/**
 * Two models on the same users by the same protocol: the ratio of their recalls, and the difference
 * user by user, whose interval is far narrower than those of the recalls.
 */
import { type EvaluateOptions, type Evaluation, evaluateModel, modelNamed } from './evaluate.ts'
import { openDataset } from './interactions/index.ts'
import { compareLabels, type LabelDifference } from './labelled/index.ts'
import { bootstrap, type Measured } from './measure.ts'

export type Versus = {
  /** Of the means, the model's over the other's. */
  readonly ratio: number
  readonly difference: number
  /** 95 % of the mean differences of resampled users. */
  readonly interval: readonly [number, number]
}

export type EvaluationAgainst = {
  readonly model: Evaluation
  readonly against: Evaluation
} & Comparison

export type Comparison = {
  /** Of recall. */
  readonly raw: Versus
  readonly clean: Versus
  readonly ndcg: { readonly raw: Versus; readonly clean: Versus }
  /** Where the data has labels: the headline, and all rows together. */
  readonly auc?: LabelDifference
  readonly pooledAuc?: LabelDifference
}

/** Evaluates `model`, then `against`, each with its own settings from the fold. */
export async function evaluateAgainst(
  options: EvaluateOptions & { readonly against: string },
): Promise<EvaluationAgainst> {
  const names = [modelNamed(options.model), modelNamed(options.against)] as const
  const data = await openDataset(options)
  const { onProgress } = options
  const run = (name: (typeof names)[number], before: number) =>
    evaluateModel(name, data, {
      ...options,
      onProgress: (done, total) => onProgress?.(before + done, 2 * total),
    })
  const one = await run(names[0], 0)
  const other = await run(names[1], data.users)
  const { seed = 1 } = options
  const comparison = compareMeasured(one.measured, other.measured, seed)
  return { model: one.evaluation, against: other.evaluation, ...comparison }
}

/** Both must have been measured on the same data set, for lists of one length. */
export function compareMeasured(one: Measured, other: Measured, seed: number): Comparison {
  const versus = (kind: 'raw' | 'clean', metric: 'recall' | 'ndcg') =>
    compare(one[kind][metric], other[kind][metric], seed)
  return {
    raw: versus('raw', 'recall'),
    clean: versus('clean', 'recall'),
    ndcg: { raw: versus('raw', 'ndcg'), clean: versus('clean', 'ndcg') },
    ...(one.labels && other.labels && compareLabels(one.labels, other.labels, seed)),
  }
}

/** Pairs stand at the same place. */
export function compare(
  values: readonly number[],
  others: readonly number[],
  seed: number,
): Versus {
  const sum = (of: readonly number[]) => of.reduce((a, b) => a + b, 0)
  const differences = values.map((value, i) => value - others[i]!)
  return {
    ratio: sum(values) / sum(others),
    difference: sum(differences) / differences.length,
    interval: bootstrap(differences, seed),
  }
}
