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
import { type Dataset, loadDataset, rowOf, rowsFrom, sequenceSplit } from './dataset.ts'
import { checkFormat } from './formats.ts'
import { userMetrics } from './metrics.ts'
import { type ModelName, modelNames, models, type Scorer, type Settings } from './models.ts'

export type EvaluateOptions = {
  readonly dataset: string
  readonly format: string
  readonly model: string
  readonly at: number
  readonly clock: Clock
  readonly seed?: number
  readonly onProgress?: (done: number, total: number) => void
}

const BOOTSTRAPS = 200
export type Scores = Readonly<Record<string, number | readonly number[]>>
export type Evaluation = {
  readonly model: ModelName
  readonly format: string
  readonly users: number
  readonly items: number
  readonly raw: Scores
  readonly clean: Scores
  readonly fitSeconds: number
  readonly selectSeconds: number
  readonly evaluateSeconds: number
  readonly seed: number
  readonly options: Settings
}

export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const name = modelNamed(options.model)
  const data = await loadDataset(options.dataset, checkFormat(options.format))
  return (await evaluateModel(name, data, options)).evaluation
}

/** MODEL_UNKNOWN. */
export function modelNamed(value: string): ModelName {
  if ((modelNames as readonly string[]).includes(value)) return value as ModelName
  throw pinwheelError('MODEL_UNKNOWN', { value, known: modelNames.join(', ') })
}

/** The figures of one model, and its metrics user by user. */
export async function evaluateModel(
  name: ModelName,
  data: Dataset,
  { clock, at, seed = 1, onProgress }: EvaluateOptions,
): Promise<{ readonly evaluation: Evaluation; readonly measured: Measured }> {
  const started = clock.monotonic()
  const settings = choose(name, data, seed, at)
  const selected = clock.monotonic()
  const scorer = models[name].fit(data.train, data.items, settings)
  const fitted = clock.monotonic()
  const measured = await measure(scorer, data, at, clock, onProgress)
  const seconds = (from: number, to: number) => Math.round(to - from) / 1000
  const evaluation = {
    model: name,
    format: data.format,
    users: data.users,
    items: data.items,
    raw: summarise(measured.raw, at, seed),
    clean: summarise(measured.clean, at, seed),
    fitSeconds: seconds(selected, fitted),
    selectSeconds: seconds(started, selected),
    evaluateSeconds: seconds(fitted, clock.monotonic()),
    seed,
    options: settings,
  }
  return { evaluation, measured }
}

type Columns = { readonly recall: number[]; readonly ndcg: number[]; readonly hit: number[] }
/** A row a user with a test; the same users for every model. */
export type Measured = { readonly raw: Columns; readonly clean: Columns }

/** The settings of the model's grid with the best NDCG on the fold. */
function choose(name: ModelName, data: Dataset, seed: number, at: number): Settings {
  const { grid, foldUsers, fit: prepare } = models[name]
  if (grid.length === 1) return grid[0]!
  const fold = foldOf(data, seed)
  const rows = sampleRows(data.users, foldUsers, seed)
  let best = { settings: grid[0]!, ndcg: -1 }
  for (const settings of grid) {
    const ranker = new Ranker(prepare(fold.train, fold.items, settings), fold)
    let sum = 0
    let users = 0
    for (const user of rows) {
      const relevant = new Set(rowOf(fold.test, user))
      if (relevant.size === 0) continue
      sum += userMetrics(ranker.top(user, at, relevant), relevant, relevant.size, at).ndcg
      users++
    }
    if (sum / users > best.ndcg) best = { settings, ndcg: sum / users }
  }
  return best.settings
}

/** `count` rows in an order drawn with the seed. */
export function sampleRows(users: number, count: number, seed: number): number[] {
  const all = Array.from({ length: users }, (_, user) => user)
  return new Random(seed).split('fold users').shuffle(all).slice(0, count)
}

