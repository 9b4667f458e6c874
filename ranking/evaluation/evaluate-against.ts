/**
 * Two models on the same users by the same protocol: the ratio of their recalls, and the difference
 * user by user, whose interval is far narrower than those of the recalls.
 */
import { loadDataset } from './dataset.ts'
import {
  bootstrap,
  type EvaluateOptions,
  type Evaluation,
  evaluateModel,
  modelNamed,
} from './evaluate.ts'
import { checkFormat } from './formats.ts'

/** Of recall. */
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
  readonly raw: Versus
  readonly clean: Versus
}

/** Evaluates `model`, then `against`, each with its own settings from the fold. */
export async function evaluateAgainst(
  options: EvaluateOptions & { readonly against: string },
): Promise<EvaluationAgainst> {
  const names = [modelNamed(options.model), modelNamed(options.against)] as const
  const data = await loadDataset(options.dataset, checkFormat(options.format))
  const { onProgress } = options
  const run = (name: (typeof names)[number], before: number) =>
    evaluateModel(name, data, {
      ...options,
      onProgress: (done, total) => onProgress?.(before + done, 2 * total),
    })
  const one = await run(names[0], 0)
  const other = await run(names[1], data.users)
  const { seed = 1 } = options
  const versus = (kind: 'raw' | 'clean') =>
    compare(one.measured[kind].recall, other.measured[kind].recall, seed)
  return {
    model: one.evaluation,
    against: other.evaluation,
    raw: versus('raw'),
    clean: versus('clean'),
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
