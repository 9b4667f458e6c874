/** Rules of slates in a running host: on every thread, also on one that takes another's place. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { type Entry, Random, silentLogger, systemClock } from '../../../base/index.ts'
import { rulesDefaults, type SlateRules } from '../../../ranking/index.ts'
import { saboteur } from '../../../tests/contracts/saboteur.ts'
import { Recommender } from '../../recommender/recommender.ts'
import { Runtime } from './runtime.ts'

const directory = mkdtempSync(join(tmpdir(), 'pinwheel-rules-host-test-'))
const leave: (() => unknown)[] = []
afterEach(async () => {
  for (const step of leave.splice(0).reverse()) await step()
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const module = new URL('../../../tests/contracts/saboteur.ts', import.meta.url).href
const USERS = 8

/** Pin p is saved once by user p mod 8, to a board of theirs; every third pin is spam. */
function entries(): Entry[] {
  const pins = Array.from({ length: 48 }, (_, p): Entry => {
    return { kind: 'pin', id: `p${p}`, time: 1, tags: p % 3 === 0 ? ['spam'] : [] }
  })
  const saves = Array.from({ length: 48 }, (_, p): Entry => {
    const user = `u${p % USERS}`
    return { kind: 'save', id: `s${p}`, time: 2 + p, user, pin: `p${p}`, board: `of ${user}` }
  })
  return [...pins, ...saves]
}

async function host() {
  const sizes = { usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 }
  const runtime = await Runtime.start({
    ...sizes,
    directory: mkdtempSync(join(directory, 'host-')),
    workers: 2,
    partitions: 2,
    clock: systemClock,
    logger: silentLogger,
    types: [{ type: saboteur, module, exported: 'saboteur', space: 'user' }],
  })
  leave.push(() => runtime.stop())
  await runtime.ingest(entries())
  await runtime.buildEpoch()
  const random = new Random(1)
  const recommender = new Recommender({ runtime, clock: systemClock, deadlineMs: 5_000, random })
  leave.push(() => recommender.close())
  const feed = async (user: string, limit = 12) => {
    const ask = { user, limit, generation: 'mixed', exclude: [], explain: true } as const
    return recommender.recommend({ ...ask, at: 9_000, seed: 3 })
  }
  return { runtime, feed }
}
const rulesWith = (part: Partial<SlateRules>): SlateRules => ({ ...rulesDefaults, ...part })
const strangers = Array.from({ length: 6 }, (_, n) => `stranger ${n}`)
const isSpam = ({ pin }: { readonly pin: string }) => Number(pin.slice(1)) % 3 === 0

test('what is blocked is on no thread, not even on one that was started again', async () => {
  const { runtime, feed } = await host()
  const everybody = [...strangers, ...Array.from({ length: USERS }, (_, n) => `u${n}`)]
  const spam = async () => {
    const feeds = await Promise.all(everybody.map((user) => feed(user)))
    expect(feeds.every(({ items }) => items.length > 0)).toBe(true)
    return feeds.flatMap(({ items }) => items.filter(isSpam)).length
  }
  expect(await spam()).toBeGreaterThan(0)
  await runtime.useRules(rulesWith({ block: { tags: ['spam'] } }))
  expect(await spam()).toBe(0)
  await expect(runtime.asks.ask('Saboteur', 'u0', 'end')).rejects.toMatchObject({
    code: 'SHARD_DOWN',
  })
  await runtime.settled()
  expect(await spam()).toBe(0)
  const { trace } = await feed(strangers[0]!)
  expect(trace?.find(({ stage }) => stage === 'slate')?.dropped).toMatchObject({
    'blocked tag': 16,
  })
})

test('creators are known on every thread: owners of the boards that pins stand on', async () => {
  const { runtime, feed } = await host()
  const caps = { hard: { creator: { count: 1 } }, soft: {} }
  await runtime.useRules(rulesWith({ caps }))
  const creators = async (user: string) =>
    (await feed(user)).items.map(({ pin }) => Number(pin.slice(1)) % USERS).sort()
  const all = Array.from({ length: USERS }, (_, n) => n)
  expect(await creators('stranger')).toEqual(all)
  // Users live on both threads; each has saved all pins of one creator, themselves.
  for (const n of all) {
    expect(await creators(`u${n}`)).toEqual(all.filter((creator) => creator !== n))
  }
})

test('what the last answers showed comes again only after the rest', async () => {
  const { runtime, feed } = await host()
  const shown = async () => (await feed('stranger')).items.map(({ pin }) => pin)
  const first = await shown()
  expect(await shown()).toEqual(first)
  await runtime.useRules(rulesWith({ served: { requests: 3, hours: 1 } }))
  const answers = [await shown(), await shown(), await shown(), await shown()]
  expect(new Set(answers.flat()).size).toBe(48)
  // Of 48 pins each was shown once; three answers are remembered, so the first comes again.
  expect(new Set(await shown())).toEqual(new Set(answers[0]))
})

test('every answered pin has its propensity', async () => {
  const { runtime, feed } = await host()
  const explore = { slots: 3, chance: 0.5, from: 'reserve', pool: 10 } as const
  await runtime.useRules(rulesWith({ explore }))
  const { items } = await feed('stranger')
  expect(items.map(({ propensity }) => propensity < 1)).toEqual(
    Array.from({ length: 12 }, (_, rank) => rank % 4 === 3),
  )
})
