/** Propensities are probabilities: counted over many seeds, and kept beside every rule. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PinIndex } from '../../base/index.ts'
import { cappedSlate } from './capped.ts'
import { capKinds, roomOf, type SlateRules } from './rules.ts'
import { keyOf, rankingOf, rulesWith, shownPins, type TestPin } from './testing.ts'

const SEEDS = 4_000

/** The answers of one ranking to many seeds. */
function answers(pins: readonly TestPin[], rules: SlateRules, limit: number) {
  const ranking = rankingOf(pins, rules, { limit })
  return (seed: number) => {
    const seeded = { ...ranking, request: { ...ranking.request, seed } }
    cappedSlate.select(seeded)
    return { pins: shownPins(seeded), propensities: seeded.propensities ?? [] }
  }
}

const exploring = (
  explore: Partial<SlateRules['explore']>,
  caps: Partial<SlateRules['caps']> = {},
) =>
  rulesWith({
    caps: { hard: {}, soft: {}, ...caps },
    explore: { slots: 2, chance: 0.3, from: 'reserve', pool: 6, ...explore },
  })

const many = Array.from({ length: 12 }, (_, i): TestPin => {
  return { score: 1 - i / 20, topic: i % 3, board: i % 5, fresh: i % 2 === 1 }
})

describe.each([
  ['the reserve', exploring({})],
  ['fresh pins', exploring({ from: 'fresh' })],
  ['the reserve, under caps', exploring({ slots: 3, pool: 50 }, { hard: { topic: { count: 2 } } })],
  ['chance alone', exploring({ chance: 1 })],
] as const)('drawn from %s', (_, rules) => {
  // Frequencies of a binomial: five standard deviations leave one run in two million, each time.
  test('a pin stands at its rank as often as its propensity says', () => {
    const counts = new Map<string, { stated: number; times: number }>()
    const asked = answers(many, rules, 6)
    let changed = 0
    for (let seed = 0; seed < SEEDS; seed++) {
      const { pins, propensities } = asked(seed)
      pins.forEach((pin, rank) => {
        const stated = propensities[rank]!
        const entry = counts.get(`${pin} at ${rank}`) ?? { stated, times: 0 }
        if (entry.stated !== stated) changed++
        entry.times++
        counts.set(`${pin} at ${rank}`, entry)
      })
    }
    // One and the same, whatever was drawn elsewhere.
    expect(changed).toBe(0)
    const drawn = [...counts.values()].filter(({ stated }) => stated < 1)
    expect(drawn.length).toBeGreaterThan(3)
    for (const { stated, times } of counts.values()) {
      expect(stated).toBeGreaterThan(0)
      const deviation = Math.sqrt((stated * (1 - stated)) / SEEDS)
      expect(Math.abs(times / SEEDS - stated)).toBeLessThanOrEqual(5 * deviation)
    }
    // Nobody was forgotten: at each rank the propensities of all that may stand there sum to 1.
    for (let rank = 0; rank < 6; rank++) {
      const here = [...counts].filter(([name]) => name.endsWith(`at ${rank}`))
      expect(here.reduce((sum, [, { stated }]) => sum + stated, 0)).toBeCloseTo(1, 9)
    }
  })
})

test('whatever is drawn, caps hold and no pin stands twice', () => {
  const pin = fc.record({ topic: fc.nat(2), board: fc.nat(5), score: fc.nat(9).map((n) => n / 10) })
  const capsOf = (count: number) => ({ topic: { count }, creator: { count: count + 1 } })
  fc.assert(
    fc.property(
      fc.array(pin, { minLength: 4, maxLength: 24 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(),
      (pins, count, slots, seed) => {
        const hard = capsOf(count)
        const rules = exploring({ slots, chance: 1, pool: 50 }, { hard })
        const shown = answers(pins, rules, 8)(seed).pins
        const calm = answers(pins, exploring({ slots: 0 }, { hard }), 8)(seed).pins
        expect(new Set(shown).size).toBe(shown.length)
        expect(shown.length).toBe(calm.length)
        for (const kind of capKinds) {
          const keys = shown.map((p) => keyOf(pins[p]!, kind))
          const room = roomOf(rules.caps.hard[kind], 8)
          for (const key of keys) {
            expect(keys.filter((other) => other === key).length).toBeLessThanOrEqual(room)
          }
        }
      },
    ),
    { numRuns: 200 },
  )
})

test('lists of related pins do not explore: one seed is behind all of them', () => {
  const asked = { limit: 4, relatedTo: [11 as PinIndex] }
  const ranking = rankingOf(many, exploring({ chance: 1 }), asked)
  cappedSlate.select(ranking)
  expect(shownPins(ranking)).toEqual([0, 1, 2, 3])
  expect(ranking.propensities).toBeUndefined()
})

test('what was served lately is not drawn', () => {
  const served = [4, 5, 6, 7, 8, 9] as PinIndex[]
  for (let seed = 0; seed < 200; seed++) {
    const ranking = rankingOf(many, exploring({ chance: 1 }), { limit: 4, seed, served })
    cappedSlate.select(ranking)
    expect(shownPins(ranking).filter((p) => served.includes(p as PinIndex))).toEqual([])
  }
})
