/** Every model on one data set, as the tables of `docs/quality.md` have them. */
import { type ErrorCode, errorCode } from '../../base/index.ts'
import type { Choice } from './choose.ts'
import {
  type EvaluatedName,
  type EvaluateOptions,
  type Evaluation,
  evaluatedNames,
  evaluateModel,
  modelNamed,
} from './evaluate.ts'
import { openDataset } from './interactions/index.ts'
import type { Settings } from './models.ts'

export type EvaluateAllOptions = Omit<EvaluateOptions, 'model'> & {
  /** Models that are not asked for. */
  readonly without?: readonly string[]
  /** Hears which model cannot be fitted here, and why. */
  readonly onLeftOut?: (model: EvaluatedName, reason: string) => void
}

/** What says that a model is not for this data; the others can still be measured. */
const unfit: readonly (ErrorCode | undefined)[] = [
  'MODEL_TOO_LARGE',
  'FACTORS_DATA',
  'GRAPH_INPUT',
  'GRAPH_MEMORY',
]

/** One after the other, `best` last; a model that cannot be fitted here is left out and told. */
export async function* evaluateAll(options: EvaluateAllOptions): AsyncIterable<Evaluation> {
  const { without = [], onLeftOut } = options
  const left = without.map(modelNamed)
  const data = await openDataset(options)
  for (const name of evaluatedNames) {
    if (left.includes(name)) continue
    try {
      yield (await evaluateModel(name, data, { ...options, model: name })).evaluation
    } catch (error) {
      if (!unfit.includes(errorCode(error))) throw error
      onLeftOut?.(name, error instanceof Error ? error.message : String(error))
    }
  }
}

/** A table, best recall last. */
export function markdownOf(evaluations: readonly Evaluation[], at: number): string {
  const figure = (scores: Evaluation['raw'], name: string) => {
    return Number(scores[`${name}@${at}`]).toFixed(4).slice(1)
  }
  const share = (value: number) => value.toFixed(2)
  const hasLabels = evaluations.some(({ labels }) => labels !== undefined)
  const auc = (value = Number.NaN) => value.toFixed(3).replace(/^0/, '')
  const rows = evaluations.map(({ model, raw, clean, lists, labels, ...timed }) => [
    model,
    ...(hasLabels ? [`${auc(labels?.auc)} / ${auc(labels?.pooledAuc)}`] : []),
    `${figure(raw, 'recall')} / ${figure(raw, 'ndcg')}`,
    `${figure(clean, 'recall')} / ${figure(clean, 'ndcg')}`,
    figure(raw, 'hr'),
    figure(raw, 'mrr'),
    share(lists.coverage),
    share(lists.gini),
    share(lists.popularityOverlap),
    lists.novelty.toFixed(1),
    share(lists.intraListDistance ?? Number.NaN),
    `${timed.fitSeconds.toFixed(1)} s`,
    `${Math.round(timed.selectSeconds)} s`,
    wordsOf(timed.options),
  ])
  const headings = [
    'model',
    ...(hasLabels ? ['AUC / pooled'] : []),
    `raw R / N@${at}`,
    `clean R / N@${at}`,
    'HR',
    'MRR',
    'coverage',
    'Gini',
    'popular',
    'novelty',
    'distance',
    'fit',
    'chosen in',
    'chosen on the fold',
  ]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  const recall = hasLabels ? 2 : 1
  const sorted = rows.sort((a, b) => (a[recall]! < b[recall]! ? -1 : 1))
  return [line(headings), line(headings.map(() => '---')), ...sorted.map(line)].join('')
}

function wordsOf(options: Settings | Choice): string {
  if ('parts' in options && Array.isArray(options.parts)) {
    return (options as Choice).parts.map(({ model, weight }) => `${model} ${weight}`).join(', ')
  }
  const settings = Object.entries(options as Settings)
  return settings.map(([name, value]) => `${name} ${value}`).join(', ')
}
