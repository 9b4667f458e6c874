import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kindCode, NONE, type PinIndex, Random, type TagIndex } from '../../base/index.ts'
import { FeatureTable } from './feature-table.ts'

const DAY = 86_400_000
const event = fc.record({
  kind: fc.constantFrom(kindCode.save, kindCode.impression, kindCode.closeup, kindCode.hide),
  pin: fc.nat(3),
  time: fc.nat(25).map((day) => day * DAY + 7),
})

const contents = (table: FeatureTable) =>
  Object.fromEntries(Object.entries(table.columns).map(([name, column]) => [name, [...column]]))

test('counters are a function of the multiset of events, whatever their order', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.nat(), (events, seed) => {
      const fold = (list: typeof events) => {
        const table = FeatureTable.create(4)
        for (const { kind, pin, time } of list) table.applyEvent(kind, pin as PinIndex, time)
        return contents(table)
      }
      expect(fold(new Random(seed).shuffle([...events]))).toEqual(fold(events))
    }),
  )
})

test('a later description wins, an older one is not heard, a deleted pin is gone', () => {
  const table = FeatureTable.create(2)
  const pin = 1 as PinIndex
  expect([table.topic(1), table.tag(1, 0)]).toEqual([NONE, NONE])
  table.applyPin(pin, 5, { topic: 3 as TagIndex, tags: [0 as TagIndex] })
  table.applyPin(pin, 4, { topic: 9 as TagIndex })
  expect([table.topic(1), table.tag(1, 0), table.tag(1, 1)]).toEqual([3, 0, NONE])
  table.deletePin(pin, 6)
  expect(table.isGone(1)).toBe(true)
  table.applyPin(pin, 5, {})
  expect(table.isGone(1)).toBe(true)
  table.applyPin(pin, 7, {})
  expect(table.isGone(1)).toBe(false)
  expect(table.pinCount).toBe(2)
})
