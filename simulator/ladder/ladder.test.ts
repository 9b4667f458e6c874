/** Worlds under arms: what is chance is told, what is true stays inside, and a seed is a result. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Entry, entryProblem, Random, systemClock } from '../../base/index.ts'
import { Appeal, chancesOf, Person } from '../behaviour/index.ts'
import { everySwitch, LatentWorld } from '../world/index.ts'
import { createArm, ladderTeaching } from './arms.ts'
import { withChance } from './explore.ts'
import { judgeSteps, summarise } from './headline.ts'
import {
  type ArmResult,
  type LadderPreset,
  ladderPresets,
  PRIMARY,
  presetHash,
  runSeed,
} from './ladder.ts'
import { runWorld } from './parallel-world.ts'

const small: LadderPreset = {
  ...ladderPresets.tiny,
  users: 60,
  pins: 400,
  bootstrapDays: 4,
  days: 2,
}
const ports = { clock: systemClock, cpuSeconds: () => 0 }
const world = new LatentWorld({ seed: 4, users: small.users, pins: small.pins, days: 6 })
const appeal = new Appeal(world)
const setup = {
  pins: small.pins,
  users: small.users,
  seed: 4,
  clock: systemClock,
  appeal,
  teaching: ladderTeaching,
}

async function logOf(of: Appeal): Promise<Entry[]> {
  const log: Entry[] = []
  await runWorld({
    appeal: of,
    arm: createArm('popularity', { ...setup, appeal: of }),
    from: world.options.from,
    days: 4,
    learnEveryDays: 1,
    uniform: 0.1,
    onEntries: (entries) => log.push(...entries),
  })
  return log
}

describe('slots by chance', () => {
  test('the propensity of the first slot is its chance over all draws', () => {
    const born = 5
    const ranked = [3, 1]
    const counts = new Float64Array(born)
    const told = new Float64Array(born)
    const draws = 40_000
    for (let seed = 0; seed < draws; seed++) {
      const [first] = withChance({ pins: ranked }, { limit: 2, born, share: 0.2 }, new Random(seed))
      counts[first!.pin]! += 1 / draws
      told[first!.pin] = first!.propensity
    }
    // Four deviations of a share are at most .01.
    for (let pin = 0; pin < born; pin++)
      expect(Math.abs(counts[pin]! - told[pin]!)).toBeLessThan(0.01)
    expect(told.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
  })

  test('slots are different pins, as many as asked for where there are', () => {
    const given = fc.record({
      ranked: fc.uniqueArray(fc.nat(19), { maxLength: 10 }),
      limit: fc.integer({ min: 1, max: 30 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(given, ({ ranked, limit, share, seed }) => {
        const slots = withChance({ pins: ranked }, { limit, born: 20, share }, new Random(seed))
        expect(slots.length).toBe(Math.min(limit, 20))
        expect(new Set(slots.map(({ pin }) => pin)).size).toBe(slots.length)
        for (const { propensity } of slots) {
          expect(propensity).toBeGreaterThan(0)
          expect(propensity).toBeLessThanOrEqual(1)
        }
        if (share === 0) {
          const pins = slots.slice(0, ranked.length).map(({ pin }) => pin)
          expect(pins).toEqual(ranked.slice(0, limit))
        }
      }),
    )
  })
})

describe('what leaves the world', () => {
  test('entries that the API takes, in order of time, each id once', async () => {
    const log = await logOf(appeal)
    const ids = log.flatMap((entry) =>
      entry.kind === 'pin' || entry.kind === 'user' ? [] : [entry.id],
    )
    expect(new Set(ids).size).toBe(ids.length)
    for (const entry of log) expect(entryProblem(entry)).toBeUndefined()
    expect(log.filter(({ kind }) => kind === 'save').length).toBeGreaterThan(10)
  })

  test('these fields and no other: no look, no quality, no taste', async () => {
    const fields = new Set<string>()
    for (const entry of await logOf(appeal)) {
      for (const [name, value] of Object.entries(entry)) {
        fields.add(`${entry.kind}.${name}`)
        if (name === 'context') {
          for (const inner of Object.keys(value as object))
            fields.add(`${entry.kind}.context.${inner}`)
        }
      }
    }
    const event = (kind: string, ...more: string[]) =>
      ['kind', 'id', 'time', 'user', 'pin', ...more].map((name) => `${kind}.${name}`)
    const seen = ['request', 'rank', 'viewed', 'propensity', 'device', 'surface']
    const known = [
      ...['kind', 'id', 'time'].map((name) => `user.${name}`),
      ...['kind', 'id', 'time', 'user', 'title'].map((name) => `board.${name}`),
      ...['kind', 'id', 'time', 'created', 'title', 'tags', 'topic', 'language'].map(
        (n) => `pin.${n}`,
      ),
      ...event('impression', 'context'),
      ...seen.map((name) => `impression.context.${name}`),
      ...event('closeup', 'context'),
      'closeup.context.dwell',
      ...event('outbound'),
      ...event('hide'),
      ...event('save', 'board'),
    ]
    expect([...fields].filter((field) => !known.includes(field))).toEqual([])
    expect(fields.size).toBeGreaterThan(30)
  })

  test('a pin tells of its topic with mistakes, and without them where tags are perfect', async () => {
    const tagsOf = async (tagErrors: boolean) => {
      const switches = { ...everySwitch, tagErrors }
      const other = new Appeal(new LatentWorld({ ...world.options, switches }))
      const log = await logOf(other)
      return log.filter((entry) => entry.kind === 'pin')
    }
    const categories = (pins: Entry[]) => pins.filter((pin) => 'topic' in pin).length / pins.length
    expect(categories(await tagsOf(false))).toBe(1)
    expect(categories(await tagsOf(true))).toBeLessThan(0.95)
  })
})

describe('arms', () => {
  test('the oracle is never beaten: no pin that it leaves out is more likely to be saved', async () => {
    const oracle = createArm('oracle', setup)
    const { from } = world.options
    const born = world.bornAt(from)
    for (let user = 0; user < small.users; user++) {
      const { now } = new Person(appeal, user).begin(from)
      const known = new Set([user, user + 1])
      const ask = {
        user: `u${user}`,
        at: from,
        device: now.device,
        limit: 20,
        seed: 1,
        born,
        known,
      }
      const { pins: best } = await oracle.recommend({ ...ask, truth: now })
      const wanted = (pin: number) => chancesOf(appeal.of(pin, now)).save
      const worst = Math.min(...best.map(wanted))
      for (let pin = 0; pin < born; pin++) {
        if (known.has(pin)) expect(best).not.toContain(pin)
        else if (!best.includes(pin)) expect(wanted(pin)).toBeLessThanOrEqual(worst)
      }
    }
  })

  test('chance shows pins that exist and are not known, each once', async () => {
    const arm = createArm('random', setup)
    const { now } = new Person(appeal, 1).begin(world.options.from)
    const known = new Set([0, 1, 2])
    const ask = { user: 'u1', at: 0, device: now.device, limit: 25, born: 27, known, truth: now }
    const { pins } = await arm.recommend({ ...ask, seed: 3 })
    expect([...pins].sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i + 3))
  })
})

test('an arm learns from its log alone: another truth with the same log, the same model', async () => {
  const log = await logOf(appeal)
  const other = new Appeal(new LatentWorld({ ...world.options, seed: 99 }))
  const answers = async (of: Appeal) => {
    const arm = createArm('collaborative', { ...setup, appeal: of })
    arm.hear(log)
    arm.refresh()
    await arm.learn()
    const { now } = new Person(appeal, 1).begin(world.options.from)
    const ask = { at: world.options.from, device: now.device, limit: 25, seed: 1, born: 300 }
    const known = new Set<number>()
    const lists: (readonly number[])[] = []
    for (let user = 0; user < 20; user++) {
      const answer = await arm.recommend({ ...ask, user: `u${user}`, known, truth: now })
      lists.push(answer.pins)
    }
    return lists
  }
  const lists = await answers(appeal)
  expect(await answers(other)).toEqual(lists)
  // Who knows most of 400 pins gets what is left.
  expect(Math.min(...lists.map((list) => list.length))).toBeGreaterThan(10)
  expect(new Set(lists.map(String)).size).toBeGreaterThan(10)
})

test('a seed is a result: the same again, another for another seed', async () => {
  const arms = ['random', 'popularity', 'tags'] as const
  const one = await runSeed(small, 1, arms, ports)
  expect(await runSeed(small, 1, arms, ports)).toEqual(one)
  expect((await runSeed(small, 2, arms, ports)).arms).not.toEqual(one.arms)
  for (const arm of arms) expect(one.arms[arm]!.views).toBeGreaterThan(500)
  // An arm does not depend on which others run.
  const alone = await runSeed(small, 1, ['tags'], ports)
  expect(alone.arms.tags).toEqual(one.arms.tags)
})

test('the hash of a preset names all that a comparison depends on', () => {
  const hashes = [
    small,
    { ...small, users: 61 },
    { ...small, days: 3 },
    { ...small, switches: { ...everySwitch, look: false } },
    { ...small, steps: [] },
  ].map(presetHash)
  expect(new Set(hashes).size).toBe(hashes.length)
  expect(presetHash({ ...small })).toBe(hashes[0])
})

test('the worlds that were compared are frozen: who changes one changes its name here', () => {
  const hashes = Object.entries(ladderPresets).map(([name, of]) => [name, presetHash(of)])
  expect(Object.fromEntries(hashes)).toEqual({ tiny: 'b2e494ba', small: 'f2e0bd8f' })
})

describe('the headline', () => {
  const arm = (savesPerView: number) => ({ savesPerView, cpuSeconds: 1 }) as ArmResult
  const results = [0.01, 0.02, 0.03, 0.04].map((base, seed) => ({
    seed,
    preset: 'x',
    entries: 1,
    arms: {
      random: arm(base),
      popularity: arm(base + 0.01),
      tags: arm(base + 0.02 + (seed % 2) * 0.002),
      collaborative: arm(base + 0.0001 * (seed % 2 === 0 ? 1 : -1) + 0.021),
      oracle: arm(base + 0.05),
    },
  }))

  test('pairs of a seed are compared, and a step without difference is not above', () => {
    const [tags, collaborative, ...none] = judgeSteps(results, small.steps)
    // Differences .02 .022 .02 .022: mean .021, by hand.
    expect(tags!.difference.mean).toBeCloseTo(0.021, 12)
    expect(tags).toMatchObject({ seeds: 4, isAbove: true })
    expect(tags!.relative).toBeCloseTo(0.021 / 0.025, 12)
    expect(collaborative!.isAbove).toBe(false)
    expect(none).toEqual([])
    expect(tags!.correctedP).toBeCloseTo(2 * tags!.difference.p, 12)
  })

  test('regret closed is 0 of popularity and 1 of the oracle', () => {
    const closed = Object.fromEntries(
      summarise(results, PRIMARY).map((of) => [of.arm, of.regretClosed]),
    )
    expect(closed).toMatchObject({ popularity: 0, oracle: 1 })
    expect(closed['random']).toBeCloseTo(-0.25, 12)
  })
})
