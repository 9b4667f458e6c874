import { expect, test } from 'vitest'
import { recentRows } from './recent-rows.ts'

test('the last rows of each user stay, with what was drawn beside them', () => {
  // User 1 is shown pins 10, 11, 12, 13; user 2 pin 20; a pin is drawn beside each.
  const users = [1, 1, 1, 1, 2, 2, 1, 1, 1, 1]
  const pins = [10, 90, 11, 91, 20, 92, 12, 93, 13, 94]
  const column = <T>(of: (row: number) => T) => users.map((_, row) => of(row))
  const rows = {
    names: ['a', 'b'],
    features: Float32Array.from(column((row) => [row, -row]).flat()),
    labels: Float32Array.from(column((row) => row % 2)),
    weights: new Float32Array(10).fill(1),
    ranks: Uint16Array.from(column((row) => row)),
    times: Float64Array.from(column((row) => row)),
    users: Uint32Array.from(users),
    pins: Uint32Array.from(pins),
    drawn: Uint8Array.from(column((row) => row % 2)),
    propensities: new Float32Array(10).fill(0.5),
    drawChances: new Float32Array(10).fill(0.1),
  }
  const kept = recentRows(rows, 0.5)
  expect([...kept.pins]).toEqual([20, 92, 12, 93, 13, 94])
  expect([...kept.features]).toEqual([4, -4, 5, -5, 6, -6, 7, -7, 8, -8, 9, -9])
  expect([...kept.times]).toEqual([4, 5, 6, 7, 8, 9])
  expect(recentRows(rows, 1)).toEqual(rows)
})
