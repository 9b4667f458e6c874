import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorCode, Random } from '../../../base/index.ts'
import { type Interactions, InteractionsBuilder } from './interactions.ts'
import { lastCount, part, splitParts } from './split.ts'
import { datasetOfUsers, foldOfPast, splitDataset } from './split-dataset.ts'
import { parseSplitRule, type SplitRule, splitText } from './split-rule.ts'
import { built, rawRows } from './testing.ts'

const share = fc.constantFrom(0.1, 0.2, 0.29, 0.5, 0.9)
const byUser: fc.Arbitrary<SplitRule> = fc.oneof(
  fc.constant<SplitRule>({ kind: 'last-out' }),
  share.map((share): SplitRule => ({ kind: 'last-fraction', share })),
)
const byTime: fc.Arbitrary<SplitRule> = fc.oneof(
  share.map((quantile): SplitRule => ({ kind: 'time', quantile })),
  fc.nat(9).map((n): SplitRule => ({ kind: 'time', instant: 1 + 40 * 60_000 * n })),
)
const random = share.map((share): SplitRule => ({ kind: 'random', share }))

const rowsIn = (parts: Uint8Array, wanted: number) =>
  [...parts.keys()].filter((row) => parts[row] === wanted)

/** Rows of a user as `item@time`, of the data or of one side of the cut. */
function texts(
  rows: Pick<Interactions, 'offsets' | 'items' | 'times' | 'saved'>,
  user: number,
): string[] {
  return Array.from({ length: rows.offsets[user + 1]! - rows.offsets[user]! }, (_, i) => {
    const row = rows.offsets[user]! + i
    return `${rows.items[row]}@${rows.times[row]} ${rows.saved[row]}`
  })
}

test('a fold is of the past alone: the last fifth of some users', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), (seed, usersMax) => {
      const random = new Random(seed)
      const builder = new InteractionsBuilder()
      for (let n = 0; n < 300; n++) {
        const [user, item] = [`u${random.below(8)}`, `i${random.below(200)}`]
        builder.meet(user, item, n * 7_200_000, random.below(3) > 0)
      }
      const data = dataOf(builder.build('times', true), { kind: 'last-fraction', share: 0.2 })
      const { past } = data!.split!
      const fold = foldOfPast(data!, { seed: 1, usersMax })
      const { past: before, future: asked } = fold.split!
      let users = 0
      for (let u = 0; u < fold.users; u++) {
        const [own, first, last] = [past, before, asked].map((rows) => texts(rows, u)) as [
          string[],
          string[],
          string[],
        ]
        if (last.length === 0) continue
        users++
        expect([...first, ...last].sort()).toEqual(own.sort())
        expect(last).toHaveLength(lastCount(own.length, 0.2))
      }
      expect(users).toBeLessThanOrEqual(usersMax)
      expect(users).toBeGreaterThan(0)
      expect(fold.test.items).toEqual(asked.items.filter((_, i) => asked.saved[i] === 1))
    }),
  )
})

describe('laws of every split', () => {
  test('each row is in exactly one part, and train, query and test are the saves of theirs', () => {
    fc.assert(
      fc.property(rawRows, fc.oneof(byUser, byTime, random), (raw, rule) => {
        const rows = built(raw)
        const { of } = splitParts(rows, rule, 1)
        expect(of).toHaveLength(rows.items.length)
        expect([...of].every((p) => p === 0 || p === 1 || p === 2)).toBe(true)
        const data = dataOf(rows, rule)
        if (!data?.split) return
        const { past, future, counts } = data.split
        for (let u = 0; u < data.users; u++) {
          const sides = [...texts(past, u), ...texts(future, u)]
          expect(sides.sort()).toEqual(texts(rows, u).sort())
        }
        const saves = (side: typeof past) => side.items.filter((_, i) => side.saved[i] === 1)
        expect(data.query.items).toEqual(saves(past))
        expect(data.test.items).toEqual(saves(future))
        expect(counts.trainRows + counts.testRows).toBe(rows.items.length)
        // A save is a row once, so no pair of user and item is on both sides.
        for (let u = 0; u < data.users; u++) {
          const at = data.query.offsets
          const train = new Set(data.query.items.subarray(at[u], at[u + 1]))
          const test = data.test.items.subarray(data.test.offsets[u], data.test.offsets[u + 1])
          expect(test.filter((item) => train.has(item))).toHaveLength(0)
        }
      }),
    )
  })

  test('by user: nothing in train is later than a test row of that user', () => {
    fc.assert(
      fc.property(rawRows, byUser, (raw, rule) => {
        const rows = built(raw)
        const { of } = splitParts(rows, rule, 1)
        for (let u = 0; u + 1 < rows.offsets.length; u++) {
          const own = of.subarray(rows.offsets[u], rows.offsets[u + 1])
          const times = rows.times.subarray(rows.offsets[u], rows.offsets[u + 1])
          // The parts follow each other in the order of rows, and so in time.
          expect([...own]).toEqual([...own].sort((a, b) => a - b))
          for (const test of rowsIn(own, part.test)) {
            for (const train of rowsIn(own, part.train)) {
              expect(times[train]).toBeLessThanOrEqual(times[test]!)
            }
          }
          if (rule.kind !== 'last-fraction') continue
          expect(rowsIn(own, part.test)).toHaveLength(lastCount(own.length, rule.share))
        }
      }),
    )
  })

  test('by time: nothing in train is at or after the instant, nothing in the test before it', () => {
    fc.assert(
      fc.property(rawRows, byTime, (raw, rule) => {
        const rows = built(raw)
        const { of, instant = Number.NaN } = splitParts(rows, rule, 1)
        for (const row of rowsIn(of, part.train)) expect(rows.times[row]).toBeLessThan(instant)
        for (const row of rowsIn(of, part.test)) {
          expect(rows.times[row]).toBeGreaterThanOrEqual(instant)
        }
        if (rule.kind !== 'time') return
        if ('instant' in rule) expect(instant).toBe(rule.instant)
        else {
          // No later instant would leave as many rows for the test.
          const least = lastCount(rows.items.length, 1 - rule.quantile)
          expect(rowsIn(of, part.test).length).toBeGreaterThanOrEqual(least)
          const after = rows.times.filter((time) => time > instant).length
          if (least > 0) expect(after).toBeLessThan(least)
        }
      }),
    )
  })

  test('by chance: the same seed gives the same parts, another gives others; the share is met', () => {
    const many = built(
      Array.from({ length: 4_000 }, (_, n) => ({ user: n % 4, item: n, time: n, saved: true })),
    )
    const rule = { kind: 'random', share: 0.2 } as const
    const { of } = splitParts(many, rule, 5)
    expect(splitParts(many, rule, 5).of).toEqual(of)
    expect(splitParts(many, rule, 6).of).not.toEqual(of)
    // Four deviations of a binomial: sqrt(4,000 × .2 × .8) = 25.
    expect(Math.abs(rowsIn(of, part.test).length - 800)).toBeLessThan(100)
  })
})

