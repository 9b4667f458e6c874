import { expect, test } from 'vitest'
import { SimulatedDisk } from '../../../simulator/faults/index.ts'
import { EntryWriter, type EventLog, openFileLog } from '../../log/index.ts'
import { DeliveredFileLog } from './delivered-log.ts'

async function append(log: EventLog, partition: number, count: number) {
  const writer = new EntryWriter()
  for (let n = 0; n < count; n++) {
    writer.append({ kind: 'save', id: `e${n}`, time: 1, user: 'u', pin: 'p' })
  }
  const { payload } = writer.take()
  return log.append(partition, payload, count)
}

const openLog = () => openFileLog({ directory: '/d', partitions: 2, disk: new SimulatedDisk() })

test('follow gives what is there and what comes, of its partition alone, until it is stopped', async () => {
  const log = await openLog()
  const delivered = new DeliveredFileLog(log)
  const stop = new AbortController()
  await append(log, 0, 3)
  await append(log, 1, 2)
  await append(log, 0, 2)
  const told: number[] = []
  for await (const { partition, first } of delivered.follow(
    0,
    { from: 0, after: -1 },
    stop.signal,
  )) {
    told.push(partition, first)
    if (first === 3) await append(log, 0, 1)
    if (first === 5) stop.abort()
  }
  expect(told).toEqual([0, 0, 0, 3, 0, 5])
})

test('range ends before the frame that begins at its end', async () => {
  const log = await openLog()
  for (let n = 0; n < 3; n++) await append(log, 1, 2)
  const firsts: number[] = []
  for await (const { first } of new DeliveredFileLog(log).range(1, 2, 4)) firsts.push(first)
  expect(firsts).toEqual([2])
})

test('what follows the last position must be there; what is only wanted for its window need not', async () => {
  const log = { ...(await openLog()), begins: () => [5, 0] } as EventLog
  const delivered = new DeliveredFileLog(log)
  const { signal } = new AbortController()
  const begin = (after: number) => {
    return delivered.follow(0, { from: 0, after }, signal)[Symbol.asyncIterator]().next()
  }
  await expect(begin(3)).rejects.toMatchObject({ code: 'LOG_DROPPED' })
  const stopped = AbortSignal.abort()
  const whole = delivered.follow(0, { from: 0, after: 4 }, stopped)[Symbol.asyncIterator]()
  expect((await whole.next()).done).toBe(true)
})
