/** How the features of a ranker that serves drift: counted by every thread, told by the host. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Entry, Random, silentLogger, systemClock } from '../../base/index.ts'
import { SAMPLED_ROWS } from '../../ranking/drift/sample.ts'
import {
  driftRowsMin,
  featureNames,
  joinRows,
  type Manifest,
  modelVersion,
  summariesOf,
  trainRanker,
} from '../../ranking/index.ts'
import { plantedRows } from '../../ranking/training/testing.ts'
import { Runtime } from '../hosts/embedded/runtime.ts'
import { trainFromLog } from '../training/train-from-log.ts'
import { Recommender } from './recommender.ts'

const directory = mkdtempSync(join(tmpdir(), 'pinwheel-models-test-'))
const leave: (() => unknown)[] = []
afterAll(async () => {
  for (const step of leave.reverse()) await step()
  rmSync(directory, { recursive: true, force: true })
})

const [USERS, PINS, VISITS] = [30, 300, 1_200]
const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2025, 2, 1)
const NOON_MS = START_MS + 50 * 24 * HOUR_MS + 12 * HOUR_MS

/** Pins that are looked at, and some of them saved at once. */
function events(): Entry[] {
  const random = new Random(3)
  return Array.from({ length: VISITS }, (_, n): Entry[] => {
    const event = { user: `u${random.below(USERS)}`, pin: `p${random.below(PINS)}` }
    const timed = { ...event, time: START_MS + n * 30 * 60_000 }
    const seen = { kind: 'impression', id: `i${n}`, ...timed } as const
    return random.below(2) === 0 ? [seen] : [seen, { kind: 'save', id: `s${n}`, ...timed }]
  }).flat()
}

test('a ranker is told of with its features, as it was taught and as it is asked', async () => {
  const runtime = await Runtime.start({
    ...{ usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 },
    directory: join(directory, 'host'),
    workers: 2,
    partitions: 2,
    clock: systemClock,
    logger: silentLogger,
  })
  leave.push(() => runtime.stop())
  await runtime.ingest(events())
  await runtime.buildEpoch()
  const { bytes } = trainRanker(plantedRows(featureNames, { count: 400, seed: 1 }, (f) => f[0]!))
  await runtime.useModel(bytes)
  let taught = summariesOf(new Float32Array(0))
  const about = { trainedAt: 5, entries: 7, metrics: { auc: 0.5 }, range: { from: 0, to: 0 } }
  const version = modelVersion(bytes)
  const manifests = (): Manifest[] => [
    { ...about, version, inputs: featureNames, features: taught, sha256: '' },
  ]
  const random = new Random(1)
  const served = { runtime, clock: systemClock, deadlineMs: 5_000, random, manifests }
  const recommender = new Recommender(served)
  leave.push(() => recommender.close())
  const ask = async (at: number, answers: number) => {
    const plain = { limit: 10, generation: 'mixed', exclude: [], explain: false } as const
    for (let n = 0; n < answers; n++) {
      await recommender.recommend({ ...plain, user: `u${n % USERS}`, at, seed: n })
    }
  }

  // What a new model answers before anybody asks it is not counted.
  expect(await recommender.models()).toEqual([
    {
      kind: 'light',
      version,
      trainedAt: 5,
      entries: 7,
      metrics: { auc: 0.5 },
      rows: 0,
      features: [],
    },
  ])
  const answers = Math.ceil(driftRowsMin / SAMPLED_ROWS)
  await ask(NOON_MS, 2 * answers)
  const [rows, ...others] = joinRows(await runtime.scored())
  expect(others).toEqual([])
  taught = summariesOf(rows!.matrix)
  const [same] = await recommender.models()
  expect(same?.rows).toBe(2 * answers * SAMPLED_ROWS)
  expect(same?.features.map(({ name }) => name).sort()).toEqual([...featureNames].sort())
  for (const { name, drift, taught: was, asked } of same!.features) {
    expect(drift, name).toBe(0)
    expect(asked, name).toEqual(was)
  }

  await ask(NOON_MS + 6 * HOUR_MS, answers)
  const [moved] = await recommender.models()
  const drifts = Object.fromEntries(moved!.features.map(({ name, drift }) => [name, drift]))
  expect(drifts['hour_sine']).toBeGreaterThan(0.25)
  expect(drifts['popularity']).toBeLessThan(0.1)
})

test('training from a log says what was taught of each feature', async () => {
  const runtime = await Runtime.start({
    ...{ usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 },
    directory: join(directory, 'taught'),
    workers: 1,
    partitions: 2,
    clock: systemClock,
    logger: silentLogger,
  })
  leave.push(() => runtime.stop())
  await runtime.ingest(events())
  const size = { entries: runtime.entries, pins: PINS, boards: USERS }
  const { signal } = new AbortController()
  const asked = { model: 'light', size, kinds: runtime.kinds } as const
  const { features, metrics } = await trainFromLog(runtime.log, asked, signal)
  expect(Object.keys(features)).toEqual(featureNames)
  expect(features['popularity']?.count).toBe(metrics.rows)
  expect(features['popularity']?.mean).toBeGreaterThan(0)
})
