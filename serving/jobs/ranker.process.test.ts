/** Which ranker serves: the kept one, or, where it is of other features, one trained anew. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Runtime } from '../../actors/index.ts'
import { type Entry, Random, silentLogger, systemClock } from '../../base/index.ts'
import {
  featureNames,
  latestManifest,
  type Manifest,
  modelsDirectory,
  saveModel,
  trainRanker,
} from '../../ranking/index.ts'
import { plantedRows } from '../../ranking/training/testing.ts'
import { keepRankerFresh } from './ranker.ts'

const directory = mkdtempSync(join(tmpdir(), 'pinwheel-ranker-job-test-'))
const leave: (() => unknown)[] = []
afterAll(async () => {
  for (const step of leave.reverse()) await step()
  rmSync(directory, { recursive: true, force: true })
})

/** Pins that are looked at, and some of them saved at once. */
function events(): Entry[] {
  const random = new Random(3)
  return Array.from({ length: 1_200 }, (_, n): Entry[] => {
    const event = { user: `u${random.below(30)}`, pin: `p${random.below(300)}`, time: 1e12 + n }
    const seen = { kind: 'impression', id: `i${n}`, ...event } as const
    return random.below(2) === 0 ? [seen] : [seen, { kind: 'save', id: `s${n}`, ...event }]
  }).flat()
}

async function keep(name: string, inputs: readonly string[]) {
  const data = join(directory, name)
  const { bytes, version } = trainRanker(
    plantedRows(inputs, { count: 400, seed: 1 }, (f) => f[0]!),
    { epochs: 1 },
  )
  const about = { metrics: {}, entries: 0, trainedAt: 1, range: { from: 0, to: 0 } }
  await saveModel(modelsDirectory(data, 'light'), bytes, { version, inputs, ...about })
  const runtime = await Runtime.start({
    ...{ usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 },
    directory: data,
    workers: 1,
    partitions: 2,
    clock: systemClock,
    logger: silentLogger,
  })
  leave.push(() => runtime.stop())
  await runtime.ingest(events())
  await runtime.buildEpoch()
  const served: Manifest[] = []
  const { signal } = new AbortController()
  const job = { directory: data, clock: systemClock, logger: silentLogger, signal }
  await keepRankerFresh(runtime, { ...job, onServed: (manifest) => served.push(manifest) })
  const model = (await runtime.stats())[0]?.model
  return { kept: version, served, model, newest: await latestManifest(join(data, 'models')) }
}

test('the kept one serves where its features are those of today', async () => {
  const { kept, served, model } = await keep('same', featureNames)
  expect(model).toBe(kept)
  expect(served.map(({ version }) => version)).toEqual([kept])
})

test.each([
  ['lacks features', featureNames.slice(0, -3)],
  ['wants one that is unknown', [...featureNames, 'moon_phase']],
])('one that %s gives way to another, trained from the log', async (name, inputs) => {
  const { kept, served, model, newest } = await keep(name, inputs)
  expect(model).not.toBe(kept)
  expect(served.map(({ version }) => version)).toEqual([model])
  expect(newest).toEqual(served[0])
  expect(newest?.inputs).toEqual(featureNames)
  expect(Object.keys(newest?.features ?? {})).toEqual(featureNames)
})
