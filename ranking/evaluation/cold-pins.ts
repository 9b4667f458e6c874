/**
 * Quality for pins that nobody has saved yet: a share of the items, drawn with the seed, is held
 * out of everything that models see, and whoever saved one of them is asked which.
 *
 * Settings are chosen in the same way: of the items that are left another share is held out, by the
 * training rows alone. Then the model is fitted on all that is left, and the held-out items' test
 * is read once. A user's history is what they may be asked with of the other items; times do not
 * matter, so a history may be younger than the save that is looked for. `alone`: the held-out items
 * are ranked among themselves; `all`: among everything that is not in the history.
 */
import { type Clock, pinwheelError, Random } from '../../base/index.ts'
import { degreesOf, distinct, type Rows, rowOf, rowsFrom } from '../algebra/index.ts'
import type { BatchModel } from '../models/batch-model.ts'
import type { PinTags } from '../models/two-tower/index.ts'
import { Gemm } from '../onnx/index.ts'
import { type Dataset, historyOf } from './dataset.ts'
import { sampleRows } from './fold.ts'
import { type DatasetOptions, openDataset } from './interactions/index.ts'
import { itemTags } from './item-tags.ts'
import { type Interval, meanDrawn, userInterval } from './labelled/index.ts'
import { userMetrics } from './metrics.ts'
import { batchOf, type FitTools, type Settings } from './models.ts'
import { BATCH, bestOf } from './ranker.ts'
import { chance, tagCosine, tagPopularity } from './tag-baselines.ts'
import { twoTower } from './two-tower.ts'

export const coldPinsDefaults = Object.freeze({
  /** Of the items. */
  heldShare: 0.1,
})

export type ColdPinsOptions = DatasetOptions & {
  readonly at: number
  readonly clock: Clock
  readonly threads?: number
  /** Settings to choose from; those of `evaluate` where absent. */
  readonly grid?: readonly Settings[]
  readonly onChoice?: (model: string, settings: Settings, ndcg: number) => void
}

export const coldPinNames = ['random', 'tag-popularity', 'tag-cosine', 'two-tower'] as const
export type ColdPinName = (typeof coldPinNames)[number]

export type ListQuality = {
  readonly recall: number
  readonly ndcg: number
  readonly ndcgInterval: Interval
}
export type ColdPins = {
  readonly model: ColdPinName
  readonly settings: Settings
  readonly heldPins: number
  /** Of those, pins of whom nothing is known. */
  readonly untagged: number
  /** Who saved one of them, and something else. */
  readonly users: number
  readonly items: number
  readonly fitSeconds: number
  readonly seed: number
  readonly alone: ListQuality
  readonly all: ListQuality
}

/** What is left for models when items are held out, and what is asked. */
type Cut = {
  readonly train: Rows
  readonly query: Rows
  /** By user, the held-out items that they saved. */
  readonly targets: Rows
  /** 1 for what is held out. */
  readonly held: Uint8Array
  readonly items: number
}

/** One result a model, the baselines first. EVALUATION_DATA where nothing is known of items. */
export async function* coldPins(options: ColdPinsOptions): AsyncIterable<ColdPins> {
  const { at, clock, seed = 1, threads = 1, grid = twoTower.grid, onChoice } = options
  const data = await openDataset(options)
  const tags = itemTags(data)
  if (!tags) {
    const reason = 'the data says nothing of its items, which is all that is known of cold ones'
    throw pinwheelError('EVALUATION_DATA', { reason })
  }
  const cut = testCut(data, seed)
  const gemm = new Gemm(threads)
  const tools = { gemm, clock, threads, seed, tags, ...(onChoice && { onChoice }) }
  const held = Array.from(cut.held.keys()).filter((item) => cut.held[item] === 1)
  const counts = {
    heldPins: held.length,
    untagged: held.filter((item) => (tags[item] ?? []).length === 0).length,
    items: data.items,
    seed,
  }
  for (const name of coldPinNames) {
    const choice = name === 'two-tower' ? await chosen(cut, tools, { grid, at }) : {}
    const started = clock.monotonic()
    const model = await fitted(name, cut, tools, choice)
    const fitSeconds = Math.round(clock.monotonic() - started) / 1000
    const figures = await measured(model, cut, { at, seed, users: askedOf(cut) })
    yield { model: name, settings: choice, ...counts, fitSeconds, ...figures }
  }
}

type Tools = FitTools & { readonly tags: PinTags }

async function fitted(
  name: ColdPinName,
  cut: Cut,
  tools: Tools,
  settings: Settings,
): Promise<BatchModel> {
  const { train, items } = cut
  const data = { train, items, tags: tools.tags }
  switch (name) {
    case 'random':
      return batchOf(chance(items, tools.seed), items)
    case 'tag-popularity':
      return batchOf(tagPopularity(data), items)
    case 'tag-cosine':
      return batchOf(tagCosine(data), items)
    case 'two-tower':
      return twoTower.open(train, items, tools)(settings)
  }
}

const FOLD_USERS = 4_000

/** The settings of the grid that rank items held out of the training rows best by themselves. */
async function chosen(
  { train, items }: Cut,
  tools: Tools,
  { grid, at }: { readonly grid: readonly Settings[]; readonly at: number },
): Promise<Settings> {
  if (grid.length === 1) return grid[0]!
  const { seed, onChoice } = tools
  const fold = cutOf({ train, query: train, items }, train, new Random(seed).split('cold fold'))
  const all = askedOf(fold)
  const users = sampleRows(all.length, FOLD_USERS, seed).map((i) => all[i]!)
  let best: { settings: Settings; ndcg: number } | undefined
  for (const settings of grid) {
    const model = await fitted('two-tower', fold, tools, settings)
    const { alone } = await measured(model, fold, { at, seed, users })
    onChoice?.('two-tower', settings, alone.ndcg)
    if (!best || alone.ndcg > best.ndcg) best = { settings, ndcg: alone.ndcg }
  }
  return best!.settings
}

