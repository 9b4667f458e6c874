import { expect, test } from 'vitest'
import { ManualClock } from './clock.ts'
import { inTime } from './in-time.ts'

test('what comes in time, what fails in time, and what does not come', async () => {
  const clock = new ManualClock()
  expect(await inTime(clock, 10, Promise.resolve(7))).toBe(7)
  await expect(inTime(clock, 10, Promise.reject(new Error('it broke')))).rejects.toThrow('it broke')
  const never = inTime(clock, 10, new Promise(() => {}))
  clock.advance(9)
  const first = await Promise.race([never, Promise.resolve('not yet')])
  expect(first).toBe('not yet')
  clock.advance(1)
  expect(await never).toBeUndefined()
})
