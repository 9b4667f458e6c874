import { expect, test } from 'vitest'
import { ManualClock, systemClock } from '../base/index.ts'
import { openLoop, summary } from './open-loop.ts'

/** Latencies where the first request stops everything for so long. */
async function withStall(stallMs: number): Promise<number[]> {
  const clock = new ManualClock()
  const load = { rate: 100, seconds: 2, seed: 1, clock }
  const told = openLoop(load, async (n) => {
    if (n === 0) clock.advance(stallMs)
  })
  let isOver = false
  const over = told.finally(() => {
    isOver = true
  })
  while (!isOver) {
    clock.advance(1)
    await systemClock.yield()
  }
  await over
  return told
}

test('a stall is seen by every request that it delays', async () => {
  const calm = await withStall(0)
  const stalled = await withStall(500)
  expect(stalled).toHaveLength(calm.length)
  // Two hundred are expected, with a deviation of 14.
  expect(Math.abs(calm.length - 200)).toBeLessThan(60)
  expect(Math.max(...calm)).toBeLessThanOrEqual(3)
  const delayed = stalled.filter((ms) => ms > 3).length
  expect(delayed).toBeGreaterThan(25)
  expect(stalled[0]).toBeGreaterThanOrEqual(500)
  expect(summary(stalled).p99).toBeGreaterThan(450)
})

test('whoever is never answered counts in every percentile', () => {
  const values = [1, 2, 3, Number.POSITIVE_INFINITY]
  expect(summary(values)).toEqual({ count: 4, p50: 3, p99: Infinity, max: Infinity })
})