function testCut({ train, query, test, users, items }: Dataset, seed: number): Cut {
  const asked = rowsFrom(
    Array.from({ length: users }, (_, u) => [...new Set([...rowOf(query, u), ...rowOf(test, u)])]),
  )
  return cutOf({ train, query, items }, asked, new Random(seed).split('cold pins'))
}

type Rest = Pick<Cut, 'train' | 'query' | 'items'>

/** Holds out a share of the items that are in rows `asked`. */
function cutOf({ train, query, items }: Rest, asked: Rows, random: Random): Cut {
  const degrees = degreesOf(asked, items)
  const able = Array.from(degrees.keys()).filter((item) => degrees[item]! > 0)
  const count = Math.round(coldPinsDefaults.heldShare * able.length)
  const held = new Uint8Array(items)
  for (const item of random.shuffle(able).slice(0, count)) held[item] = 1
  const part = (rows: Rows, isHeld: number) =>
    rowsFrom(
      Array.from({ length: rows.offsets.length - 1 }, (_, u) =>
        Array.from(rowOf(rows, u)).filter((item) => held[item] === isHeld),
      ),
    )
  const cut = {
    train: part(train, 0),
    query: part(query, 0),
    targets: part(distinct(asked), 1),
    held,
    items,
  }
  if (askedOf(cut).length > 0 && cut.train.items.length > 0) return cut
  const reason = 'nobody has saved both an item that is held out and one that is not'
  throw pinwheelError('EVALUATION_DATA', { reason })
}

/** Users who saved something that is held out, and something else. */
function askedOf({ targets, query }: Cut): number[] {
  return Array.from({ length: targets.offsets.length - 1 }, (_, u) => u).filter((u) => {
    return rowOf(targets, u).length > 0 && rowOf(query, u).length > 0
  })
}

type Asking = { readonly at: number; readonly seed: number; readonly users: readonly number[] }

async function measured(model: BatchModel, cut: Cut, { at, seed, users }: Asking) {
  const lists = { alone: noFigures(), all: noFigures() }
  const together = model.batch ?? BATCH
  for (let from = 0; from < users.length; from += together) {
    const batch = users.slice(from, from + together)
    const histories = batch.map((user) => historyOf(cut, user))
    const { columns, values } = await model.score({ users: batch, histories })
    for (const [i, user] of batch.entries()) {
      const scores = values.subarray(i * columns, (i + 1) * columns)
      const relevant = new Set(rowOf(cut.targets, user))
      for (const item of histories[i]!) scores[item] = Number.NEGATIVE_INFINITY
      push(lists.all, userMetrics(bestOf(scores, at, relevant), relevant, relevant.size, at))
      for (let item = 0; item < columns; item++) {
        if (cut.held[item] === 0) scores[item] = Number.NEGATIVE_INFINITY
      }
      push(lists.alone, userMetrics(bestOf(scores, at, relevant), relevant, relevant.size, at))
    }
  }
  const [alone, all] = [qualityOf(lists.alone, seed), qualityOf(lists.all, seed)]
  return { users: users.length, alone, all }
}

type Figures = { readonly recall: number[]; readonly ndcg: number[] }

function noFigures(): Figures {
  return { recall: [], ndcg: [] }
}

function push(into: Figures, { recall, ndcg }: { recall: number; ndcg: number }): void {
  into.recall.push(recall)
  into.ndcg.push(ndcg)
}

function qualityOf({ recall, ndcg }: Figures, seed: number): ListQuality {
  const mean = (of: readonly number[]) => of.reduce((a, b) => a + b, 0) / of.length
  const ndcgInterval = userInterval(ndcg.length, seed, meanDrawn(ndcg))
  return { recall: mean(recall), ndcg: mean(ndcg), ndcgInterval }
}

/** A table: a row a model. */
export function coldPinsMarkdown(results: readonly ColdPins[], at: number): string {
  const first = results[0]
  if (!first) return ''
  const short = (value: number) => value.toFixed(4).replace(/^0/, '')
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`
  const figures = ({ recall, ndcg, ndcgInterval }: ListQuality) => [
    `${short(recall)} / ${short(ndcg)}`,
    ndcgInterval.map(short).join(' to '),
  ]
  const words = (settings: Settings) =>
    Object.entries(settings).map(([name, value]) => `${name} ${value}`)
  const { heldPins, untagged, users, items } = first
  const interval = 'N, 95 %'
  return [
    `${heldPins} of ${items} pins held out, ${untagged} without tags; ${users} users\n\n`,
    line([
      'model',
      `alone: R / N@${at}`,
      interval,
      `among all: R / N@${at}`,
      interval,
      'fit',
      'chosen on the fold',
    ]),
    line(['---', '---', '---', '---', '---', '---', '---']),
    ...results.map(({ model, alone, all, fitSeconds, settings }) =>
      line([
        model,
        ...figures(alone),
        ...figures(all),
        `${fitSeconds.toFixed(1)} s`,
        words(settings).join(', '),
      ]),
    ),
  ].join('')
}