function foldOf(data: Dataset, seed: number): Dataset {
  if (data.format === 'sequences') {
    const rows = Array.from({ length: data.users }, (_, user) => [
      ...rowOf(data.query, user),
      ...rowOf(data.test, user),
    ])
    return sequenceSplit(rows, data.names, 2)
  }
  const random = new Random(seed).split('fold')
  const train: number[][] = []
  const held: number[][] = []
  for (let user = 0; user < data.users; user++) {
    const items = [...new Set(rowOf(data.train, user))]
    const test = items.filter(() => random.unit() < 0.1)
    held.push(test)
    train.push(items.filter((item) => !test.includes(item)))
  }
  const rows = rowsFrom(train)
  return { ...data, train: rows, query: rows, test: rowsFrom(held) }
}

/** Ranks all items for one user with the query's items masked; ties and NaN against the model. */
export class Ranker {
  readonly #scorer: Scorer
  readonly #data: Dataset
  readonly #scores: Float64Array

  constructor(scorer: Scorer, data: Dataset) {
    this.#scorer = scorer
    this.#data = data
    this.#scores = new Float64Array(data.items)
  }

  top(user: number, k: number, relevant: ReadonlySet<number>): number[] {
    const scores = this.#scores.fill(0)
    const query = rowOf(this.#data.query, user)
    this.#scorer(query, user, scores)
    for (const item of query) scores[item] = Number.NEGATIVE_INFINITY
    return bestOf(scores, k, relevant)
  }
}

/**
 * The k best by score; of equal scores the relevant come last. One pass with insertion: k is small.
 */
export function bestOf(scores: Float64Array, k: number, relevant: ReadonlySet<number>): number[] {
  const items: number[] = []
  const values: number[] = []
  let worst = Number.NEGATIVE_INFINITY
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item]!
    // NaN fails this test, as does the mask.
    if (!(score >= worst) || score === Number.NEGATIVE_INFINITY) continue
    if (items.length === k && score === worst && relevant.has(item)) continue
    let at = items.length
    const late = relevant.has(item)
    while (
      at > 0 &&
      (values[at - 1]! < score ||
        (values[at - 1] === score && !late && relevant.has(items[at - 1]!)))
    )
      at--
    items.splice(at, 0, item)
    values.splice(at, 0, score)
    if (items.length > k) {
      items.pop()
      values.pop()
    }
    if (items.length === k) worst = values[k - 1]!
  }
  return items
}

async function measure(
  scorer: Scorer,
  data: Dataset,
  at: number,
  clock: Clock,
  onProgress?: (done: number, total: number) => void,
): Promise<Measured> {
  const ranker = new Ranker(scorer, data)
  const raw: Columns = { recall: [], ndcg: [], hit: [] }
  const clean: Columns = { recall: [], ndcg: [], hit: [] }
  for (let user = 0; user < data.users; user++) {
    const tokens = rowOf(data.test, user)
    if (tokens.length === 0) continue
    const relevant = new Set(tokens)
    const top = ranker.top(user, at, relevant)
    push(raw, userMetrics(top, relevant, tokens.length, at))
    for (const item of rowOf(data.query, user)) relevant.delete(item)
    if (relevant.size > 0) push(clean, userMetrics(top, relevant, relevant.size, at))
    if (user % 512 === 511) {
      onProgress?.(user, data.users)
      await clock.yield()
    }
  }
  return { raw, clean }
}

function push(columns: Columns, metrics: { recall: number; ndcg: number; hit: number }): void {
  columns.recall.push(metrics.recall)
  columns.ndcg.push(metrics.ndcg)
  columns.hit.push(metrics.hit)
}

function summarise(columns: Columns, at: number, seed: number): Scores {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const round = (value: number) => Math.round(value * 1e5) / 1e5
  return {
    [`recall@${at}`]: round(mean(columns.recall)),
    [`ndcg@${at}`]: round(mean(columns.ndcg)),
    [`hr@${at}`]: round(mean(columns.hit)),
    interval: bootstrap(columns.recall, seed).map(round),
    users: columns.recall.length,
  }
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
