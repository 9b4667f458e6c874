/**
 * What pruning costs or brings: quality of recommendations against edges kept, on a data set.
 *
 * Each row prunes the graph of the training rows and ranks for the same sampled users, whole
 * histories as seeds, raw convention. Differences from the whole graph are paired by user, so their
 * error is far below that of the columns themselves. Topics are communities of the training graph.
 */
import { type Clock, pinwheelError } from '../../base/index.ts'
import {
  buildGraph,
  type GraphView,
  pruneGraph,
  threeStepDefaults,
  walkDefaults,
} from '../../graph/index.ts'
import { rowOf } from '../algebra/index.ts'
import { type Dataset, loadDataset } from './dataset.ts'
import { sampleRows } from './fold.ts'
import { checkFormat } from './formats.ts'
import { userMetrics } from './metrics.ts'
import {
  batchOf,
  edgesOf,
  type Scorer,
  threeStepScorer,
  viewOfGraph,
  walkScorer,
} from './models.ts'
import { readingOf } from './pruning-reading.ts'
import { ranked } from './ranker.ts'

export type CurveOptions = {
  readonly dataset: string
  readonly format: string
  readonly clock: Clock
  readonly users?: number
  readonly at?: number
  readonly seed?: number
  readonly deltas?: readonly number[]
  readonly entropyShares?: readonly number[]
  /** Lists ranked so far. */
  readonly onProgress?: (done: number, total: number) => void
}
export const curveDefaults = Object.freeze({
  users: 2_000,
  at: 20,
  seed: 1,
  deltas: Object.freeze([1, 0.95, 0.91, 0.85, 0.8, 0.7]),
  entropyShares: Object.freeze([0, 0.05, 0.1, 0.2]),
})

/**
 * Who ranks: visits as Pixie counts them (alpha 1, beta 0), the exact walk with popularity taken
 * out as it serves, and the sampled walk as it serves.
 */
export const curveRankers = ['visits', 'exact', 'walk'] as const
export type CurveRanker = (typeof curveRankers)[number]

/** A mean over users with its standard error. */
export type Mean = { readonly mean: number; readonly standardError: number }
export type Quality = {
  readonly recall: Mean
  readonly ndcg: Mean
  /** NDCG less that of the whole graph, user by user. */
  readonly ndcgChange: Mean
}
export type CurveRow = {
  readonly entropyShare: number
  readonly delta: number
  readonly edges: number
  readonly edgesKept: number
  readonly pinsLost: number
} & Readonly<Record<CurveRanker, Quality>>

export type PruningCurve = {
  readonly rows: readonly CurveRow[]
  readonly reading: string
  readonly topics: string
  readonly users: number
  readonly at: number
  readonly seed: number
  readonly options: Readonly<Record<CurveRanker, Readonly<Record<string, number | boolean>>>>
}

const { alpha, beta } = threeStepDefaults
const settings = {
  visits: { alpha: 1, beta: 0 },
  exact: { alpha, beta },
  walk: {
    steps: walkDefaults.steps,
    restart: walkDefaults.restart,
    degreeExponent: walkDefaults.degreeExponent,
  },
}
const scorers: Readonly<Record<CurveRanker, (view: GraphView, items: number) => Scorer>> = {
  visits: (view, items) => threeStepScorer(view, items, settings.visits),
  exact: (view, items) => threeStepScorer(view, items, settings.exact),
  walk: (view, items) => walkScorer(view, items, settings.walk),
}

/** The first row is the whole graph. GRAPH_OPTIONS when nobody is left to rank for. */
export async function pruningCurve(given: CurveOptions): Promise<PruningCurve> {
  const { clock, onProgress, ...options } = { ...curveDefaults, ...given }
  const { at, seed, deltas, entropyShares } = options
  const data = await loadDataset(options.dataset, checkFormat(options.format))
  const whole = buildGraph(edgesOf(data.train, data.items))
  // Loaded here alone: rankers do without its libraries.
  const { communityTopics } = await import('../../graph/analysis/index.ts')
  const topics = communityTopics(whole, { seed })
  const users = sampleRows(data.users, data.users, seed)
    .filter((user) => rowOf(data.test, user).length > 0)
    .slice(0, options.users)
  if (users.length === 0) {
    const expected = '1 or more, of rows that have a test'
    throw pinwheelError('GRAPH_OPTIONS', { option: 'users', value: options.users, expected })
  }
  const grid = [0, ...entropyShares].flatMap((entropyShare, i) =>
    (i === 0 ? [1] : deltas)
      .filter((delta) => i === 0 || entropyShare > 0 || delta < 1)
      .map((delta) => ({ entropyShare, delta })),
  )
  const rows: CurveRow[] = []
  let first: Columns | undefined
  const listsPerCell = users.length * curveRankers.length
  for (const [n, cell] of grid.entries()) {
    const { edges, pinsLost } = pruneGraph(whole, topics, cell)
    const view = viewOfGraph(buildGraph(edges))
    const pause = (done: number) => {
      onProgress?.(n * listsPerCell + done, grid.length * listsPerCell)
      return clock.yield()
    }
    const columns = await columnsOf(view, data, users, at, pause)
    first ??= columns
    const size = { edges: edges.edgeCount, edgesKept: edges.edgeCount / whole.edgeCount, pinsLost }
    rows.push({ ...cell, ...size, ...qualities(columns, first) })
  }
  const modularity = topics.modularity.toFixed(3)
  return {
    rows,
    reading: readingOf(rows, at),
    topics: `${topics.count} communities of pins (Louvain, modularity ${modularity})`,
    users: users.length,
    at,
    seed,
    options: settings,
  }
}

type Column = { readonly recall: number[]; readonly ndcg: number[] }
type Columns = Readonly<Record<CurveRanker, Column>>

async function columnsOf(
  view: GraphView,
  data: Dataset,
  users: readonly number[],
  at: number,
  pause: (done: number) => Promise<void>,
): Promise<Columns> {
  let done = 0
  const column = async (name: CurveRanker): Promise<Column> => {
    const model = batchOf(scorers[name](view, data.items), data.items)
    const relevantOf = (user: number) => new Set(rowOf(data.test, user))
    const recall: number[] = []
    const ndcg: number[] = []
    for await (const { user, top } of ranked(model, data, users, at, relevantOf)) {
      const tokens = rowOf(data.test, user)
      const metrics = userMetrics(top, relevantOf(user), tokens.length, at)
      recall.push(metrics.recall)
      ndcg.push(metrics.ndcg)
      if (++done % 512 === 0) await pause(done)
    }
    return { recall, ndcg }
  }
  return {
    visits: await column('visits'),
    exact: await column('exact'),
    walk: await column('walk'),
  }
}

function qualities(columns: Columns, first: Columns): Readonly<Record<CurveRanker, Quality>> {
  const quality = (name: CurveRanker): Quality => ({
    recall: meanOf(columns[name].recall),
    ndcg: meanOf(columns[name].ndcg),
    ndcgChange: meanOf(columns[name].ndcg.map((value, i) => value - first[name].ndcg[i]!)),
  })
  return { visits: quality('visits'), exact: quality('exact'), walk: quality('walk') }
}

/** Mean and its standard error. */
export function meanOf(values: readonly number[]): Mean {
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / n
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, standardError: n < 2 ? 0 : Math.sqrt(square / (n - 1) / n) }
}
