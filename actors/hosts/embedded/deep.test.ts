/**
 * Generation 3 in a running host: its ranker read from the registry on a thread of its own, told to
 * every thread, also to one that was started again; its scores are the model's.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  type Entry,
  hashId,
  Interner,
  Random,
  silentLogger,
  systemClock,
} from '../../../base/index.ts'
import {
  DeepModel,
  deepFeatureNames,
  fitPinFactors,
  type Manifest,
  modelsDirectory,
  modelVersion,
  openDeep,
  saveModel,
} from '../../../ranking/index.ts'
import { deepBytes, deepWeights } from '../../../ranking/rankers/deep/index.ts'
import { randomDeepBytes, smallShape } from '../../../ranking/rankers/deep/testing.ts'
import { saboteur } from '../../../tests/contracts/saboteur.ts'
import { Recommender } from '../../recommender/recommender.ts'
import { Runtime } from './runtime.ts'

const directory = mkdtempSync(join(tmpdir(), 'pinwheel-deep-host-test-'))
const leave: (() => unknown)[] = []
afterAll(async () => {
  for (const step of leave.reverse()) await step()
  rmSync(directory, { recursive: true, force: true })
})

const module = new URL('../../../tests/contracts/saboteur.ts', import.meta.url).href
const USERS = 12
const models = modelsDirectory(directory, 'deep')

async function kept(seed: number): Promise<Manifest> {
  const factors = await ownFactors()
  const bytes = deepBytes({ ...deepWeights(randomDeepBytes(smallShape, seed)), factors })
  const about = { metrics: {}, entries: 0, trainedAt: seed, range: { from: 0, to: 0 } }
  const version = modelVersion(bytes)
  return saveModel(models, bytes, { version, kind: 'deep', inputs: deepFeatureNames, ...about })
}

/** Of the saves, by the ids of pins. */
async function ownFactors() {
  const names = new Interner()
  const saved = Array.from({ length: USERS }, (): number[] => [])
  for (const { user, pin } of saves()) saved[Number(user.slice(1))]!.push(names.intern(pin))
  const options = { dimensions: 8, sweeps: 2 }
  const histories = saved.map((pins) => [...new Set(pins)])
  const fitted = await fitPinFactors(histories, options, { clock: systemClock })
  if (!fitted) throw new Error('there were saves')
  return { ...fitted, pins: fitted.pins.map((pin) => names.id(pin)) }
}

type Save = Entry & { readonly user: string; readonly pin: string }
function saves(): Save[] {
  const random = new Random(2)
  return Array.from({ length: 12 * USERS }, (_, n): Save => {
    const event = { user: `u${n % USERS}`, pin: `p${random.below(60)}` }
    return { kind: 'save', id: `s${n}`, time: 1_000 + n, ...event }
  })
}

test('a ranker of the registry answers on every thread, and on one that came later', async () => {
  const runtime = await Runtime.start({
    ...{ usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 },
    directory: join(directory, 'host'),
    workers: 2,
    partitions: 2,
    clock: systemClock,
    logger: silentLogger,
    types: [{ type: saboteur, module, exported: 'saboteur', space: 'user' }],
  })
  leave.push(() => runtime.stop())
  await runtime.ingest(saves())
  await runtime.buildEpoch()
  const random = new Random(1)
  const recommender = new Recommender({ runtime, clock: systemClock, deadlineMs: 5_000, random })
  leave.push(() => recommender.close())
  const ask = (user: number) =>
    recommender.recommend({
      ...{ user: `u${user}`, limit: 10, generation: 'deep', exclude: [], explain: true },
      ...{ at: 99_000, seed: 1, off: ['slate'] },
    } as const)
  const everybody = () => Promise.all(Array.from({ length: USERS }, (_, user) => ask(user)))

  expect((await everybody()).every(({ rung }) => rung === 'light')).toBe(true)
  const manifest = await kept(1)
  const memory = await openDeep(models, manifest, runtime.names.pin)
  await runtime.useDeep(memory)
  const answers = await everybody()
  const model = await DeepModel.open(memory)
  for (const [user, { rung, model: version, items }] of answers.entries()) {
    expect({ rung, version }).toEqual({ rung: 'full', version: manifest.version })
    expect(items.length).toBeGreaterThan(5)
    const rows = Float32Array.from(
      items.flatMap(({ features }) =>
        deepFeatureNames.map((name) => features?.[name] ?? Number.NaN),
      ),
    )
    const pins = Uint32Array.from(items, ({ pin }) => hashId(pin))
    const scores = await model.score(hashId(`u${user}`), pins, rows)
    const own = saves().filter((save) => save.user === `u${user}`)
    const saved = own.map(({ pin }) => runtime.names.pin.find(pin))
    const folded = model.factors?.fold([...new Set(saved.reverse())])
    for (const { pin, features, sources } of items) {
      const score = folded?.scoresOf([runtime.names.pin.find(pin)])[0] ?? Number.NaN
      expect(features?.['factors_score']).toBeCloseTo(score, 4)
      expect(sources.includes('factors')).toBe(score > 0)
    }
    // Scores of a reply are rounded to five digits.
    items.forEach(({ score }, i) => {
      expect(score).toBeCloseTo(scores[i]!, 4)
    })
  }
  await model.close()

  for (const user of ['u1', 'u2']) {
    await runtime.asks.ask('Saboteur', user, 'end').catch(() => {})
    await runtime.settled()
  }
  const after = await everybody()
  expect(after.map(({ items }) => items)).toEqual(answers.map(({ items }) => items))
})

test('a damaged file is refused by name, and one whose factors are of other pins', async () => {
  const manifest = await kept(2)
  const path = join(models, `${manifest.version}.deep`)
  const bytes = readFileSync(path)
  bytes[900]! ^= 1
  const open = (pins: Interner) => openDeep(models, manifest, pins)
  await expect(open(new Interner())).rejects.toThrow(/known here/)
  writeFileSync(path, bytes)
  await expect(open(new Interner())).rejects.toMatchObject({ code: 'MODEL_UNFIT' })
})
