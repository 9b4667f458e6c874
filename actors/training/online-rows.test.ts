/**
 * The rows that teach are those that served: a running host answers and explains, what it showed
 * goes into its log, and training makes the same rows from that log, bit for bit.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Entry, hashId, Random, silentLogger, systemClock } from '../../base/index.ts'
import {
  deepFeatureNames,
  deepMemory,
  devices,
  featureNames,
  type GenerationName,
  type IdentifiedRows,
  surfaces,
  trainRanker,
} from '../../ranking/index.ts'
import { deepBytes, deepWeights } from '../../ranking/rankers/deep/index.ts'
import { randomDeepBytes, smallShape } from '../../ranking/rankers/deep/testing.ts'
import { plantedRows } from '../../ranking/training/testing.ts'
import { Runtime } from '../hosts/embedded/runtime.ts'
import { type Recommendation, Recommender } from '../recommender/recommender.ts'
import { type ExampleOptions, LogExamples } from './log-examples.ts'

const directory = mkdtempSync(join(tmpdir(), 'pinwheel-online-rows-test-'))
const leave: (() => unknown)[] = []
afterAll(async () => {
  for (const step of leave.reverse()) await step()
  rmSync(directory, { recursive: true, force: true })
})

const START_MS = Date.UTC(2025, 4, 1)
const MINUTE_MS = 60_000
const CAPACITY = 2_000
const [PINS, USERS, EVENTS] = [200, 30, 2_500]
const ASKED_MS = START_MS + (EVENTS + 1) * 8 * MINUTE_MS
/** Sources draw by the seed of a request; training has one of its own. */
const SEED = 1

/** Pins with tags, then people who look, look closer, save and hide, over two weeks. */
function history(): Entry[] {
  const random = new Random(8)
  const entries: Entry[] = []
  for (let pin = 0; pin < PINS; pin++) {
    const tags = [`t${pin % 2}`, `t${2 + (pin % 7)}`].slice(pin % 3)
    const told = { time: START_MS + pin, ...(pin % 5 > 0 && { created: START_MS - pin * 1e7 }) }
    entries.push({ kind: 'pin', id: `p${pin}`, ...told, tags, topic: `c${pin % 4}` })
  }
  const kinds = ['impression', 'impression', 'closeup', 'save', 'save', 'hide'] as const
  for (let n = 0; n < EVENTS; n++) {
    const user = random.below(USERS)
    const pin = 2 * random.below(PINS / 2) + (random.below(8) > 0 ? user % 2 : 0)
    const kind = kinds[random.below(n % 4 === 0 ? 6 : 5)]!
    const event = { user: `u${user}`, pin: `p${pin}`, time: START_MS + n * 8 * MINUTE_MS }
    const board = kind === 'save' && { board: `b${user}.${pin % 3}` }
    entries.push({ kind, id: `e${n}`, ...event, ...board })
  }
  return entries
}

async function startHost(name: string) {
  const size = { usersMax: CAPACITY, pinsMax: CAPACITY, boardsMax: CAPACITY, tagsMax: CAPACITY }
  const runtime = await Runtime.start({
    ...size,
    directory: join(directory, name),
    workers: 2,
    partitions: 3,
    clock: systemClock,
    logger: silentLogger,
    // Epochs are built where the test says so.
    bulk: true,
  })
  leave.push(() => runtime.stop())
  const few = plantedRows(featureNames, { count: 400, seed: 1 }, (f) => f[0]! + f[3]!)
  await runtime.useModel(trainRanker(few, { epochs: 1 }).bytes)
  const random = new Random(1)
  const recommender = new Recommender({ runtime, clock: systemClock, deadlineMs: 60_000, random })
  leave.push(() => recommender.close())
  return { runtime, recommender }
}

/** A ranker that learned nothing, with the factors that its log would have taught. */
async function useDeep(runtime: Runtime): Promise<void> {
  const size = { entries: runtime.entries, warmUp: 1, rowsMax: 1, generation: 'deep' } as const
  const { factors } = await madeAgain(runtime, size)
  const weights = deepWeights(randomDeepBytes(smallShape, 2))
  const bytes = deepBytes({ ...weights, ...(factors && { factors }) })
  await runtime.useDeep(await deepMemory(bytes, deepFeatureNames, runtime.names.pin))
}

