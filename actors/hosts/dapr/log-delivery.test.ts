import { expect, test } from 'vitest'
import { ManualClock, pinwheelError } from '../../../base/index.ts'
import { SimulatedDisk } from '../../../simulator/faults/index.ts'
import { EntryWriter, openFileLog } from '../../log/index.ts'
import { DeliveredFileLog } from './delivered-log.ts'
import { LogDelivery } from './log-delivery.ts'
import { MemoryDocuments } from './testing.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what a shard will not take waits until it is mended, and that is told', async () => {
  const log = await openFileLog({ directory: '/d', partitions: 1, disk: new SimulatedDisk() })
  const clock = new ManualClock()
  const taken: number[] = []
  const told: unknown[] = []
  const damaged = pinwheelError('STATE_DAMAGED', { type: 'User', id: 'u', reason: 'it is cut off' })
  let isDamaged = true
  const delivery = new LogDelivery({
    log: new DeliveredFileLog(log),
    store: new MemoryDocuments(),
    types: [{ name: 'User', space: 'user' }],
    shards: 4,
    clock,
    send: async (_type, _shard, { positions }) => {
      if (isDamaged) throw damaged
      taken.push(...positions)
      return { written: positions.at(-1) ?? -1 }
    },
    onRefused: (error) => told.push(error),
  })
  delivery.start(0)
  await turn()
  const append = async (id: string) => {
    const writer = new EntryWriter()
    writer.append({ kind: 'save', id, time: 1, user: 'u', pin: 'p' })
    const { payload, count } = writer.take()
    await log.append(0, payload, count)
  }
  await append('a')
  await append('b')
  await turn()
  await expect(delivery.reached([1])).rejects.toBe(damaged)
  clock.advance(2_000)
  await turn()
  await expect(delivery.reached([1])).rejects.toBe(damaged)
  expect([told, taken]).toEqual([[damaged], []])
  isDamaged = false
  clock.advance(2_000)
  await turn()
  await delivery.reached([1])
  expect(taken).toEqual([0, 1])
  await delivery.stop()
})
