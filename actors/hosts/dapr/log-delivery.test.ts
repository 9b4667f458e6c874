import { expect, test } from 'vitest'
import { ManualClock, pinwheelError } from '../../../base/index.ts'
import { SimulatedDisk } from '../../../simulator/faults/index.ts'
import { EntryWriter, type EventLog, openFileLog } from '../../log/index.ts'
import { DeliveredFileLog } from './delivered-log.ts'
import { LogDelivery } from './log-delivery.ts'
import { MemoryDocuments } from './testing.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Appends a save of a user. */
async function save(log: EventLog, id: string): Promise<void> {
  const writer = new EntryWriter()
  writer.append({ kind: 'save', id, time: 1, user: 'u', pin: 'p' })
  const { payload, count } = writer.take()
  await log.append(0, payload, count)
}

/** Lets time pass, and all run that waits for it. */
async function pass(clock: ManualClock, ms: number, step = 100): Promise<void> {
  for (let n = 0; n < ms / step; n++) {
    clock.advance(step)
    await turn()
  }
}

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
  await save(log, 'a')
  await save(log, 'b')
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

test('what a shard lacks is sent before anything else, though the log cannot be read for a while', async () => {
  const log = await openFileLog({ directory: '/d', partitions: 1, disk: new SimulatedDisk() })
  const delivered = new DeliveredFileLog(log)
  const clock = new ManualClock()
  /** What the shard has. */
  let held: number[] = []
  let isAway = false
  const delivery = new LogDelivery({
    log: {
      partitions: 1,
      follow: (...asked) => delivered.follow(...asked),
      range: (...asked) => {
        if (!isAway) return delivered.range(...asked)
        throw pinwheelError('INGEST_UNREACHABLE', { address: 'nats', reason: 'it was killed' })
      },
    },
    store: new MemoryDocuments(),
    types: [{ name: 'User', space: 'user' }],
    shards: 1,
    clock,
    lookMs: 1_000,
    send: async (type, shard, { after, positions }) => {
      const floor = held.at(-1) ?? -1
      if (after === undefined || after > floor) {
        throw pinwheelError('SHARD_BEHIND', { type, shard, partition: 0, position: floor })
      }
      held.push(...positions.filter((position) => position > floor))
      return { written: -1 }
    },
  })
  delivery.start(0)
  await turn()
  await save(log, 'a')
  await save(log, 'b')
  await pass(clock, 2_500)
  expect(held).toEqual([0, 1])
  // Its host dies before anything is written, and the log is away when that is found out.
  held = []
  isAway = true
  await pass(clock, 3_000)
  expect(held).toEqual([])
  await save(log, 'c')
  await pass(clock, 1_000)
  isAway = false
  await pass(clock, 2_000)
  expect(held).toEqual([0, 1, 2])
  await delivery.stop()
})

test('who is ended while a shard lacks something ends, and does not say that it is written', async () => {
  const log = await openFileLog({ directory: '/d', partitions: 1, disk: new SimulatedDisk() })
  const delivered = new DeliveredFileLog(log)
  const clock = new ManualClock()
  const store = new MemoryDocuments()
  let floor = -1
  let asked = 0
  const delivery = new LogDelivery({
    log: {
      partitions: 1,
      follow: (...from) => delivered.follow(...from),
      // Its server never answers.
      async *range() {
        asked++
        await new Promise(() => {})
      },
    },
    store,
    types: [{ name: 'User', space: 'user' }],
    shards: 1,
    clock,
    lookMs: 1_000,
    send: async (type, shard, { after, positions }) => {
      if (after === undefined || after > floor) {
        throw pinwheelError('SHARD_BEHIND', { type, shard, partition: 0, position: floor })
      }
      floor = positions.at(-1) ?? floor
      return { written: -1 }
    },
  })
  delivery.start(0)
  await turn()
  await save(log, 'a')
  await pass(clock, 1_500)
  expect(floor).toBe(0)
  // Its host dies, and the shard comes back with nothing.
  floor = -1
  await pass(clock, 3_000)
  expect(asked).toBe(1)
  await delivery.stop()
  expect(store.documents.get('Delivery-0')?.applied.get(0) ?? -1).toBe(-1)
})

test('who is replaced asks its shards nothing more', async () => {
  const log = await openFileLog({ directory: '/d', partitions: 1, disk: new SimulatedDisk() })
  const delivered = new DeliveredFileLog(log)
  const clock = new ManualClock()
  const replaced = Promise.withResolvers<never>()
  replaced.promise.catch(() => {})
  let asked = 0
  const delivery = new LogDelivery({
    log: {
      partitions: 1,
      async *follow() {
        yield* delivered.range(0, 0, Number.POSITIVE_INFINITY)
        await replaced.promise
      },
      range: (...asks) => delivered.range(...asks),
    },
    store: new MemoryDocuments(),
    types: [{ name: 'User', space: 'user' }],
    shards: 1,
    clock,
    lookMs: 1_000,
    send: async () => {
      asked++
      return { written: -1 }
    },
  })
  await save(log, 'a')
  delivery.start(0)
  await turn()
  await pass(clock, 4_000, 1_000)
  // Sent once, and looked after since.
  expect(asked).toBeGreaterThan(2)
  replaced.reject(pinwheelError('INGEST_REPLACED', { partition: 0 }))
  await turn()
  const before = asked
  await pass(clock, 4_000, 1_000)
  expect(asked).toBe(before)
  await delivery.stop()
})

test('once it is stopped it begins nothing, whoever calls', async () => {
  const log = await openFileLog({ directory: '/d', partitions: 1, disk: new SimulatedDisk() })
  const taken: number[] = []
  const delivery = new LogDelivery({
    log: new DeliveredFileLog(log),
    store: new MemoryDocuments(),
    types: [{ name: 'User', space: 'user' }],
    shards: 4,
    clock: new ManualClock(),
    send: async (_type, _shard, { positions }) => {
      taken.push(...positions)
      return { written: -1 }
    },
  })
  await delivery.stop()
  expect(() => delivery.start(0)).toThrow(expect.objectContaining({ code: 'STOPPING' }))
  await save(log, 'a')
  await turn()
  expect([taken, delivery.position(0)]).toEqual([[], undefined])
})
