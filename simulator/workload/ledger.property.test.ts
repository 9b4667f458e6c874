import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ledger, type Row } from './ledger.ts'

const row = (time: number): Row => ({
  kind: 0,
  time,
  user: 0,
  subject: 0,
  board: -1,
  request: 0,
  device: 0,
  place: 0,
  rank: 0,
  propensity: 1,
  viewed: false,
  dwell: 0,
})

test('inOrder is the stable sort by time', () => {
  // Close together, and as far apart as dates can be.
  const time = fc.oneof(fc.integer({ min: 1.7e12, max: 1.7e12 + 20 }), fc.integer({ max: 8.64e15 }))
  const times = fc.array(time, { maxLength: 50 })
  fc.assert(
    fc.property(times, (list) => {
      const ledger = new Ledger(list.length)
      for (const time of list) ledger.append(row(time))
      const expected = [...list.keys()].sort((a, b) => list[a]! - list[b]! || a - b)
      expect([...ledger.inOrder()]).toEqual(expected)
    }),
  )
})

test('a full ledger drops what comes', () => {
  const ledger = new Ledger(1)
  ledger.append(row(5))
  ledger.append(row(6))
  expect([ledger.count, ledger.full, ledger.time[0]]).toEqual([1, true, 5])
})
