/**
 * What is fitted in the end, chosen on a fold of the training data: the settings of one model, or,
 * as `best`, one model or a blend of several out of the same grids for all data.
 */
import { createHash } from 'node:crypto'
import { errorCode, pinwheelError } from '../../base/index.ts'
import { rowOf } from '../algebra/index.ts'
import type { BatchModel, Scores } from '../models/batch-model.ts'
import { Blend, standardised, weighted } from '../models/blend.ts'
import { type Dataset, historyOf } from './dataset.ts'
import { foldOf, sampleRows } from './fold.ts'
import { userMetrics } from './metrics.ts'
import { blendedNames, type FitTools, type ModelName, models, type Settings } from './models.ts'
import { BATCH, bestOf, ranked } from './ranker.ts'

export type ChooseOptions = { readonly seed: number; readonly at: number; readonly tools: FitTools }

export type ChosenPart = {
  readonly model: ModelName
  readonly weight: number
  readonly settings: Settings
}
/** The parts of a blend; a model by itself is one of one part. */
export type Choice = {
  readonly parts: readonly ChosenPart[]
  /** NDCG on the fold: of each model with its own best settings, and of the choice as `best`. */
  readonly fold: Readonly<Record<string, number>>
  /** Models that could not be fitted, and why. */
  readonly dropped: Readonly<Record<string, string>>
}

/** Where choices are kept between runs. */
export interface ChoiceCache {
  get(key: string): Promise<Choice | undefined>
  put(key: string, choice: Choice): Promise<void>
}

/** Names what a choice depends on: the data without its test, the grids, the fold and the list. */
export function choiceKey(data: Dataset, { seed, at }: Omit<ChooseOptions, 'tools'>): string {
  const hash = createHash('sha256')
  const grids = blendedNames.map((name) => [name, models[name].grid, models[name].foldUsers])
  hash.update(JSON.stringify({ format: data.format, items: data.items, seed, at, grids }))
  hash.update(JSON.stringify({ FOLD_USERS, STEPS, PARTS_MAX }))
  // The fold is cut as the data was.
  if (data.split) {
    const { rule, instant, counts } = data.split
    hash.update(JSON.stringify({ rule, instant, share: counts.testSaves / counts.trainSaves }))
  }
  for (const rows of [data.train, data.query]) {
    for (const { buffer, byteOffset, byteLength } of [rows.offsets, rows.items]) {
      hash.update(new Uint8Array(buffer, byteOffset, byteLength))
    }
  }
  return hash.digest('hex')
}

/** Users of the fold that choose between models, and the weights of blends. */
const FOLD_USERS = 8_000
/** Weights are multiples of one part in so many. */
const STEPS = 5
/** A blend has so many parts at most: the models that are best alone. */
const PARTS_MAX = 4

/** Settings of one model: those of its grid with the best NDCG on the fold. */
export async function choose(
  name: ModelName,
  data: Dataset,
  options: ChooseOptions,
): Promise<Settings> {
  const { grid } = models[name]
  if (grid.length === 1) return grid[0]!
  const { settings } = await tryGrid(name, foldOf(data, options.seed), options)
  return settings
}

/** One model or a blend, whichever the fold likes best. */
export async function chooseBest(data: Dataset, options: ChooseOptions): Promise<Choice> {
  const fold = foldOf(data, options.seed)
  const tried: Tried[] = []
  const dropped: Record<string, string> = {}
  for (const name of blendedNames) {
    try {
      tried.push(await tryGrid(name, fold, options))
    } catch (error) {
      if (errorCode(error) !== 'MODEL_TOO_LARGE') throw error
      dropped[name] = error instanceof Error ? error.message : String(error)
    }
  }
  const alone = Object.fromEntries(tried.map(({ name, ndcg }) => [name, round(ndcg)]))
  const best = tried.sort((a, b) => b.ndcg - a.ndcg).slice(0, PARTS_MAX)
  const { weights, ndcg } = await weigh(best, fold, options)
  const parts = best
    .map(({ name: model, settings }, i) => ({ model, weight: weights[i]! / STEPS, settings }))
    .filter(({ weight }) => weight > 0)
  return { parts, fold: { ...alone, best: round(ndcg) }, dropped }
}

