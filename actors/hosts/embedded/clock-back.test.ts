/** The machine's clock goes back a day while the host runs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { type Clock, type Entry, Random, silentLogger, systemClock } from '../../../base/index.ts'
import type { Feature } from '../../../ranking/features/feature.ts'
import { freshness } from '../../../ranking/features/freshness.ts'
import { PinFacts } from '../../../ranking/features/pin-facts.ts'
import { recentSaves } from '../../../ranking/features/recent-saves.ts'
import { counterActor } from '../../../tests/contracts/test-actors.ts'
import { Recommender } from '../../recommender/recommender.ts'
import { Runtime } from './runtime.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-clock-'))
const running: Runtime[] = []
afterEach(async () => {
  for (const runtime of running.splice(0)) await runtime.stop()
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Its wall time can be set; what is monotonic stays so. */
class SetClock implements Clock {
  offset = 0
  readonly now = () => systemClock.now() + this.offset
  readonly monotonic = systemClock.monotonic
  readonly sleep = systemClock.sleep
  readonly every = systemClock.every
  readonly yield = systemClock.yield
}

async function start(name: string, clock: Clock): Promise<Runtime> {
  const runtime = await Runtime.start({
    directory: join(scratch, name),
    workers: 2,
    partitions: 2,
    usersMax: 2_000,
    pinsMax: 2_000,
    boardsMax: 2_000,
    tagsMax: 1_000,
    clock,
    logger: silentLogger,
    types: [
      {
        type: counterActor,
        module: new URL('../../../tests/contracts/test-actors.ts', import.meta.url).href,
        exported: 'counterActor',
        space: 'actor',
      },
    ],
  })
  running.push(runtime)
  return runtime
}

/** Saves of forty users, as a client on this machine would stamp them now. */
function saves(round: number, now: number): Entry[] {
  const random = new Random(round)
  return Array.from({ length: 300 }, (_, n): Entry => {
    const pin = `p${random.below(60)}`
    return { kind: 'save', id: `e${round}-${n}`, time: now + n, user: `u${n % 40}`, pin }
  })
}

test('everything acknowledged is applied, asks and feeds answer, the digest is the same', async () => {
  const clock = new SetClock()
  const runtime = await start('jump', clock)
  const recommender = new Recommender({ runtime, clock, deadlineMs: 2_000, random: new Random(1) })
  const feed = (after: string) =>
    recommender.recommend({
      user: 'u4',
      limit: 10,
      generation: 'mixed',
      exclude: [],
      explain: true,
      seed: 3,
      after,
    })
  const began = clock.now()
  const pins = Array.from({ length: 60 }, (_, n): Entry => {
    return { kind: 'pin', id: `p${n}`, time: began, created: began, title: `Pin ${n}` }
  })
  await runtime.ingest(pins)
  const entries = [saves(0, began)]
  await runtime.ingest(entries[0]!)
  await runtime.buildEpoch()
  // Some asks are on their way while the clock is set.
  const asked = Array.from({ length: 50 }, () => runtime.asks.ask('Counter', 'c', 'add', 1))
  clock.offset = -DAY_MS
  expect(clock.now()).toBeLessThan(began - DAY_MS / 2)
  await Promise.all(asked)
  entries.push(saves(1, clock.now()))
  const { position, verdicts } = await runtime.ingest(entries[1]!)
  expect(verdicts.every((verdict) => verdict === 'accepted')).toBe(true)
  await runtime.settled()
  await runtime.buildEpoch()
  expect(await runtime.asks.ask('Counter', 'c', 'add', 1, 1_000)).toBe(51)
  // Of the same ids a second time: the clock plays no part in what is a resend.
  const again = await runtime.ingest(entries[0]!)
  expect(again.verdicts.every((verdict) => verdict === 'duplicate')).toBe(true)

  const reply = await feed(position)
  expect(reply.stale).toBeUndefined()
  expect(reply.items.length).toBeGreaterThan(5)
  for (const { score } of reply.items) expect(score).toSatisfy(Number.isFinite)
  // Everything of the first round lies in the future now: it is new, not newer than new.
  const moment = { request: { at: clock.now() } }
  const facts = new PinFacts()
  const all = Uint32Array.from({ length: 60 }, (_, pin) => pin)
  facts.gather(runtime.features, all, all, 0, 60)
  for (let pin = 0; pin < 60; pin++) {
    const read = (feature: Feature) => feature.read(moment as never, facts)(pin, pin)
    expect(read(freshness)).toBe(1)
    expect(read(recentSaves)).toBeGreaterThan(0)
    expect(read(recentSaves)).toBeLessThanOrEqual(Math.log1p(20))
  }
  const total = (await Promise.all(
    Array.from({ length: 60 }, (_, n) => recommender.pin(`p${n}`)),
  )) as { saves: number; recent: { saves: number } }[]
  expect(total.reduce((sum, { saves }) => sum + saves, 0)).toBe(entries.flat().length)
  for (const { recent } of total) expect(recent.saves).toBeGreaterThanOrEqual(0)
  recommender.close()

  const digest = await runtime.digest()
  const straight = await start('straight', systemClock)
  await straight.ingest(pins)
  for (const batch of entries) await straight.ingest(batch)
  for (let n = 0; n < 51; n++) await straight.asks.ask('Counter', 'c', 'add', 1)
  await runtime.stop()
  running.splice(running.indexOf(runtime), 1)
  const restarted = await start('jump', clock)
  // A commanded actor comes into memory, and so into the digest, when it is asked.
  expect(await restarted.asks.ask('Counter', 'c', 'get')).toBe(51)
  expect(await restarted.digest()).toBe(digest)
  expect(await straight.digest()).toBe(digest)
})
