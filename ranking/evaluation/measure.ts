/** What a model makes of the test, user by user: lists of the whole catalogue, and labels. */
import { type Clock, Random } from '../../base/index.ts'
import { distinct, rowOf } from '../algebra/index.ts'
import type { BatchModel } from '../models/batch-model.ts'
import type { Dataset } from './dataset.ts'
import {
  type LabelledRanker,
  type LabelMeasure,
  measureLabels,
  rankerOf,
} from './labelled/index.ts'
import { type ListFigures, ListStatistics } from './list-statistics.ts'
import { type UserMetrics, userMetrics } from './metrics.ts'
import { ranked } from './ranker.ts'

const BOOTSTRAPS = 200
export type Scores = Readonly<Record<string, number | readonly number[]>>

/** Of each user with a test, in their order. */
export type Columns = Readonly<Record<keyof UserMetrics, number[]>>
/** A row a user with a test; the same users for every model. */
export type Measured = {
  readonly raw: Columns
  readonly clean: Columns
  readonly lists: ListFigures
  /** Where the data tells saves from what was only seen. */
  readonly labels?: LabelMeasure
}

export type MeasureOptions = {
  readonly at: number
  readonly seed: number
  readonly clock: Clock
  readonly onProgress?: (done: number, total: number) => void
  /** What is asked about labels; the model itself where absent. */
  readonly ranker?: LabelledRanker
}

/** AUC_UNDEFINED where the data has labels of which nothing can be said. */
export async function measure(
  model: BatchModel,
  data: Dataset,
  { at, seed, clock, onProgress, ranker = rankerOf(model) }: MeasureOptions,
): Promise<Measured> {
  const labels = data.split?.labelled ? await measureLabels(ranker, data) : undefined
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
  return { raw, clean, lists: lists.figures(), ...(labels && { labels }) }
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

/** Means, with intervals of recall and NDCG. */
export function summarise(columns: Columns, at: number, seed: number): Scores {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  return {
    [`recall@${at}`]: round(mean(columns.recall)),
    [`ndcg@${at}`]: round(mean(columns.ndcg)),
    [`hr@${at}`]: round(mean(columns.hit)),
    [`mrr@${at}`]: round(mean(columns.reciprocalRank)),
    interval: bootstrap(columns.recall, seed).map(round),
    ndcgInterval: bootstrap(columns.ndcg, seed).map(round),
    users: columns.recall.length,
  }
}

/** Five digits of every figure. */
export function rounded<T extends Readonly<Record<string, unknown>>>(figures: T): T {
  const entries = Object.entries(figures).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(round) : typeof value === 'number' ? round(value) : value,
  ])
  return Object.fromEntries(entries) as T
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