/** Fits what was chosen on all of the training data. */
export async function fitChoice(
  { parts }: Pick<Choice, 'parts'>,
  data: Dataset,
  tools: FitTools,
): Promise<BatchModel> {
  const fitted: { readonly model: BatchModel; readonly weight: number }[] = []
  for (const { model: name, weight, settings } of parts) {
    const model = await models[name].open(data.train, data.items, tools)(settings)
    fitted.push({ model, weight })
  }
  return fitted.length === 1 ? fitted[0]!.model : new Blend(fitted)
}

type Tried = {
  readonly name: ModelName
  readonly settings: Settings
  readonly ndcg: number
  readonly model: BatchModel
}

async function tryGrid(
  name: ModelName,
  fold: Dataset,
  { seed, at, tools }: ChooseOptions,
): Promise<Tried> {
  const { grid, foldUsers, open } = models[name]
  const users = foldUsersOf(fold, foldUsers, seed)
  const relevantOf = (user: number) => new Set(rowOf(fold.test, user))
  const prepare = open(fold.train, fold.items, tools)
  let best: Tried | undefined
  for (const settings of grid) {
    const model = await prepare(settings)
    let sum = 0
    for await (const { user, top } of ranked(model, fold, users, at, relevantOf)) {
      const relevant = relevantOf(user)
      sum += userMetrics(top, relevant, relevant.size, at).ndcg
    }
    const ndcg = sum / users.length
    tools.onChoice?.(name, settings, ndcg)
    if (!best || ndcg > best.ndcg) best = { name, settings, ndcg, model }
  }
  return best!
}

/** The weights, in steps, with the best NDCG; the first model by itself is among them. */
async function weigh(
  tried: readonly Tried[],
  fold: Dataset,
  { seed, at, tools }: ChooseOptions,
): Promise<{ readonly weights: readonly number[]; readonly ndcg: number }> {
  const combinations = weightsOf(tried.length, STEPS)
  const sums = new Float64Array(combinations.length)
  const users = foldUsersOf(fold, FOLD_USERS, seed)
  for (let from = 0; from < users.length; from += BATCH) {
    const batch = users.slice(from, from + BATCH)
    const histories = batch.map((user) => historyOf(fold, user))
    const all: Scores[] = []
    for (const { model } of tried) {
      all.push(standardised(await model.score({ users: batch, histories }), histories))
    }
    for (const [c, weights] of combinations.entries()) {
      const { columns, values } = weighted(all, weights)
      batch.forEach((user, i) => {
        const scores = values.subarray(i * columns, (i + 1) * columns)
        for (const item of histories[i]!) scores[item] = Number.NEGATIVE_INFINITY
        const relevant = new Set(rowOf(fold.test, user))
        const top = bestOf(scores, at, relevant)
        sums[c]! += userMetrics(top, relevant, relevant.size, at).ndcg
      })
    }
  }
  const best = sums.indexOf(Math.max(...sums))
  const weights = combinations[best]!
  const ndcg = sums[best]! / users.length
  const named = Object.fromEntries(tried.map(({ name }, i) => [name, weights[i]! / STEPS]))
  tools.onChoice?.('best', named, ndcg)
  return { weights, ndcg }
}

/** All ways to split `steps` among `parts`, the first of everything to the first. */
export function weightsOf(parts: number, steps: number): number[][] {
  if (parts === 1) return [[steps]]
  return Array.from({ length: steps + 1 }, (_, rest) =>
    weightsOf(parts - 1, rest).map((others) => [steps - rest, ...others]),
  ).flat()
}

function foldUsersOf(fold: Dataset, count: number, seed: number): number[] {
  const users = sampleRows(fold.users, count, seed)
  const asked = users.filter((user) => rowOf(fold.test, user).length > 0)
  if (asked.length > 0) return asked
  const reason = 'the fold of the training data has no saves to choose settings by'
  throw pinwheelError('EVALUATION_DATA', { reason })
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5
}
