/** The laws of a slate, for any pins and any rules. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NONE, type PinIndex } from '../../base/index.ts'
import { cappedSlate, plainSlate, softDepth } from './capped.ts'
import { qualityPrior } from './quality.ts'
import { type Cap, capKinds, roomOf, rulesDefaults, type SlateRules } from './rules.ts'
import {
  keyOf,
  oncePerPicture,
  rankingOf,
  rulesWith,
  shownPins,
  type TestPin,
  testPins,
} from './testing.ts'

const cap: fc.Arbitrary<Cap> = fc.record(
  { count: fc.integer({ min: 1, max: 4 }), share: fc.double({ min: 0, max: 1, noNaN: true }) },
  { requiredKeys: [] },
)
const caps = fc.record({ board: cap, topic: cap, creator: cap }, { requiredKeys: [] })
const anyRules: fc.Arbitrary<SlateRules> = fc.record({
  caps: fc.record({ hard: caps, soft: caps }),
  block: fc.record({ tags: fc.subarray(['t0', 't1', 't5', 'nowhere']) }),
  languages: fc.record({ allow: fc.subarray(['l0', 'l1']), unknown: fc.boolean() }),
  quality: fc.record({ min: fc.constantFrom(0, 0.02, 0.06) }),
  served: fc.constant({ requests: 3, hours: 1 }),
  duplicates: fc.record({ allow: fc.boolean() }),
  diversity: fc.record({
    method: fc.constantFrom('off', 'mmr', 'dpp'),
    lambda: fc.constantFrom(0, 0.4, 1),
    pool: fc.constantFrom(1, 5, 500),
  }),
  explore: fc.record({
    slots: fc.nat(4),
    chance: fc.constantFrom(0, 0.5, 1),
    from: fc.constantFrom('reserve', 'fresh'),
    pool: fc.constantFrom(1, 6, 50),
  }),
})
const limit = fc.integer({ min: 1, max: 12 })
const served = fc.uniqueArray(fc.nat(23) as fc.Arbitrary<PinIndex>, { maxLength: 6 })
const seed = fc.nat(1_000)

/** What the rules allow of a pin by itself, said once more. */
function isAllowed(pin: TestPin, { block, languages, quality }: SlateRules): boolean {
  const tags = [...(pin.tags ?? []), ...(pin.topic === undefined ? [] : [pin.topic])]
  if (pin.gone || tags.some((tag) => block.tags.includes(`t${tag}`))) return false
  const speaks =
    pin.language === undefined ? languages.unknown : languages.allow.includes(`l${pin.language}`)
  if (languages.allow.length > 0 && !speaks) return false
  const { saves = 0, impressions = 0 } = pin
  const shown = qualityPrior.impressions + Math.max(impressions, saves)
  return (qualityPrior.saves + saves) / shown >= quality.min
}

/** Pins that the rules leave to choose from. */
function allowed(pins: readonly TestPin[], rules: SlateRules): number[] {
  const each = pins.flatMap((pin, p) => (isAllowed(pin, rules) ? [p] : []))
  return rules.duplicates.allow ? each : oncePerPicture(pins, each)
}

/** Pins of one key that a slate has, at most. */
function most(pins: readonly TestPin[], kind: (typeof capKinds)[number]): number {
  const counts = new Map<number, number>()
  for (const pin of pins) {
    const key = keyOf(pin, kind)
    if (key !== NONE) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values())
}

const keeps = (pins: readonly TestPin[], rules: SlateRules, limit: number) =>
  capKinds.every((kind) => most(pins, kind) <= roomOf(rules.caps.hard[kind], limit))

test.each([cappedSlate, plainSlate])(
  '$name: nothing that the rules forbid, whatever comes',
  (s) => {
    const property = fc.property(
      testPins(),
      anyRules,
      fc.record({ limit, served, seed }),
      (pins, rules, asked) => {
        const ranking = rankingOf(pins, rules, asked)
        s.select(ranking)
        const shown = shownPins(ranking)
        expect(new Set(shown).size).toBe(shown.length)
        expect(shown.length).toBeLessThanOrEqual(asked.limit)
        const pinsShown = shown.map((p) => pins[p]!)
        const open = allowed(pins, rules)
        expect(shown.filter((p) => !open.includes(p))).toEqual([])
        expect(keeps(pinsShown, rules, asked.limit)).toBe(true)
        // It ends early only where nothing else is allowed beside what stands there.
        if (shown.length === asked.limit) return
        const others = open.filter((p) => !shown.includes(p)).map((p) => pins[p]!)
        // What chance put there may leave room for another.
        if (ranking.propensities) return
        expect(others.filter((pin) => keeps([...pinsShown, pin], rules, asked.limit))).toEqual([])
      },
    )
    fc.assert(property, { numRuns: 150 })
  },
)

