/**
 * Evaluation by full ranking: settings are chosen on a fold of the training data, the test is read
 * once.
 *
 * Fold of row data: a tenth of each row's distinct items, drawn with a fixed seed after repeats are
 * removed. Fold of sequences: fitted on all but the last three, the query sees all but the last
 * two, the target is the last but one. Rows that were cut by a rule (`interactions/`) are cut by it
 * once more. Raw: the denominator counts test tokens as written, repeats and items that were also
 * in train included. Clean: distinct test items that are not in train.
 */
import { type Clock, pinwheelError } from '../../base/index.ts'
import { Gemm } from '../onnx/index.ts'
import {
  type Choice,
  type ChoiceCache,
  type ChooseOptions,
  choiceKey,
  choose,
  chooseBest,
  fitChoice,
} from './choose.ts'
import type { Dataset } from './dataset.ts'
import {
  type DatasetOptions,
  openDataset,
  type SplitCounts,
  splitText,
} from './interactions/index.ts'
import { itemTags } from './item-tags.ts'
import { type LabelFigures, labelFigures } from './labelled/index.ts'
import type { ListFigures } from './list-statistics.ts'
import { type Measured, measure, rounded, type Scores, summarise } from './measure.ts'
import { type FitTools, type ModelName, modelNames, type Settings } from './models.ts'

export type EvaluateOptions = DatasetOptions & {
  readonly model: string
  readonly at: number
  readonly clock: Clock
  /** Of dense products. */
  readonly threads?: number
  readonly onProgress?: (done: number, total: number) => void
  /** Keeps what `best` chose, which takes long. */
  readonly cache?: ChoiceCache
  /** Hears how models and settings did on the fold. */
  readonly onChoice?: FitTools['onChoice']
}

export type Evaluation = {
  readonly model: EvaluatedName
  readonly format: string
  readonly users: number
  readonly items: number
  readonly raw: Scores
  readonly clean: Scores
  readonly lists: ListFigures
  /** Where the data tells saves from what was only seen. */
  readonly labels?: LabelFigures
  /** Where rows with times were cut, and how many of them there are. */
  readonly split?: SplitReport
  readonly fitSeconds: number
  readonly selectSeconds: number
  readonly evaluateSeconds: number
  readonly seed: number
  readonly options: Settings | Choice
}
export type SplitReport = SplitCounts & { readonly rule: string; readonly instant?: number }

/** `best` is what the fold chooses of all. */
export const evaluatedNames = [...modelNames, 'best'] as const
export type EvaluatedName = ModelName | 'best'

export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const name = modelNamed(options.model)
  const data = await openDataset(options)
  return (await evaluateModel(name, data, options)).evaluation
}

/** MODEL_UNKNOWN. */
export function modelNamed(value: string): EvaluatedName {
  if ((evaluatedNames as readonly string[]).includes(value)) return value as EvaluatedName
  throw pinwheelError('MODEL_UNKNOWN', { value, known: evaluatedNames.join(', ') })
}

/** The figures of one model, and its metrics user by user. */
export async function evaluateModel(
  name: EvaluatedName,
  data: Dataset,
  { clock, at, seed = 1, threads = 1, cache, onProgress, onChoice }: EvaluateOptions,
): Promise<{ readonly evaluation: Evaluation; readonly measured: Measured }> {
  const started = clock.monotonic()
  const gemm = new Gemm(threads)
  const tags = itemTags(data)
  const tools: FitTools = {
    gemm,
    clock,
    threads,
    seed,
    ...(tags && { tags }),
    ...(onChoice && { onChoice }),
  }
  const choosing = { seed, at, tools }
  const choice =
    name === 'best' ? await best(data, choosing, cache) : await only(name, data, choosing)
  const selected = clock.monotonic()
  const model = await fitChoice(choice, data, tools)
  const fitted = clock.monotonic()
  const measured = await measure(model, data, {
    at,
    seed,
    clock,
    ...(onProgress && { onProgress }),
  })
  const seconds = (from: number, to: number) => Math.round(to - from) / 1000
  const evaluation = {
    model: name,
    ...figuresOf(measured, data, { at, seed }),
    fitSeconds: seconds(selected, fitted),
    selectSeconds: seconds(started, selected),
    evaluateSeconds: seconds(fitted, clock.monotonic()),
    seed,
    options: name === 'best' ? choice : choice.parts[0]!.settings,
  }
  return { evaluation, measured }
}

async function best(
  data: Dataset,
  options: ChooseOptions,
  cache: ChoiceCache | undefined,
): Promise<Choice> {
  const key = choiceKey(data, options)
  const known = await cache?.get(key)
  if (known) return known
  const choice = await chooseBest(data, options)
  await cache?.put(key, choice)
  return choice
}

async function only(name: ModelName, data: Dataset, options: ChooseOptions): Promise<Choice> {
  const settings = await choose(name, data, options)
  return { parts: [{ model: name, weight: 1, settings }], fold: {}, dropped: {} }
}

/** The figures of what was measured. */
export function figuresOf(
  { raw, clean, lists, labels }: Measured,
  { format, users, items, split }: Dataset,
  { at, seed }: { readonly at: number; readonly seed: number },
) {
  const { rule, instant, counts } = split ?? {}
  return {
    format,
    users,
    items,
    raw: summarise(raw, at, seed),
    clean: summarise(clean, at, seed),
    lists: rounded(lists),
    ...(labels && { labels: rounded(labelFigures(labels, seed)) }),
    ...(rule && {
      split: { rule: splitText(rule), ...(instant !== undefined && { instant }), ...counts! },
    }),
  }
}
