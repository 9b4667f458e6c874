import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Frame } from '../../log/index.ts'
import { biteDefaults, bitesOf } from './bites.ts'

const frame = (sequence: number, count = 10): Frame => {
  return { partition: 0, sequence, first: sequence * 100, count, payload: new Uint8Array(0) }
}
const lasting = new AbortController().signal
const sequences = (frames: readonly Frame[]) => frames.map(({ sequence }) => sequence)

test('what came meanwhile is one bite, and nothing is lost or moved', async () => {
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  async function* source() {
    for (const [n, gate] of gates.entries()) {
      await gate.promise
      yield frame(n)
    }
  }
  const bites = bitesOf(source(), lasting)
  gates[0]!.resolve()
  expect(sequences((await bites.next()).value)).toEqual([0])
  for (const gate of gates.slice(1)) gate.resolve()
  await setImmediate()
  expect(sequences((await bites.next()).value)).toEqual([1, 2, 3, 4])
  expect((await bites.next()).done).toBe(true)
})

test('a bite ends with the frame that fills it, and no more is read ahead than is allowed', async () => {
  let read = 0
  async function* source() {
    for (;;) yield frame(read++, biteDefaults.entries / 2)
  }
  const bites = bitesOf(source(), lasting)
  expect(sequences((await bites.next()).value)).toEqual([0])
  await setImmediate()
  expect(read).toBeLessThanOrEqual(biteDefaults.frames + 2)
  expect(sequences((await bites.next()).value)).toEqual([1, 2])
  await bites.return(undefined)
})

test('what the source throws comes after what it gave', async () => {
  async function* source() {
    yield frame(0)
    throw new Error('it is gone')
  }
  const bites = bitesOf(source(), lasting)
  expect(sequences((await bites.next()).value)).toEqual([0])
  await expect(bites.next()).rejects.toThrow('it is gone')
})

test('when it is aborted it ends at once, whatever its source waits for', async () => {
  const stop = new AbortController()
  async function* source() {
    yield frame(0)
    await new Promise(() => {})
  }
  const bites = bitesOf(source(), stop.signal)
  expect(sequences((await bites.next()).value)).toEqual([0])
  const next = bites.next()
  stop.abort()
  expect((await next).done).toBe(true)
})
