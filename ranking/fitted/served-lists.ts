/**
 * What a server answers held against what `evaluate` ranks by the same fitted model, user by user:
 * the same list, or one that differs by ties alone. A tie is two scores that the pipeline's quantum
 * does not tell apart: it puts them in the order of ids, `evaluate` in the order of last bits.
 */
import { type Clock, hashId, NONE, pinwheelError } from '../../base/index.ts'
import { rowOf } from '../algebra/index.ts'
import { type Dataset, historyOf } from '../evaluation/dataset.ts'
import { sampleRows } from '../evaluation/fold.ts'
import { type UserMetrics, userMetrics } from '../evaluation/metrics.ts'
import { BATCH, ranked } from '../evaluation/ranker.ts'
import type { BatchModel } from '../models/batch-model.ts'
import { QUANTA } from '../pipeline/by-score.ts'
import type { FittedMemory } from './fitted-memory.ts'
import { FittedModel } from './fitted-model.ts'

/** One list as a server gave it. */
export type ServedList = { readonly model?: string; readonly pins: readonly string[] }

/** The model that should be answering, over the items of a data set. */
export type ExpectedModel = { readonly version: string; readonly model: BatchModel }

export type ServedListsOptions = {
  readonly users: number
  readonly at: number
  readonly seed: number
  readonly clock: Clock
  /** Asks that are under way at one time. */
  readonly together?: number
  readonly onProgress?: (done: number, total: number) => void
}

type Figures = Readonly<Record<string, number>>
export type ServedLists = {
  readonly model: string
  readonly users: number
  /** Users with the same list to the last place. */
  readonly equal: number
  /** Users whose lists differ by ties alone. */
  readonly tied: number
  readonly different: number
  /** Users who were answered without any model, as those are whose time was up. */
  readonly without: number
  /** Some of those that differ. */
  readonly examples: readonly { readonly user: string; readonly rank: number }[]
  readonly served: Figures
  readonly evaluated: Figures
  readonly askSeconds: number
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly seed: number
}

/** A model whose items are those of a data set: of `memory` the pins are its items. */
export function modelOnData(memory: FittedMemory, data: Dataset, threads: number): ExpectedModel {
  const model = new FittedModel(memory, threads)
  const { pinOf } = memory
  const score: BatchModel['score'] = async ({ users, histories }) => {
    const hashes = users.map((user) => hashId(data.names.users.id(user)))
    const own = histories.map((history) => model.itemsOf([...history]))
    const { columns, values } = await model.scoreItems(hashes, own)
    const all = new Float64Array(users.length * data.items).fill(Number.NEGATIVE_INFINITY)
    pinOf.forEach((item, column) => {
      if (item === NONE) return
      for (let row = 0; row < users.length; row++) {
        all[row * data.items + item] = values[row * columns + column]!
      }
    })
    return { columns: data.items, values: all }
  }
  return { version: memory.version, model: { score } }
}

/**
 * Asks for some users of a data set that have a test, drawn with the seed. EVALUATION_DATA where
 * another version answers.
 */
export async function compareServed(
  { version, model }: ExpectedModel,
  data: Dataset,
  ask: (user: string) => Promise<ServedList>,
  options: ServedListsOptions,
): Promise<ServedLists> {
  const { at, seed, clock } = options
  const asked = sampleRows(data.users, data.users, seed)
    .filter((user) => rowOf(data.test, user).length > 0)
    .slice(0, options.users)
  const started = clock.monotonic()
  const { lists, latencies } = await askAll(version, data, asked, ask, options)
  const askSeconds = Math.round(clock.monotonic() - started) / 1000
  const relevantOf = (user: number) => new Set(rowOf(data.test, user))
  const [served, evaluated]: [UserMetrics[], UserMetrics[]] = [[], []]
  const counts = { equal: 0, tied: 0, different: 0, without: 0 }
  const examples: { readonly user: string; readonly rank: number }[] = []
  const index = new Map(Array.from({ length: data.items }, (_, i) => [data.names.items.id(i), i]))
  let place = 0
  for (let from = 0; from < asked.length; from += BATCH) {
    const users = asked.slice(from, from + BATCH)
    const histories = users.map((user) => historyOf(data, user))
    const { columns, values } = await model.score({ users, histories })
    let nextRow = 0
    for await (const { user, top } of ranked(model, data, users, at, relevantOf)) {
      const answer = lists[place++]!
      const row = nextRow++
      if (answer === 'without') {
        counts.without++
        continue
      }
      const list = answer.map((pin) => index.get(pin) ?? -1)
      const scores = values.subarray(row * columns, (row + 1) * columns)
      const rank = firstDifference(list, top)
      const isTie =
        rank >= 0 && list.every((item, i) => quantised(scores, item) === quantised(scores, top[i]))
      counts[rank < 0 ? 'equal' : isTie ? 'tied' : 'different']++
      if (rank >= 0 && !isTie && examples.length < 5) {
        examples.push({ user: data.names.users.id(user), rank })
      }
      const relevant = relevantOf(user)
      const all = rowOf(data.test, user).length
      served.push(userMetrics(list, relevant, all, at))
      evaluated.push(userMetrics(top, relevant, all, at))
    }
  }
  const latency = (share: number) => {
    return latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0
  }
  return {
    model: version,
    users: asked.length,
    ...counts,
    examples,
    served: means(served, at),
    evaluated: means(evaluated, at),
    askSeconds,
    latencyMs: { p50: latency(0.5), p99: latency(0.99), max: latency(1) },
    seed,
  }
}

async function askAll(
  version: string,
  data: Dataset,
  users: readonly number[],
  ask: (user: string) => Promise<ServedList>,
  { together = 4, clock, onProgress }: ServedListsOptions,
) {
  const lists: (readonly string[] | 'without')[] = []
  let without = 0
  const latencies: number[] = []
  let next = 0
  const line = async () => {
    for (let place = next++; place < users.length; place = next++) {
      const started = clock.monotonic()
      const { model, pins } = await ask(data.names.users.id(users[place]!))
      latencies.push(Math.round((clock.monotonic() - started) * 10) / 10)
      const isOther = model !== undefined && model !== version
      if (model === undefined) without++
      if (isOther || without > users.length / 2) {
        const reason = `the server answers by model ${model ?? 'none'}, not by ${version}`
        throw pinwheelError('EVALUATION_DATA', { reason })
      }
      lists[place] = model === undefined ? 'without' : pins
      onProgress?.(latencies.length, users.length)
    }
  }
  await Promise.all(Array.from({ length: together }, line))
  return { lists, latencies: latencies.sort((a, b) => a - b) }
}

/** The first place where lists differ, -1 where they do not. */
function firstDifference(one: readonly number[], other: readonly number[]): number {
  const length = Math.max(one.length, other.length)
  for (let i = 0; i < length; i++) if (one[i] !== other[i]) return i
  return -1
}

function quantised(scores: ArrayLike<number>, item: number | undefined): number {
  return Math.round((scores[item ?? -1] ?? Number.NaN) * QUANTA)
}

function means(all: readonly UserMetrics[], at: number): Figures {
  const mean = (of: (metrics: UserMetrics) => number) => {
    return Math.round((all.reduce((sum, one) => sum + of(one), 0) / all.length) * 1e5) / 1e5
  }
  return { [`recall@${at}`]: mean((m) => m.recall), [`ndcg@${at}`]: mean((m) => m.ndcg) }
}
