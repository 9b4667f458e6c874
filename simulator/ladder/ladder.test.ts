/** Worlds under arms: what is chance is told, what is true stays inside, and a seed is a result. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Entry,
  entryProblem,
  hash32,
  type PinEntry,
  Random,
  systemClock,
} from '../../base/index.ts'
import { Appeal, chancesOf, Person } from '../behaviour/index.ts'
import { everySwitch, LatentWorld } from '../world/index.ts'
import { type ArmName, createArm, ladderTeaching } from './arms.ts'
import { withChance } from './explore.ts'
import {
  armsOf,
  type Falsification,
  falsifications,
  judgeFalsification,
  presetWithout,
} from './falsification.ts'
import { judgeSteps, leaks, summarise } from './headline.ts'
import { type LadderPreset, ladderPresets, PRIMARY, presetHash } from './ladder.ts'
import { judgeRates } from './rates.ts'
import { type ArmResult, runSeed, runSharedSeed } from './run-seed.ts'
import { runWorld } from './running-world.ts'

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
    arms: [createArm('popularity', { ...setup, appeal: of })],
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
      ...[
        'kind',
        'id',
        'time',
        'created',
        'title',
        'description',
        'image',
        'tags',
        'topic',
        'language',
      ].map((name) => `pin.${name}`),
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

test('arms that share a world have its people between them, and hear of their own alone', async () => {
  const arms = ['random', 'popularity', 'tags'] as const
  const shared = await runSharedSeed(small, 1, arms, ports)
  expect(await runSharedSeed(small, 1, arms, ports)).toEqual(shared)
  const people = shared.ratio!.arms.map(({ users }) => users)
  expect(people.reduce((a, b) => a + b)).toBe(small.users)
  expect(Math.min(...people)).toBeGreaterThan(small.users / 6)
  expect(shared.ratio!.isMismatch).toBe(false)
  // Who is alone in a world has all of it: what it shows and learns is another then.
  const alone = await runSeed(small, 1, ['tags'], ports)
  const views = arms.map((arm) => shared.arms[arm]!.views)
  expect(Math.max(...views)).toBeLessThan(alone.arms.tags!.views)
  const one = await runSharedSeed(small, 1, ['tags'], ports).catch((error: unknown) => error)
  expect(one).toMatchObject({ code: 'EXPERIMENT_INVALID' })
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
  expect(Object.fromEntries(hashes)).toEqual({ tiny: '962b2e34', small: 'd5522165' })
})

test('what leaves those worlds is frozen, too: who changes it raises the number of the catalogue', async () => {
  const log = await logOf(appeal)
  const words = log.flatMap((entry) => {
    if (entry.kind !== 'pin') return []
    const { title, description, tags, topic, image } = entry as PinEntry
    return [[title, description, tags, topic, image]]
  })
  expect(hash32(JSON.stringify(words), 1)).toBe(2_516_312_306)
})

describe('causes taken out', () => {
  const seeds = [1, 2, 3]
  const named = (word: string) => falsifications.find(({ cause }) => cause === word)!
  // With pins enough that nobody has seen most of them.
  const ample = { ...small, pins: 1_600 }
  const run = (of: Falsification, arms: readonly ArmName[]) =>
    Promise.all(seeds.map((seed) => runSeed(presetWithout(ample, of.without), seed, arms, ports)))

  test('where every pin is as good as any other, no arm is better', async () => {
    const of = named('taste')
    const arms = armsOf(of).filter((arm) => arm !== 'deep')
    const pairs = of.pairs.filter(({ arm }) => arm !== 'deep')
    const rows = judgeFalsification({ ...of, pairs }, await run(of, arms))
    expect(rows.length).toBe(4)
    for (const { relative, interval, holds } of rows) {
      // Slots by chance now and then show what somebody has saved, which is not saved again.
      expect(Math.abs(relative)).toBeLessThan(0.005)
      expect(Math.max(...interval.map(Math.abs))).toBeLessThan(0.02)
      expect(holds).toBe(true)
    }
  }, 120_000)

  test('a gain that stays is told', async () => {
    const of = {
      ...named('taste'),
      without: [],
      pairs: [{ arm: 'oracle', over: 'random' }],
    } as const
    const [row] = judgeFalsification(of, await run(of, armsOf(of)))
    expect(row).toMatchObject({ holds: false, seeds: 3 })
    expect(row!.interval[0]).toBeGreaterThan(0.5)
  })

  test('without looks the gain of generation 2 is smaller than with them', async () => {
    const of = named('looks')
    const [gone] = judgeFalsification(of, await run(of, armsOf(of)))
    const [whole] = judgeFalsification(of, await run({ ...of, without: [] }, armsOf(of)))
    expect(gone!.relative).toBeLessThan(whole!.relative)
  }, 120_000)
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

  test('an arm above the oracle is a leak, one below it or as good is none', () => {
    const better = results.map(({ arms, ...of }) => {
      const wanted = (arm: ArmResult, wantedPerView: number) => ({ ...arm, wantedPerView })
      const oracle = wanted(arms.oracle, 0.1 + 0.001 * of.seed)
      const tags = wanted(arms.tags, 0.11 + 0.0012 * of.seed)
      const random = wanted(arms.random, 0.1 + 0.001 * (3 - of.seed))
      return { ...of, arms: { oracle, tags, random } }
    })
    expect(leaks(better)).toEqual(['tags'])
  })

  test('rates of a popularity feed pass near what is known, fail far from it, and need views', () => {
    const rates = { closeupsPerView: 0.05, savesPerView: 0.012, outboundsPerView: 0.007 }
    const of = (views: number) => {
      const popularity = { ...arm(0), ...rates, hidesPerView: 0.002, views } as ArmResult
      return [{ seed: 1, preset: 'x', entries: 1, arms: { popularity } }]
    }
    const verdicts = judgeRates(of(200_000)).map(({ verdict }) => verdict)
    expect(verdicts).toEqual(['pass', 'pass', 'pass', 'fail'])
    expect(new Set(judgeRates(of(99_000)).map(({ verdict }) => verdict))).toEqual(
      new Set(['too small']),
    )
    expect(judgeRates([])).toEqual([])
  })

  test('regret closed is 0 of popularity and 1 of the oracle', () => {
    const closed = Object.fromEntries(
      summarise(results, PRIMARY).map((of) => [of.arm, of.regretClosed]),
    )
    expect(closed).toMatchObject({ popularity: 0, oracle: 1 })
    expect(closed['random']).toBeCloseTo(-0.25, 12)
    const [random] = summarise(results, PRIMARY)
    // .01 to .04: mean .025, deviation .01291, t of three degrees 3.1824.
    expect(random!.interval![0]).toBeCloseTo(0.025 - (3.18245 * 0.0129099) / 2, 6)
    expect(summarise(results.slice(0, 1), PRIMARY)[0]!.interval).toBeUndefined()
  })
})
