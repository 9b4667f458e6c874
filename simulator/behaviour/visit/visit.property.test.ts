/** The laws of what people do. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import {
  everySwitch,
  LatentWorld,
  LOOK_SIZE,
  latentDefaults,
  type WorldSwitches,
} from '../../world/index.ts'
import { Appeal, NO_INTENT, type Situation } from './appeal.ts'
import { columnFactor, leaveChance, leaveDefaults } from './leave.ts'
import { Person } from './person.ts'
import { chancesOf, drawDwell, drawResponse } from './response.ts'
import { churnChance, returnGap, satisfactionAfter } from './return.ts'

const size = { seed: 7, users: 60, pins: 600 }
const from = latentDefaults.from
const worldWith = (changes: Partial<WorldSwitches>) =>
  new LatentWorld({ ...size, switches: { ...everySwitch, ...changes } })
const world = worldWith({})
const appeal = new Appeal(world)
const situation = (user: number, more: Partial<Situation> = {}): Situation => ({
  user,
  time: from,
  device: 'phone',
  interests: world.interestsAt(user, from),
  intent: NO_INTENT,
  seen: new Float32Array(192),
  ...more,
})
const pin = fc.nat(size.pins - 1)
const user = fc.nat(size.users - 1)

describe('response', () => {
  const appealOf = fc.double({ min: -30, max: 30, noNaN: true })

  test('chances are chances, and sum to one', () => {
    fc.assert(
      fc.property(appealOf, (value) => {
        const chances = Object.values(chancesOf(value))
        for (const chance of chances) expect(chance).toBeGreaterThanOrEqual(0)
        expect(chances.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
      }),
    )
  })

  test('the more it appeals, the more it is saved and the less hidden', () => {
    fc.assert(
      fc.property(appealOf, appealOf, (a, b) => {
        fc.pre(a < b)
        expect(chancesOf(a).save).toBeLessThanOrEqual(chancesOf(b).save)
        expect(chancesOf(a).hide).toBeGreaterThanOrEqual(chancesOf(b).hide)
      }),
    )
  })

  test('what is drawn has its chance', () => {
    const chances = chancesOf(-1)
    const counts = { none: 0, hide: 0, closeup: 0, save: 0, outbound: 0 }
    for (let i = 0; i < 100_000; i++) counts[drawResponse(chances, (i + 0.5) / 100_000)]++
    for (const [what, count] of Object.entries(counts)) {
      expect(Math.abs(count / 100_000 - chances[what as keyof typeof counts])).toBeLessThan(2e-5)
    }
  })

  test('dwell is seconds of one close-up', () => {
    fc.assert(
      fc.property(appealOf, fc.nat(), (value, seed) => {
        const dwell = drawDwell(value, new Random(seed))
        expect(dwell).toBeGreaterThan(0)
        expect(dwell).toBeLessThanOrEqual(600)
      }),
    )
  })
})

describe('appeal', () => {
  test('depends on what is switched on alone', () => {
    const rebuilt = (changes: Partial<WorldSwitches>) => new Appeal(worldWith(changes))
    const [a, b] = [11, 12]
    const now = situation(3, { intent: world.pins.topic[a]! })
    const without = rebuilt({ look: false })
    const before = without.of(a, now)
    without.world.pins.look.fill(2, a * LOOK_SIZE, (a + 1) * LOOK_SIZE)
    expect(without.of(a, now)).toBe(before)
    const poor = rebuilt({ quality: false })
    poor.world.pins.quality[a] = -5
    expect(poor.of(a, now)).toBe(rebuilt({ quality: false }).of(a, now))
    const seen = situation(3, { seen: new Float32Array(192).fill(9) })
    expect(rebuilt({ satiation: false }).of(b, seen)).toBe(
      rebuilt({ satiation: false }).of(b, situation(3)),
    )
    expect(rebuilt({ intent: false }).of(a, now)).toBe(
      rebuilt({ intent: false }).of(a, situation(3)),
    )
    const later = situation(3, { device: 'desktop' })
    expect(rebuilt({ context: false }).of(a, later)).toBe(
      rebuilt({ context: false }).of(a, situation(3)),
    )
  })

  test('each of them matters where it is on', () => {
    const now = situation(3)
    const values = (of: Appeal, at = now) => Array.from({ length: 200 }, (_, p) => of.of(p, at))
    for (const name of ['look', 'quality', 'freshness', 'trends', 'context'] as const) {
      expect(values(new Appeal(worldWith({ [name]: false }))), name).not.toEqual(values(appeal))
    }
  })

  test('without taste every pin is as good as any other for everybody', () => {
    const alike = new Appeal(worldWith({ taste: false }))
    const values = new Set<number>()
    for (let p = 0; p < size.pins; p++) values.add(alike.of(p, situation(p % size.users)))
    expect(values.size).toBe(1)
  })

  test('a pin of an interest is wanted more than one of none, all else equal', () => {
    fc.assert(
      fc.property(user, pin, (u, p) => {
        const match = appeal.match(p, world.interestsAt(u, from))
        expect(match).toBeGreaterThanOrEqual(0)
        expect(match).toBeLessThanOrEqual(1)
        const strange = situation(u, { interests: [] })
        const { context } = everySwitch
        const plain = new Appeal(worldWith({ context: !context }))
        expect(plain.of(p, situation(u))).toBeGreaterThanOrEqual(plain.of(p, strange))
      }),
    )
  })
})

describe('visits', () => {
  const page = fc.uniqueArray(pin, { minLength: 1, maxLength: 25 })

  test('the same answers, the same actions', () => {
    fc.assert(
      fc.property(user, fc.array(page, { minLength: 1, maxLength: 4 }), (u, pages) => {
        const play = () => {
          const visit = new Person(appeal, u).begin(from)
          return pages.map((pins) => visit.look(pins))
        }
        expect(play()).toEqual(play())
      }),
    )
  })

  test('a page is looked at from its top, each pin once, nothing after one leaves', () => {
    fc.assert(
      fc.property(user, page, (u, pins) => {
        const { looks, left } = new Person(appeal, u).begin(from).look(pins)
        const ranks = looks.map((look) => look.rank)
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
        for (const look of looks) {
          expect(look.pin).toBe(pins[look.rank])
          expect(look.dwell > 0).toBe(look.response !== 'none' && look.response !== 'hide')
        }
        if (!left) expect(ranks.length).toBeGreaterThan(0)
      }),
    )
  })

  test('what was saved or hidden is not saved or hidden again', () => {
    const person = new Person(appeal, 5)
    const all = Array.from({ length: size.pins }, (_, p) => p)
    const done = new Map<number, number>()
    for (let n = 0; n < 300; n++) {
      const visit = person.begin(from + n * 3_600_000)
      for (const { pin: p, response } of visit.look(all.slice((n * 25) % 575)).looks) {
        if (response === 'save' || response === 'hide') done.set(p, (done.get(p) ?? 0) + 1)
      }
      visit.end()
    }
    expect(done.size).toBeGreaterThan(10)
    expect(Math.max(...done.values())).toBe(1)
  })

  test('without satiation and leaving, more exposure never lowers expected openings', () => {
    const calm = new Appeal(worldWith({ satiation: false }))
    fc.assert(
      fc.property(user, page, pin, (u, pins, more) => {
        const open = (shown: readonly number[]) =>
          shown.reduce((sum, p, rank) => {
            const { closeup, save, outbound } = chancesOf(calm.of(p, situation(u)))
            return sum + columnFactor(rank) * (closeup + save + outbound)
          }, 0)
        expect(open([...pins, more])).toBeGreaterThanOrEqual(open(pins))
      }),
    )
  })

  test('without a bias of place every pin of a page is seen', () => {
    const fair = new Appeal(worldWith({ positionBias: false }))
    fc.assert(
      fc.property(user, page, (u, pins) => {
        const { looks } = new Person(fair, u).begin(from).look(pins)
        expect(looks.map((look) => look.rank)).toEqual([...pins.keys()])
      }),
    )
  })
})

describe('leaving and coming back', () => {
  const satisfaction = fc.double({ min: -1, max: 1, noNaN: true })

  test('who is pleased leaves later and comes back sooner, and more surely', () => {
    fc.assert(
      fc.property(
        satisfaction,
        satisfaction,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (a, b, unit) => {
          fc.pre(a < b)
          expect(leaveChance(a)).toBeGreaterThanOrEqual(leaveChance(b))
          expect(churnChance(a)).toBeGreaterThanOrEqual(churnChance(b))
          const gap = (s: number) => returnGap({ activity: 1, satisfaction: s }, unit)
          expect(gap(a)).toBeGreaterThanOrEqual(gap(b))
        },
      ),
    )
  })

  test('satisfaction stays bounded', () => {
    fc.assert(
      fc.property(satisfaction, fc.double({ noNaN: true, noDefaultInfinity: true }), (s, mood) => {
        expect(Math.abs(satisfactionAfter(s, mood))).toBeLessThanOrEqual(1)
      }),
    )
    expect(leaveChance(-1e6)).toBe(1)
    expect(leaveDefaults.pinsMax).toBeGreaterThan(25)
  })
})

describe('the world', () => {
  test('the same seed is the same world; more people and pins change none', () => {
    const more = new LatentWorld({ ...size, users: 90, pins: 600 })
    expect(new LatentWorld(size).pins).toEqual(world.pins)
    for (let u = 0; u < size.users; u++) {
      expect(more.interestsAt(u, from)).toEqual(world.interestsAt(u, from))
    }
    expect(more.users.look.subarray(0, world.users.look.length)).toEqual(world.users.look)
    expect(new LatentWorld({ ...size, seed: 8 }).pins).not.toEqual(world.pins)
  })

  test('interests drift: one in eight changes within a month', () => {
    const DAY = 86_400_000
    let changed = 0
    let all = 0
    for (let u = 0; u < size.users; u++) {
      const [now, later] = [0, 30].map((days) => world.interestsAt(u, from + days * DAY))
      for (const [j, topic] of now!.entries()) {
        all++
        if (later![j] !== topic) changed++
      }
    }
    // An eighth has its day within 30 of 240; some near ones change with the one before.
    expect(changed / all).toBeGreaterThan(0.07)
    expect(changed / all).toBeLessThan(0.25)
    const still = worldWith({ drift: false })
    expect(still.interestsAt(4, from + 500 * DAY)).toEqual(still.interestsAt(4, from))
  })

  test('pins are born in order, some while the world runs', () => {
    const births = [...world.pins.birth]
    expect(births).toEqual([...births].sort((a, b) => a - b))
    const share = world.bornAt(from) / size.pins
    expect(share).toBeCloseTo(latentDefaults.bornBefore, 2)
    const warm = worldWith({ coldPins: false })
    expect(warm.bornAt(from)).toBe(size.pins)
  })
})