/** Rows of the log as it is. */
async function madeAgain(
  runtime: Runtime,
  size: Omit<ExampleOptions, 'pinCapacity' | 'boardCapacity'>,
): Promise<IdentifiedRows> {
  const capacity = { pinCapacity: CAPACITY, boardCapacity: CAPACITY }
  const { partitions } = runtime.log
  const examples = new LogExamples({ ...capacity, ...size }, partitions, systemClock)
  for await (const frame of runtime.log.read()) await examples.feed(frame)
  return examples.rows()
}

const placeOfUser = (user: string) => {
  const n = Number(user.slice(1))
  return { device: devices[n % 4]!, surface: surfaces[n % 5]! }
}

/** The pin of an answer that stands at `rank`, shown. */
function impression({ user, request, items }: Recommendation, rank: number, time: number): Entry {
  const { pin, propensity } = items[rank]!
  const context = { request, rank, propensity, viewed: true, ...placeOfUser(user!) }
  return { kind: 'impression', id: `${request} ${rank}`, time, user: user!, pin, context }
}

/** What happens while people look at pins: they and others save and look closer. */
function meanwhile({ user, items }: Recommendation, time: number): Entry[] {
  return items.flatMap(({ pin }, n): Entry[] => [
    { kind: 'save', id: `m${user} ${n}`, time, user: n % 3 === 0 ? user! : `u${n}`, pin },
    { kind: 'closeup', id: `c${user} ${n}`, time, user: 'passer-by', pin },
  ])
}

test.each(['mixed', 'deep'] as const)(
  'rows of %s that were served are made again from the log, bit for bit',
  async (generation: GenerationName) => {
    const { runtime, recommender } = await startHost(generation)
    const entries = history()
    // The last of them are fresh: what is frozen and what came since both have a part.
    const frozen = entries.splice(0, entries.length - 300)
    await runtime.ingest(frozen)
    await runtime.buildEpoch()
    await useDeep(runtime)
    for (let from = 0; from < entries.length; from += 50) {
      await runtime.ingest(entries.slice(from, from + 50))
    }
    await runtime.settled()
    const told: Entry[] = []
    const tell = async (entry: Entry) => {
      told.push(entry)
      await runtime.ingest([entry])
    }
    const ask = { limit: 12, generation, exclude: [], explain: true, seed: SEED }
    const answers: Recommendation[] = []
    for (const [n, user] of ['u0', 'u1', 'u2', 'u3'].entries()) {
      const at = ASKED_MS + n * MINUTE_MS
      const answer = await recommender.recommend({ ...ask, ...placeOfUser(user), user, at })
      answers.push(answer)
      // A row is as of its request's first impression; what others do before it is in the row.
      await tell(impression(answer, 0, at))
    }
    for (let rank = 1; rank < ask.limit; rank++) {
      const time = ASKED_MS + (10 + rank) * MINUTE_MS
      for (const answer of answers) {
        const happens = meanwhile(answer, time).slice(2 * rank - 2, 2 * rank + 2)
        for (const entry of rank % 2 === 1 ? happens : []) await tell(entry)
        if (rank < answer.items.length) await tell(impression(answer, rank, time))
      }
    }

    const all = frozen.length + entries.length + told.length
    const size = { entries: all, warmUp: frozen.length / all, rowsMax: 1e6, generation }
    const rows = await madeAgain(runtime, size)

    const { names } = rows
    const width = names.length
    for (const { user, items } of answers) {
      expect(items.length, user).toBeGreaterThan(8)
      for (const { pin, features } of items) {
        const [userHash, pinHash] = [hashId(user!), hashId(pin)]
        const row = rows.users.findIndex(
          (each, i) => each === userHash && rows.pins[i] === pinHash && rows.times[i]! >= ASKED_MS,
        )
        expect(row, `${user} ${pin}`).toBeGreaterThanOrEqual(0)
        const made = rows.features.subarray(row * width, (row + 1) * width)
        expect(Object.fromEntries(names.map((name, f) => [name, made[f]]))).toEqual(features)
      }
    }
    // Rows that are all alike would be equal too.
    const varying = names.filter((name) => {
      const values = answers.flatMap(({ items }) => items.map(({ features }) => features?.[name]))
      return new Set(values).size > 1
    })
    expect(names.filter((name) => !varying.includes(name))).toEqual([])
  },
)
