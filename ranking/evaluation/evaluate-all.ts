/** Every model on one data set, as the tables of `docs/quality.md` have them. */
import { errorCode } from '../../base/index.ts'
import type { Choice } from './choose.ts'
import { loadDataset } from './dataset.ts'
import { type EvaluateOptions, type Evaluation, evaluatedNames, evaluateModel } from './evaluate.ts'
import { checkFormat } from './formats.ts'
import type { Settings } from './models.ts'

/** One after the other, `best` last; a model that cannot be fitted here is left out. */
export async function* evaluateAll(
  options: Omit<EvaluateOptions, 'model'>,
): AsyncIterable<Evaluation> {
  const data = await loadDataset(options.dataset, checkFormat(options.format))
  for (const name of evaluatedNames) {
    try {
      yield (await evaluateModel(name, data, { ...options, model: name })).evaluation
    } catch (error) {
      if (errorCode(error) !== 'MODEL_TOO_LARGE') throw error
    }
  }
}

/** A table, best recall last. */
export function markdownOf(evaluations: readonly Evaluation[], at: number): string {
  const figure = (scores: Evaluation['raw'], name: string) => {
    return Number(scores[`${name}@${at}`]).toFixed(4).slice(1)
  }
  const share = (value: number) => value.toFixed(2)
  const rows = evaluations.map(({ model, raw, clean, lists, ...timed }) => [
    model,
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
  const sorted = rows.sort((a, b) => (a[1]! < b[1]! ? -1 : 1))
  return [line(headings), line(headings.map(() => '---')), ...sorted.map(line)].join('')
}

function wordsOf(options: Settings | Choice): string {
  if ('parts' in options && Array.isArray(options.parts)) {
    return (options as Choice).parts.map(({ model, weight }) => `${model} ${weight}`).join(', ')
  }
  const settings = Object.entries(options as Settings)
  return settings.map(([name, value]) => `${name} ${value}`).join(', ')
}
