import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  aloneOnItsPage,
  decodeState,
  encodeState,
  fillState,
  plainState,
  Random,
} from '../base/index.ts'
import { countEvent, DAYS, dailyKinds, dayCountOf, pinState, totalOf } from './pin-state.ts'
import { pinStateBefore } from './pin-state-before.ts'
import { newNames, standalone } from './testing.ts'

const SLOTS = 8
type Count = { readonly slot: number; readonly column: number; readonly day: number }

/** Bursts that fill a day's bits, a total's byte, and are pushed out by later days. */
const bursts = fc.array(
  fc.record({
    slot: fc.nat(SLOTS - 1),
    column: fc.nat(dailyKinds.length - 1),
    day: fc.nat(14).map((day) => day + 20_000),
    times: fc.oneof(fc.nat(3), fc.constantFrom(15, 16, 17, 255, 256)),
  }),
  { minLength: 1, maxLength: 6 },
)

function stateOf(counts: readonly Count[]) {
  const { handle, context, write } = standalone(pinState)
  const { state } = context
  for (const { slot, column, day } of counts) {
    write(() => countEvent(state, slot, column, day))
  }
  return { handle, state }
}

/** Totals by slot, then the counts of the newest DAYS days by column and day modulo DAYS. */
function model(counts: readonly Count[]) {
  const newest = Math.max(...counts.map(({ day }) => day))
  const totals = new Array<number>(SLOTS).fill(0)
  const byDay = new Array<number>(dailyKinds.length * DAYS).fill(0)
  for (const { slot, column, day } of counts) {
    totals[slot]!++
    if (day > newest - DAYS) byDay[column * DAYS + (day % DAYS)]!++
  }
  return { totals, byDay, newest }
}

test('counts are those of a plain model, and the bytes those of any order', () => {
  fc.assert(
    fc.property(bursts, fc.nat(), (list, seed) => {
      const counts = list.flatMap(({ times, ...count }) => new Array<Count>(times + 1).fill(count))
      const { handle, state } = stateOf(counts)
      const { totals, byDay, newest } = model(counts)
      expect(totals.map((_, slot) => totalOf(state, slot))).toEqual(totals)
      expect(byDay.map((_, i) => dayCountOf(state, Math.floor(i / DAYS), i % DAYS))).toEqual(byDay)
      expect(state.days).toBe(newest + 1)
      const names = newNames()
      const bytes = encodeState(handle, names)
      const shuffled = stateOf(new Random(seed).shuffle([...counts]))
      expect(encodeState(shuffled.handle, names)).toEqual(bytes)
    }),
    { numRuns: 60 },
  )
})

test('a state of version 1 becomes what its events would have made', () => {
  fc.assert(
    fc.property(bursts, (list) => {
      const counts = list.flatMap(({ times, ...count }) => new Array<Count>(times + 1).fill(count))
      const { totals, byDay, newest } = model(counts)
      const old = aloneOnItsPage(pinStateBefore)
      fillState(old, { counts: totals, byDay, days: newest + 1 })
      const names = newNames()
      const handle = aloneOnItsPage(pinState)
      decodeState(handle, encodeState(old, names), names, 'p')
      expect(plainState(handle)).toEqual(plainState(stateOf(counts).handle))
    }),
    { numRuns: 30 },
  )
})

test('most pins take a line of the cache', () => {
  expect(pinState.layout.bytes).toBe(64)
})
