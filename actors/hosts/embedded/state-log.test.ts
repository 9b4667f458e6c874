import { expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { SimulatedDisk } from '../../../simulator/faults/index.ts'
import { StateLog } from './state-log.ts'
import { decodeState, emittedIn, encodeState } from './state-record.ts'

test('a failed flush is told: commanded actors can keep nothing from then on', async () => {
  const disk = new SimulatedDisk()
  const failures: string[] = []
  const states = await StateLog.open('/data', {
    disk,
    onFailure: (reason) => failures.push(reason),
  })
  await states.put('Counter', 'a', Uint8Array.of(1))
  expect(failures).toEqual([])
  disk.failFlushes(1, new Random(1))
  const refused = { code: 'LOG_WRITE_FAILED' }
  await expect(states.put('Counter', 'a', Uint8Array.of(2))).rejects.toMatchObject(refused)
  await expect(states.put('Counter', 'a', Uint8Array.of(3))).rejects.toMatchObject(refused)
  expect(failures).toEqual(['EIO'])
  expect(states.get('Counter', 'a')).toEqual(Uint8Array.of(1))
})

test('states, what turns emitted, marks and numbers are there after a start', async () => {
  const disk = new SimulatedDisk()
  const states = await StateLog.open('/data', { disk })
  const outgoing = (since: number) => {
    const number = states.nextNumber()
    return { number, since: [since, 2 ** 40], entries: Uint8Array.of(number, 7) }
  }
  await states.put('Counter', 'änna', Uint8Array.of(1), outgoing(3))
  await states.put('Counter', 'b', Uint8Array.of(2))
  await states.put('Counter', 'b', Uint8Array.of(3), outgoing(5))
  await states.mark(1)
  const again = await StateLog.open('/data', { disk: disk.afterKill() })
  expect(again.get('Counter', 'änna')).toEqual(Uint8Array.of(1))
  expect(again.get('Counter', 'b')).toEqual(Uint8Array.of(3))
  const second = { number: 2, since: [5, 2 ** 40], entries: Uint8Array.of(2, 7) }
  expect([...again.unmarked]).toEqual([second])
  await again.mark(2)
  expect([...again.unmarked]).toEqual([])
  expect(again.nextNumber()).toBe(3)
})

test('records come back as they were, with bytes of any kind', () => {
  const random = new Random(5)
  for (let n = 0; n < 200; n++) {
    const bytesOf = (most: number) =>
      Uint8Array.from({ length: random.below(most) }, () => random.below(256))
    const state = { type: 'Counter', id: 'x'.repeat(1 + random.below(200)), bytes: bytesOf(40) }
    const since = Array.from({ length: random.below(64) }, () => random.below(2 ** 30))
    const outgoing = { number: n, since, entries: bytesOf(300) }
    expect(decodeState(encodeState(state))).toEqual({ ...state, outgoing: undefined })
    const both = encodeState({ ...state, outgoing })
    const { outgoing: found, ...rest } = decodeState(both) as typeof state & {
      outgoing: typeof outgoing
    }
    expect(rest).toEqual(state)
    expect({ ...found, entries: Uint8Array.from(found.entries) }).toEqual(outgoing)
    expect(Uint8Array.from(emittedIn(both)!)).toEqual(outgoing.entries)
    expect(emittedIn(encodeState(state))).toBeUndefined()
  }
  expect(decodeState(encodeState({ sentThrough: 2 ** 45 }))).toEqual({ sentThrough: 2 ** 45 })
})
