import { expect, test } from 'vitest'
import { ManualClock } from '../../base/index.ts'
import { Pace } from './pace.ts'

/** Whoever sleeps sleeps at once. */
class QuickClock extends ManualClock {
  override async sleep(ms: number): Promise<void> {
    this.advance(ms)
  }
}

/** How long so many slices of two milliseconds take. */
async function took(share: number, slices: number): Promise<number> {
  const clock = new QuickClock()
  const pace = new Pace(share, clock)
  for (let n = 0; n < slices; n++) {
    await pace.rest()
    pace.work(() => clock.advance(2))
  }
  await pace.rest()
  return clock.now()
}

test('work takes its share of the time, and all of it where that is one', async () => {
  expect(await took(1, 50)).toBe(100)
  expect(await took(0.25, 50)).toBe(400)
  expect(await took(0.5, 50)).toBe(200)
})