test('last-out: the last save is the test, the one before is for the query, what is seen goes by time', () => {
  const row = (item: number, saved = true) => ({ user: 0, item, time: 1e8 * item, saved })
  const rows = built([row(1), row(2, false), row(3), row(4, false), row(5), row(6), row(7, false)])
  const { of } = splitParts(rows, { kind: 'last-out' }, 1)
  expect([...of]).toEqual([0, 0, 0, 0, 1, 2, 2])
  const short = built([row(1), row(2), row(3, false)])
  expect([...splitParts(short, { kind: 'last-out' }, 1).of]).toEqual([0, 0, 0])
})

function dataOf(rows: Interactions, rule: SplitRule) {
  try {
    return splitDataset(rows, { rule, seed: 1, format: 'recbole' })
  } catch (error) {
    expect(errorCode(error)).toBe('EVALUATION_DATA')
    return undefined
  }
}

test('a part of the users has the rows of those users, whoever else there is', () => {
  fc.assert(
    fc.property(rawRows, fc.uniqueArray(fc.nat(4)), (raw, some) => {
      const rule = { kind: 'last-fraction', share: 0.5 } as const
      const data = dataOf(built(raw), rule)
      if (!data?.split) return
      const users = some.filter((u) => u < data.users)
      const part = datasetOfUsers(data, users)
      expect(part.users).toBe(users.length)
      for (const [i, user] of users.entries()) {
        expect(part.names.users.id(i)).toBe(data.names.users.id(user))
        expect(texts(part.split!.past, i)).toEqual(texts(data.split.past, user))
        expect(texts(part.split!.future, i)).toEqual(texts(data.split.future, user))
      }
    }),
  )
})

describe('the words of --split', () => {
  test.each([
    ['last-out', { kind: 'last-out' }],
    ['last-fraction:0.2', { kind: 'last-fraction', share: 0.2 }],
    ['random:.5', { kind: 'random', share: 0.5 }],
    ['time:0.8', { kind: 'time', quantile: 0.8 }],
    ['time:1600000000000', { kind: 'time', instant: 1_600_000_000_000 }],
    ['time:2020-01-31', { kind: 'time', instant: Date.UTC(2020, 0, 31) }],
    ['time:2020-01-31T12:30', { kind: 'time', instant: Date.UTC(2020, 0, 31, 12, 30) }],
    ['time:2020-01-31T12:30:00+01:00', { kind: 'time', instant: Date.UTC(2020, 0, 31, 11, 30) }],
  ])('%s', (text, rule) => {
    expect(parseSplitRule(text)).toEqual(rule)
    expect(parseSplitRule(splitText(rule as SplitRule))).toEqual(rule)
  })
  test.each([
    '',
    'last',
    'last-out:1',
    'random',
    'random:0',
    'random:1',
    'time:',
    'time:soon',
    'time:-5',
  ])('"%s" is none', (text) => {
    expect(() => parseSplitRule(text)).toThrow(
      expect.objectContaining({ code: 'EVALUATION_OPTIONS' }),
    )
  })
})

test('rows without times, or with an order alone, are not cut by time', () => {
  const raw = [0, 1, 2, 3].map((n) => ({ user: n % 2, item: n, time: n, saved: true }))
  const refused = expect.objectContaining({ code: 'EVALUATION_DATA' })
  const cut = (order: 'none' | 'places', rule: SplitRule) => splitParts(built(raw, order), rule, 1)
  expect(() => cut('places', { kind: 'time', quantile: 0.5 })).toThrow(refused)
  expect(() => cut('none', { kind: 'last-fraction', share: 0.5 })).toThrow(refused)
  expect([...cut('places', { kind: 'last-fraction', share: 0.5 }).of]).toEqual([0, 2, 0, 2])
  expect(cut('none', { kind: 'random', share: 0.5 }).of).toHaveLength(4)
})
