/**
 * Why sources are fitted strictly before a label's time: on a log with planted tastes, a trainer
 * that fits them on all of its log and then makes rows from that log holds out rows that know their
 * own labels. What it reports collapses when fresh rows are asked; what is made point in time
 * holds.
 */
import { expect, test } from 'vitest'
import { type Entry, hashId, ManualClock, Random } from '../../base/index.ts'
import {
  type IdentifiedRows,
  loadRanker,
  type RankRequest,
  RankScratch,
  RequestRows,
  trainRanker,
} from '../../ranking/index.ts'
import { areaUnderCurve } from '../../ranking/training/area-under-curve.ts'
import { frameOf } from '../testing.ts'
import { LogExamples } from './log-examples.ts'

const [USERS, PINS, REQUESTS, SHOWN] = [60, 240, 1_300, 6]
const MINUTE_MS = 60_000
const START_MS = Date.UTC(2025, 0, 1)
const CAPACITY = 1_000
/** Of requests: before the first, the log is only folded; behind the second, nobody trains. */
const [WARM, TRAINED] = [700, 1_100]
const timeOf = (request: number) => START_MS + request * MINUTE_MS

/** People of four tastes are shown any pins, and save those of theirs a little more often. */
function story(): { readonly entries: Entry[]; readonly begins: number[] } {
  const random = new Random(11)
  const entries: Entry[] = []
  const begins: number[] = []
  for (let n = 0; n < REQUESTS; n++) {
    begins.push(entries.length)
    const user = random.below(USERS)
    const pins = new Set(Array.from({ length: SHOWN }, () => random.below(PINS)))
    const saves: Entry[] = []
    for (const pin of pins) {
      const event = { user: `u${user}`, pin: `p${pin}`, time: timeOf(n) }
      const id = `${n} ${pin}`
      entries.push({ kind: 'impression', id: `i${id}`, ...event, context: { request: `r${n}` } })
      const isSaved = random.unit() < (pin % 4 === user % 4 ? 0.8 : 0.1)
      if (isSaved) saves.push({ kind: 'save', id: `s${id}`, ...event })
    }
    entries.push(...saves)
  }
  return { entries, begins }
}

const { entries, begins } = story()
/** Of so many entries the first `folded` make no rows. */
const newExamples = (count: number, folded: number) => {
  const size = { entries: count, warmUp: folded / count, rowsMax: 1e6 }
  const capacity = { pinCapacity: CAPACITY, boardCapacity: CAPACITY }
  return new LogExamples({ ...capacity, ...size }, 1, new ManualClock())
}

/** Rows as they are made, and each request as it was asked. */
async function pointInTime() {
  const examples = newExamples(entries.length, begins[WARM]!)
  const asked = new Map<number, RankRequest>()
  for (const [at, entry] of entries.entries()) {
    if (asked.get(entry.time) === undefined && 'user' in entry && at >= begins[WARM]!) {
      const user = examples.engine.contextOf(examples.names.user.find(entry.user))
      const plain = { generation: 'mixed', exclude: [], explain: false, off: [] } as const
      const deadline = Number.POSITIVE_INFINITY
      const request = { ...plain, user, limit: SHOWN, at: entry.time, seed: 1, deadline }
      asked.set(entry.time, request)
    }
    await examples.feed(frameOf([entry], at))
  }
  return { rows: await examples.rows(), asked }
}

/** The host that a trainer has who folds everything first. */
async function foldedFirst(): Promise<LogExamples> {
  const known = entries.slice(0, begins[TRAINED]!)
  const examples = newExamples(known.length, known.length)
  await examples.feed(frameOf(known))
  return examples
}

const ofSources = ['walk_score', 'neighbours_score', 'sequences_score', 'source_count']

/** The same rows, but what sources say is said by those that were fitted on all of them. */
async function leaky(
  rows: IdentifiedRows,
  asked: ReadonlyMap<number, RankRequest>,
): Promise<IdentifiedRows> {
  const { engine, names } = await foldedFirst()
  const scratch = new RankScratch(CAPACITY)
  const pins = new Map(Array.from({ length: PINS }, (_, pin) => [hashId(`p${pin}`), `p${pin}`]))
  const columns = ofSources.map((name) => rows.names.indexOf(name))
  const width = rows.names.length
  const features = rows.features.slice()
  rows.pins.forEach((hash, row) => {
    const request = asked.get(rows.times[row]!)!
    const told = new RequestRows(request, engine.services, scratch)
    const made = told.of([names.pin.find(pins.get(hash)!)])
    for (const column of columns) features[row * width + column] = made[column]!
  })
  return { ...rows, features }
}

/** Rows of requests from one on, and before another. */
function between(rows: IdentifiedRows, from: number, to: number): IdentifiedRows {
  const first = rows.times.findIndex((time) => time >= timeOf(from))
  const end = rows.times.findIndex((time) => time >= timeOf(to))
  const last = end < 0 ? rows.times.length : end
  const width = rows.names.length
  return {
    names: rows.names,
    features: rows.features.slice(first * width, last * width),
    labels: rows.labels.slice(first, last),
    weights: rows.weights.slice(first, last),
    ranks: rows.ranks.slice(first, last),
    times: rows.times.slice(first, last),
    users: rows.users.slice(first, last),
    pins: rows.pins.slice(first, last),
    drawn: rows.drawn.slice(first, last),
    propensities: rows.propensities.slice(first, last),
    drawChances: rows.drawChances.slice(first, last),
  }
}

/** The AUC that training reports, and that on rows which came later, made as they are served. */
async function reportedAndReal(rows: IdentifiedRows, later: IdentifiedRows) {
  const { bytes, metrics } = trainRanker(rows)
  const scores = await (await loadRanker(bytes)).score(later.features, later.labels.length)
  const real = areaUnderCurve(Float64Array.from(scores), Float64Array.from(later.labels))
  return { reported: metrics.auc, real }
}

test('sources that have seen the labels report an AUC that collapses; ours does not', async () => {
  const { rows, asked } = await pointInTime()
  const taught = between(rows, WARM, TRAINED)
  const later = between(rows, TRAINED, REQUESTS)
  const honest = await reportedAndReal(taught, later)
  const leak = await reportedAndReal(await leaky(taught, asked), later)
  // Over six seeds of the story the leak promised .21 to .28 too much, the honest way erred by .04.
  expect(leak.reported).toBeGreaterThan(0.95)
  expect(leak.real).toBeLessThan(leak.reported - 0.15)
  expect(Math.abs(honest.reported - honest.real)).toBeLessThan(0.08)
  expect(honest.real).toBeGreaterThan(leak.real)
})
