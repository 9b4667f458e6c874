/**
 * Quality by how much is known of a user: models are fitted without some users, then asked for them
 * with histories cut short.
 *
 * Who is held out is drawn with the seed, of those with a clean test (something new to them) and a
 * history; the same users stand in every row, those with shorter histories with all they have. A
 * cut history is the last N events where the data has an order, N drawn with the seed (the same
 * draw for every model, each a part of the next longer) where it has none. Settings are chosen on a
 * fold of the others. What the user has in truth is masked whatever was cut: a list is judged by
 * what is new to the user, not by whether it repeats what was hidden from the model.
 */
import { type Clock, pinwheelError, Random } from '../../base/index.ts'
import { rowOf } from '../algebra/index.ts'
import type { BatchModel } from '../models/batch-model.ts'
import { Gemm } from '../onnx/index.ts'
import { choose, fitChoice } from './choose.ts'
import type { Dataset } from './dataset.ts'
import { type DatasetOptions, datasetOfUsers, openDataset } from './interactions/index.ts'
import { type Figure, meanFigure } from './mean-figure.ts'
import { userMetrics } from './metrics.ts'
import { type ModelName, modelNames, type Settings, strangerNames } from './models.ts'
import { BATCH, bestOf } from './ranker.ts'

export const coldStartDefaults = Object.freeze({
  heldUsers: 2_000,
  events: Object.freeze([0, 1, 3, 10, 30, 100]),
})

export type ColdStartOptions = DatasetOptions & {
  readonly at: number
  readonly clock: Clock
  readonly threads?: number
  /** Users that models are fitted without; at most half of all. */
  readonly heldUsers?: number
  readonly onChoice?: (model: string, settings: Settings, ndcg: number) => void
}

export type ColdStartRow = Figure & {
  /** Events of each user that the model sees; all of them where undefined. */
  readonly events: number | undefined
  /** Users who have so many. */
  readonly reached: number
}
export type ColdStart = {
  readonly model: ModelName
  readonly settings: Settings
  readonly heldUsers: number
  readonly fittedUsers: number
  readonly items: number
  readonly fitSeconds: number
  readonly seed: number
  readonly rows: readonly ColdStartRow[]
}

/** EVALUATION_OPTIONS for a model that knows only the users it was fitted on. */
export function strangerModel(value: string): ModelName {
  if ((strangerNames as readonly string[]).includes(value)) return value as ModelName
  const known = strangerNames.join(', ')
  const expected = (modelNames as readonly string[]).includes(value)
    ? `one that scores users it was not fitted on: ${known}`
    : `one of ${known}`
  throw pinwheelError('EVALUATION_OPTIONS', { option: '--model', value, expected })
}

/** One result a model, in turn. EVALUATION_DATA where no user can be held out. */
export async function* coldStart(
  names: readonly ModelName[],
  options: ColdStartOptions,
): AsyncIterable<ColdStart> {
  const { at, clock, seed = 1, threads = 1, heldUsers = coldStartDefaults.heldUsers } = options
  const data = await openDataset(options)
  const random = new Random(seed).split('cold start')
  const { held, others } = heldOut(data, heldUsers, random)
  const fitted = datasetOfUsers(data, others)
  const asked = { data: datasetOfUsers(data, held), random, at, seed }
  const { onChoice } = options
  const tools = { gemm: new Gemm(threads), clock, threads, seed, ...(onChoice && { onChoice }) }
  for (const model of names) {
    const settings = await choose(model, fitted, { seed, at, tools })
    const started = clock.monotonic()
    const parts = [{ model, weight: 1, settings }]
    const fit = await fitChoice({ parts }, fitted, tools)
    const fitSeconds = Math.round(clock.monotonic() - started) / 1000
    const rows: ColdStartRow[] = []
    for (const events of [...coldStartDefaults.events, undefined]) {
      rows.push(await coldRow(fit, asked, events))
      await clock.yield()
    }
    const counts = { heldUsers: held.length, fittedUsers: others.length, items: data.items }
    yield { model, settings, ...counts, fitSeconds, seed, rows }
  }
}

function heldOut(data: Dataset, count: number, random: Random) {
  const all = Array.from({ length: data.users }, (_, user) => user)
  const fit = all.filter((user) => cleanTest(data, user).size > 0 && rowOf(data.query, user).length)
  const most = Math.min(count, Math.floor(data.users / 2))
  const held = random.split('users').shuffle(fit).slice(0, most)
  if (held.length === 0) {
    const reason = 'no user has both a history and something new in the test'
    throw pinwheelError('EVALUATION_DATA', { reason })
  }
  const isHeld = new Set(held)
  return { held, others: all.filter((user) => !isHeld.has(user)) }
}

function cleanTest(data: Dataset, user: number): Set<number> {
  const relevant = new Set(rowOf(data.test, user))
  for (const item of rowOf(data.query, user)) relevant.delete(item)
  return relevant
}

type Asked = {
  readonly data: Dataset
  readonly random: Random
  readonly at: number
  readonly seed: number
}

async function coldRow(
  model: BatchModel,
  asked: Asked,
  events: number | undefined,
): Promise<ColdStartRow> {
  const { data, at, seed } = asked
  const found: { readonly recall: number; readonly ndcg: number }[] = []
  let reached = 0
  const together = model.batch ?? BATCH
  for (let from = 0; from < data.users; from += together) {
    const users = Array.from({ length: Math.min(together, data.users - from) }, (_, i) => from + i)
    const known = users.map((user) => historyOf(asked, user))
    const histories = known.map((all) =>
      all.slice(Math.max(0, all.length - (events ?? all.length))),
    )
    // They are no users of the fit: no number of theirs may mean one.
    const strangers = users.map((user) => STRANGERS + user)
    const { columns, values } = await model.score({ users: strangers, histories })
    for (const [i, user] of users.entries()) {
      const scores = values.subarray(i * columns, (i + 1) * columns)
      for (const item of known[i]!) scores[item] = Number.NEGATIVE_INFINITY
      const relevant = cleanTest(data, user)
      found.push(userMetrics(bestOf(scores, at, relevant), relevant, relevant.size, at))
      if (known[i]!.length >= (events ?? 0)) reached++
    }
  }
  return { events, reached, ...meanFigure(found, seed) }
}

/** Beyond all numbers of users. */
const STRANGERS = 2 ** 31

/** All a user has without repeats, what is to be kept longest last. */
function historyOf({ data, random }: Asked, user: number): Uint32Array {
  const items = [...new Set(rowOf(data.query, user))]
  const isOrdered = data.split ? data.split.order !== 'none' : data.format === 'sequences'
  return Uint32Array.from(isOrdered ? items : random.split(`history ${user}`).shuffle(items))
}

/** A table: a row a model, a column a number of events. */
export function coldStartMarkdown(results: readonly ColdStart[], at: number): string {
  const first = results[0]
  if (!first) return ''
  const short = (value: number) => value.toFixed(4).slice(1)
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`
  const titles = first.rows.map(({ events }) => (events === undefined ? 'all' : `${events}`))
  const body = results.map(({ model, rows }) =>
    line([model, ...rows.map(({ recall, ndcg }) => `${short(recall)} / ${short(ndcg)}`)]),
  )
  return [
    line([`R / N@${at} by events known`, ...titles]),
    line(['---', ...titles.map(() => '---')]),
    ...body,
    line(['users who have so many', ...first.rows.map(({ reached }) => reached)]),
  ].join('')
}
