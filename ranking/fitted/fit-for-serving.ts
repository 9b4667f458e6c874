/**
 * Fits a model on every save of a log, to be served: settings are those that a fold of the saves
 * likes best (a tenth of each user's, as `evaluate` has it for data without times), or those of a
 * choice that was made before.
 */
import { hashId, pinwheelError } from '../../base/index.ts'
import { distinct, rowOf, rowsFrom } from '../algebra/index.ts'
import {
  type Choice,
  type ChoiceCache,
  type ChooseOptions,
  choiceKey,
  choose,
  chooseBest,
  fitChoice,
} from '../evaluation/choose.ts'
import type { Dataset } from '../evaluation/dataset.ts'
import { type Interactions, timedRow } from '../evaluation/interactions/index.ts'
import type { FitTools, ModelName } from '../evaluation/models.ts'
import type { BatchModel } from '../models/batch-model.ts'
import { type Fitted, printOf } from './fitted.ts'
import { partsOf } from './forms.ts'

/** Models that have a form which can be served. */
export const servedNames = [
  'best',
  'low-pass',
  'gf-cf',
  'ease',
  'ials',
  'softmax-factors',
  'rp3beta',
  'item-neighbours',
  'co-occurrence',
] as const satisfies readonly (ModelName | 'best')[]
export type ServedName = (typeof servedNames)[number]

/** MODEL_UNKNOWN for one that cannot be served. */
export function servedNamed(value: string): ServedName {
  if ((servedNames as readonly string[]).includes(value)) return value as ServedName
  throw pinwheelError('MODEL_UNKNOWN', { value, known: servedNames.join(', ') })
}

export type ServingFit = {
  readonly model: ServedName
  /** Of the fold and the list that a choice is judged by. */
  readonly seed: number
  readonly at: number
  readonly tools: FitTools
  /** Instead of the fold. */
  readonly choice?: Pick<Choice, 'parts'>
  /** Keeps what `best` chose. */
  readonly cache?: ChoiceCache
}

export type FittedForServing = {
  readonly fitted: Fitted
  /** The model itself, as `evaluate` would ask it. */
  readonly model: BatchModel
  readonly choice: Pick<Choice, 'parts'>
  /** NDCG on the fold, where one chose, and seconds. */
  readonly metrics: Readonly<Record<string, number | string>>
}

/** All saves as data to fit on; nothing is left out for a test. EVALUATION_DATA where none are. */
export function savesOf(interactions: Interactions): Dataset {
  const { users, items } = interactions.names
  const rows = Array.from({ length: users.size }, (_, user) => {
    const { items, saved } = timedRow(interactions, user)
    return [...items].filter((_, i) => saved[i] === 1)
  })
  const train = rowsFrom(rows)
  if (train.items.length === 0) {
    throw pinwheelError('EVALUATION_DATA', { reason: 'there are no saves to fit a model on' })
  }
  const test = rowsFrom(rows.map(() => []))
  const names = interactions.names
  return { format: 'log', users: users.size, items: items.size, train, query: train, test, names }
}

/** EVALUATION_DATA, MODEL_TOO_LARGE, and what fits throw. */
export async function fitForServing(data: Dataset, fit: ServingFit): Promise<FittedForServing> {
  const { model: name, tools } = fit
  const { clock } = tools
  const started = clock.monotonic()
  const { choice, fold } = await chosen(data, fit)
  const selected = clock.monotonic()
  const model = await fitChoice(choice, data, tools)
  const seconds = (ms: number) => Math.round(ms) / 1000
  const metrics = {
    ...fold,
    selectSeconds: seconds(selected - started),
    fitSeconds: seconds(clock.monotonic() - selected),
    choice: choice.parts.map(({ model, weight }) => `${model} ${weight}`).join(', '),
  }
  return { fitted: fittedOf(model, data, name), model, choice, metrics }
}

async function chosen(data: Dataset, { model, seed, at, tools, choice, cache }: ServingFit) {
  if (choice) return { choice, fold: {} }
  const figures = (ndcg: number) => ({ [`fold ndcg@${at}`]: Math.round(ndcg * 1e5) / 1e5 })
  if (model === 'best') {
    const options: ChooseOptions = { seed, at, tools }
    const key = choiceKey(data, options)
    const known = await cache?.get(key)
    const choice = known ?? (await chooseBest(data, options))
    if (!known) await cache?.put(key, choice)
    return { choice, fold: figures(choice.fold['best'] ?? Number.NaN) }
  }
  let best = Number.NaN
  const onChoice: FitTools['onChoice'] = (name, settings, ndcg) => {
    if (!(ndcg <= best)) best = ndcg
    tools.onChoice?.(name, settings, ndcg)
  }
  const settings = await choose(model, data, { seed, at, tools: { ...tools, onChoice } })
  const parts = [{ model, weight: 1, settings }]
  return { choice: { parts }, fold: Number.isNaN(best) ? {} : figures(best) }
}

/** The fitted model with the names of its pins; of users the hashes, where it has their rows. */
export function fittedOf(model: BatchModel, data: Dataset, name: string): Fitted {
  const { users: names, items } = data.names
  const parts = partsOf(model, name)
  const rows = distinct(data.train)
  const count = parts.some(({ form }) => form === 'factors') ? data.users : 0
  const hashes = new Uint32Array(count)
  const prints = new Uint32Array(2 * count)
  for (let user = 0; user < count; user++) {
    hashes[user] = hashId(names.id(user))
    prints.set(printOf(rowOf(rows, user)), 2 * user)
  }
  const pins = Array.from({ length: data.items }, (_, item) => items.id(item))
  return { model: name, pins, users: { hashes, prints }, parts }
}
