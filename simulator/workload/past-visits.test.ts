import { expect, test } from 'vitest'
import { dayRhythm } from './past-visits.ts'

test('the rhythm of days ascends, keeps whole days and is busiest in the evening', () => {
  const hours = new Uint32Array(24)
  let last = -1
  for (let i = 0; i < 24_000; i++) {
    const at = dayRhythm(i / 24_000)
    expect(at > last).toBe(true)
    last = at
    hours[Math.floor(24 * at)]!++
  }
  expect(dayRhythm(0)).toBeCloseTo(0, 12)
  expect(dayRhythm(17)).toBeCloseTo(17, 12)
  const busiest = hours.indexOf(Math.max(...hours))
  expect(busiest).toBeGreaterThanOrEqual(18)
  expect(busiest).toBeLessThanOrEqual(20)
})