test('with caps of one kind, as long as any slate that keeps them', () => {
  const oneCap = fc.record({
    kind: fc.constantFrom(...capKinds),
    count: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(testPins(), anyRules, oneCap, limit, (pins, any, { kind, count }, limit) => {
      const rules = { ...any, caps: { ...any.caps, hard: { [kind]: { count } } } }
      const ranking = rankingOf(pins, rules, { limit })
      cappedSlate.select(ranking)
      const room = new Map<number, number>()
      let possible = 0
      for (const p of allowed(pins, rules)) {
        const key = keyOf(pins[p]!, kind)
        const used = room.get(key) ?? 0
        if (key !== NONE && used === count) continue
        room.set(key, used + 1)
        possible++
      }
      expect(ranking.slate.length).toBe(Math.min(limit, possible))
    }),
    { numRuns: 100 },
  )
})

test('the order in which candidates were found decides nothing; nor does asking again', () => {
  fc.assert(
    fc.property(testPins(), anyRules, limit, fc.nat(), (pins, rules, limit, shuffle) => {
      const found = pins
        .map((_, p) => p)
        .sort((a, b) => ((a * 7 + shuffle) % 5) - ((b * 7 + shuffle) % 5))
      const answers = [undefined, found, undefined].map((order) => {
        const ranking = rankingOf(pins, rules, { limit }, order)
        cappedSlate.select(ranking)
        return [shownPins(ranking), ranking.propensities, ranking.dropped]
      })
      expect(answers[1]).toEqual(answers[0])
      expect(answers[2]).toEqual(answers[0])
    }),
  )
})

test('without rules it is the best by score, under soft caps', () => {
  fc.assert(
    fc.property(testPins(40), fc.integer({ min: 1, max: 20 }), (pins, limit) => {
      const ranking = rankingOf(pins, rulesDefaults, { limit })
      cappedSlate.select(ranking)
      const left = allowed(pins, rulesDefaults)
      left.sort((a, b) => pins[b]!.score - pins[a]!.score || (`p${a}` < `p${b}` ? -1 : 1))
      const [slate, reserve] = [[] as number[], [] as number[]]
      const perTopic = Math.max(2, Math.ceil(limit * 0.6))
      for (const p of left) {
        const same = (kind: 'board' | 'topic') =>
          slate.filter((q) => keyOf(pins[q]!, kind) === keyOf(pins[p]!, kind)).length
        const boardFits = pins[p]!.board === undefined || same('board') < 4
        const fits = slate.length < limit && same('topic') < perTopic && boardFits
        ;(fits ? slate : reserve).push(p)
      }
      expect(shownPins(ranking)).toEqual([...slate, ...reserve].slice(0, limit))
      expect(ranking.propensities).toBeUndefined()
    }),
  )
})

test('a soft cap looks among the best alone', () => {
  const shown = (other: number) => {
    const pins = Array.from({ length: softDepth + 50 }, (_, p): TestPin => {
      return { score: -p, topic: Number(p === other) }
    })
    const ranking = rankingOf(pins, rulesDefaults, { limit: 10 })
    cappedSlate.select(ranking)
    return shownPins(ranking)
  }
  const best = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  expect(shown(softDepth + 10)).toEqual(best)
  expect(shown(softDepth - 10)).toEqual([...best.slice(0, 6), softDepth - 10, 6, 7, 8])
})

test('of the same thing saved twice the best is shown, the others as if they were not', () => {
  fc.assert(
    fc.property(testPins(40), anyRules, limit, (pins, any, limit) => {
      const rules = { ...any, duplicates: { allow: false } }
      const ranking = rankingOf(pins, rules, { limit })
      cappedSlate.select(ranking)
      const once = allowed(pins, rules)
      const bare = rankingOf(pins, { ...any, duplicates: { allow: true } }, { limit }, once)
      cappedSlate.select(bare)
      expect(shownPins(ranking)).toEqual(shownPins(bare))
      expect(ranking.propensities).toEqual(bare.propensities)
      const every = allowed(pins, { ...rules, duplicates: { allow: true } }).length
      expect(ranking.dropped?.['duplicate'] ?? 0).toBe(every - once.length)
    }),
  )
})

test('what was served lately comes only when nothing else may be shown', () => {
  const rules = fc.record({ caps: fc.record({ hard: caps, soft: caps }) }).map(rulesWith)
  fc.assert(
    fc.property(testPins(), rules, limit, served, (pins, rules, limit, served) => {
      const ranking = rankingOf(pins, rules, { limit, served })
      cappedSlate.select(ranking)
      const shown = shownPins(ranking)
      const first = shown.findIndex((p) => served.includes(p as PinIndex))
      if (first < 0) return
      expect(shown.slice(first).every((p) => served.includes(p as PinIndex))).toBe(true)
      const before = shown.slice(0, first).map((p) => pins[p]!)
      const others = allowed(pins, rules)
        .filter((p) => !served.includes(p as PinIndex) && !shown.includes(p))
        .map((p) => pins[p]!)
      expect(others.filter((pin) => keeps([...before, pin], rules, limit))).toEqual([])
    }),
    { numRuns: 100 },
  )
})

test('what was passed over is counted by the rule in its way', () => {
  const pins: TestPin[] = [
    { score: 0.9, tags: [1], board: 0 },
    { score: 0.8, board: 0 },
    { score: 0.75, board: 0 },
    { score: 0.7, board: 1, topic: 1 },
    { score: 0.6, language: 1 },
    { score: 0.5, gone: true },
    { score: 0.4, topic: 2 },
    { score: 0.3, topic: 2 },
    { score: 0.2, topic: 3 },
    { score: 0.1, impressions: 200 },
  ]
  const rules = rulesWith({
    caps: { hard: { board: { count: 1 } }, soft: { topic: { count: 1 } } },
    block: { tags: ['t1'] },
    languages: { allow: ['l0'], unknown: true },
    quality: { min: 0.01 },
  })
  const dropped = { 'blocked tag': 2, language: 1, quality: 1, gone: 1 }
  const ranking = rankingOf(pins, rules, { limit: 3 })
  cappedSlate.select(ranking)
  expect(shownPins(ranking)).toEqual([1, 6, 8])
  const caps = { 'hard cap of a board': 1, 'soft cap of a topic': 1 }
  expect(ranking.dropped).toEqual({ ...dropped, ...caps })
  const again = rankingOf(pins, rules, { limit: 2, served: [1, 2] as PinIndex[] })
  cappedSlate.select(again)
  expect(shownPins(again)).toEqual([6, 8])
  expect(again.dropped).toEqual({ ...dropped, 'served lately': 2, 'soft cap of a topic': 1 })
})
