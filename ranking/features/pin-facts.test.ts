import { expect, test } from 'vitest'
import { kindCode, NONE, type PinIndex, Random, type TagIndex } from '../../base/index.ts'
import { FeatureTable } from './feature-table.ts'
import { FACT_TAGS, PinFacts } from './pin-facts.ts'

const DAY_MS = 86_400_000
const gathered = (table: FeatureTable, pins: readonly number[]) => {
  const facts = new PinFacts()
  facts.gather(table, Uint32Array.from(pins), [...pins.keys()], 0, pins.length)
  return facts
}

test('recent saves are those of the window, older ones counting less', () => {
  const table = FeatureTable.create(2)
  for (const day of [0, 10, 10, 14]) {
    table.applyEvent(kindCode.save, 0 as PinIndex, day * DAY_MS + 1)
  }
  const at = 14 * DAY_MS + 5
  const facts = gathered(table, [0, 1])
  expect(facts.recentSaves(at, 2)(0)).toBeCloseTo(1 + 2 * 0.25, 12)
  expect(facts.recentSaves(at + 2 * DAY_MS, 2)(0)).toBeCloseTo((1 + 2 * 0.25) / 2, 12)
  expect(facts.recentSaves(at, 2)(1)).toBe(0)
  // Of the fourteenth nothing was known then.
  expect(facts.recentSaves(11 * DAY_MS, 2)(0)).toBeCloseTo(2 * 0.5 ** 0.5, 12)
})

test('recent saves equal a sum over single events, whatever the times', () => {
  const random = new Random(4)
  for (let world = 0; world < 50; world++) {
    const table = FeatureTable.create(1)
    const days = Array.from({ length: 12 }, () => random.below(30))
    for (const day of days) table.applyEvent(kindCode.save, 0 as PinIndex, day * DAY_MS)
    const at = random.below(40)
    const newest = Math.max(...days)
    const kept = days.filter((day) => day > newest - 8 && day <= at)
    const expected = kept.reduce((sum, day) => sum + 0.5 ** ((at - day) / 3), 0)
    expect(gathered(table, [0]).recentSaves(at * DAY_MS, 3)(0)).toBeCloseTo(expected, 10)
  }
})

test('facts are those of the table, in the order that is asked for; none of a pin unheard of', () => {
  const table = FeatureTable.create(3)
  const told = { created: 7, topic: 5 as TagIndex, tags: [1, 2] as TagIndex[] }
  table.applyPin(1 as PinIndex, 9, told)
  for (const kind of [kindCode.impression, kindCode.impression, kindCode.closeup, kindCode.hide]) {
    table.applyEvent(kind, 1 as PinIndex, DAY_MS)
  }
  const facts = gathered(table, [0, 99, 1])
  const counts = (row: number) =>
    [facts.saves, facts.impressions, facts.closeups, facts.hides, facts.created].map((c) => c[row])
  expect(counts(2)).toEqual([0, 2, 1, 1, 7])
  expect(facts.topic[2]).toBe(5)
  const tags = facts.tags.subarray(2 * FACT_TAGS, 3 * FACT_TAGS)
  expect([...tags]).toEqual([1, 2, ...new Array(FACT_TAGS - 2).fill(NONE)])
  for (const row of [0, 1]) {
    expect(counts(row)).toEqual([0, 0, 0, 0, 0])
    expect([facts.topic[row], facts.tags[row * FACT_TAGS]]).toEqual([NONE, NONE])
  }
})
