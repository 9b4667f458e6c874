import { expect, test } from 'vitest'
import { ManualClock, systemClock } from './clock.ts'

test('manual time wakes sleepers in order, and only when it has come', async () => {
  const clock = new ManualClock(100)
  const heard: string[] = []
  void clock.sleep(20).then(() => heard.push('twenty'))
  void clock.sleep(10).then(() => heard.push('ten'))
  let ticks = 0
  const stop = clock.every(5, () => ticks++)
  clock.advance(9)
  await Promise.resolve()
  expect([heard, ticks]).toEqual([[], 1])
  clock.advance(11)
  await Promise.resolve()
  expect([heard, ticks, clock.now()]).toEqual([['ten', 'twenty'], 4, 120])
  stop()
  clock.advance(50)
  expect(ticks).toBe(4)
})

test('a sleep ends early with the signal’s reason', async () => {
  const controller = new AbortController()
  const sleeping = systemClock.sleep(60_000, controller.signal)
  controller.abort(new Error('enough'))
  await expect(sleeping).rejects.toThrow('enough')
  await expect(systemClock.sleep(1, controller.signal)).rejects.toThrow('enough')
})
