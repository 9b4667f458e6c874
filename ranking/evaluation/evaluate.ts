/**
 * Evaluation by full ranking: settings are chosen on a fold of the training data, the test is read
 * once.
 *
 * Fold of row data: a tenth of each row's distinct items, drawn with a fixed seed after repeats are
 * removed. Fold of sequences: fitted on all but the last three, the query sees all but the last
 * two, the target is the last but one. Raw: the denominator counts test tokens as written, repeats
 * and items that were also in train included. Clean: distinct test items that are not in train.
 */
import { type Clock, pinwheelError, Random } from '../../base/index.ts'
import { distinct, rowOf } from '../algebra/index.ts'
import type { BatchModel } from '../models/batch-model.ts'
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
import { type Dataset, loadDataset } from './dataset.ts'
import { checkFormat } from './formats.ts'
import { type ListFigures, ListStatistics } from './list-statistics.ts'
import { type UserMetrics, userMetrics } from './metrics.ts'
import { type FitTools, type ModelName, modelNames, type Settings } from './models.ts'
import { ranked } from './ranker.ts'

export type EvaluateOptions = {
  readonly dataset: string
  readonly format: string
  readonly model: string
  readonly at: number
  readonly clock: Clock
  readonly seed?: number
  /** Of dense products. */
  readonly threads?: number
  readonly onProgress?: (done: number, total: number) => void
  /** Keeps what `best` chose, which takes long. */
  readonly cache?: ChoiceCache
  /** Hears how models and settings did on the fold. */
  readonly onChoice?: FitTools['onChoice']
}

const BOOTSTRAPS = 200
export type Scores = Readonly<Record<string, number | readonly number[]>>
export type Evaluation = {
  readonly model: EvaluatedName
  readonly format: string
  readonly users: number
  readonly items: number
  readonly raw: Scores
  readonly clean: Scores
  readonly lists: ListFigures
  readonly fitSeconds: number
  readonly selectSeconds: number
  readonly evaluateSeconds: number
  readonly seed: number
  readonly options: Settings | Choice
}

/** `best` is what the fold chooses of all. */
export const evaluatedNames = [...modelNames, 'best'] as const
export type EvaluatedName = ModelName | 'best'

export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const name = modelNamed(options.model)
  const data = await loadDataset(options.dataset, checkFormat(options.format))
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
  const tools: FitTools = { gemm, clock, threads, seed, ...(onChoice && { onChoice }) }
  const choosing = { seed, at, tools }
  const choice =
    name === 'best' ? await best(data, choosing, cache) : await only(name, data, choosing)
  const selected = clock.monotonic()
  const model = await fitChoice(choice, data, tools)
  const fitted = clock.monotonic()
  const measured = await measure(model, data, at, seed, clock, onProgress)
  const seconds = (from: number, to: number) => Math.round(to - from) / 1000
  const evaluation = {
    model: name,
    format: data.format,
    users: data.users,
    items: data.items,
    raw: summarise(measured.raw, at, seed),
    clean: summarise(measured.clean, at, seed),
    lists: rounded(measured.lists),
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

type Columns = Readonly<Record<keyof UserMetrics, number[]>>
/** A row a user with a test; the same users for every model. */
export type Measured = {
  readonly raw: Columns
  readonly clean: Columns
  readonly lists: ListFigures
}

async function measure(
  model: BatchModel,
  data: Dataset,
  at: number,
  seed: number,
  clock: Clock,
  onProgress?: (done: number, total: number) => void,
): Promise<Measured> {
  const raw = noColumns()
  const clean = noColumns()
  const users = Array.from({ length: data.users }, (_, user) => user).filter((user) => {
    return rowOf(data.test, user).length > 0
  })
  const relevantOf = (user: number) => new Set(rowOf(data.test, user))
  const train = distinct(data.train)
  const lists = new ListStatistics(train, data.items, users, new Random(seed).split('lists'))
  let done = 0
  for await (const { user, top } of ranked(model, data, users, at, relevantOf)) {
    lists.add(user, top, new Set(rowOf(data.query, user)))
    const relevant = relevantOf(user)
    push(raw, userMetrics(top, relevant, rowOf(data.test, user).length, at))
    for (const item of rowOf(data.query, user)) relevant.delete(item)
    if (relevant.size > 0) push(clean, userMetrics(top, relevant, relevant.size, at))
    if (++done % 512 === 0) {
      onProgress?.(user, data.users)
      await clock.yield()
    }
  }
  return { raw, clean, lists: lists.figures() }
}

function noColumns(): Columns {
  return { recall: [], ndcg: [], hit: [], reciprocalRank: [] }
}

function push(columns: Columns, metrics: UserMetrics): void {
  columns.recall.push(metrics.recall)
  columns.ndcg.push(metrics.ndcg)
  columns.hit.push(metrics.hit)
  columns.reciprocalRank.push(metrics.reciprocalRank)
}

function summarise(columns: Columns, at: number, seed: number): Scores {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  return {
    [`recall@${at}`]: round(mean(columns.recall)),
    [`ndcg@${at}`]: round(mean(columns.ndcg)),
    [`hr@${at}`]: round(mean(columns.hit)),
    [`mrr@${at}`]: round(mean(columns.reciprocalRank)),
    interval: bootstrap(columns.recall, seed).map(round),
    users: columns.recall.length,
  }
}

function rounded(figures: ListFigures): ListFigures {
  const { intraListDistance, ...others } = figures
  const entries = Object.entries(others).map(([name, value]) => [name, round(value)])
  const distance = intraListDistance === undefined ? undefined : round(intraListDistance)
  return { ...(Object.fromEntries(entries) as typeof others), intraListDistance: distance }
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5
}

/** 95 % of the means of resampled values. */
export function bootstrap(values: readonly number[], seed: number): [number, number] {
  const random = new Random(seed).split('bootstrap')
  const means = Array.from({ length: BOOTSTRAPS }, () => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[random.below(values.length)]!
    return sum / values.length
  }).sort((a, b) => a - b)
  return [means[Math.floor(BOOTSTRAPS * 0.025)]!, means[Math.floor(BOOTSTRAPS * 0.975)]!]
}
