import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { letGo } from './garbage.ts'

const BYTES = 2 ** 24

test('an array that nothing holds any more is given back when its thread lets go of it', async () => {
  const held = new SharedArrayBuffer(BYTES)
  const kept = new WeakRef(held)
  const dropped = new WeakRef(new SharedArrayBuffer(BYTES))
  // What was made in a turn of the event loop is held until its end.
  await setImmediate()
  letGo(BYTES)
  expect(dropped.deref()).toBeUndefined()
  expect(kept.deref()).toBe(held)
})
