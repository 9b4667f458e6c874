import { describe, expect, test } from 'vitest'
import { type Entry, entryOwner, ManualClock, Random, silentLogger } from '../../../base/index.ts'
import { SimulatedDisk } from '../../../simulator/faults/index.ts'
import type { EmittedEvent } from '../../actor.ts'
import { EntryReader, EntryWriter, type EventLog, openFileLog } from '../../log/index.ts'
import { Outbox } from './outbox.ts'
import { StateLog } from './state-log.ts'

const state = Uint8Array.of(1, 2, 3)
/** Users whose names are numbers lie in partitions by turns. */
const events = (...users: number[]): EmittedEvent[] =>
  users.map((user) => ({ kind: 'save', time: 1_000, user: String(user), pin: `p${user}` }))

type Life = {
  readonly outbox: Outbox
  readonly states: StateLog
  readonly log: EventLog
  readonly clock: ManualClock
  /** How many frames may still be appended; then the process is as good as gone. */
  appends: number
}

async function begin(disk: SimulatedDisk): Promise<Life> {
  const log = await openFileLog({ directory: '/data', partitions: 2, disk })
  log.onFlushed(() => {})
  const states = await StateLog.open('/data', { disk })
  const clock = new ManualClock()
  const life: Life = { outbox: undefined as never, states, log, clock, appends: 1_000 }
  const ingest = async (entries: readonly Entry[]) => {
    for (const partition of [0, 1]) {
      const writer = new EntryWriter()
      const theirs = entries.filter((entry) => Number(entryOwner(entry)) % 2 === partition)
      for (const entry of theirs) writer.append(entry)
      if (theirs.length === 0) continue
      if (life.appends-- <= 0) throw new Error('no room')
      const { payload, count } = writer.take()
      await log.append(partition, payload, count)
    }
  }
  return Object.assign(life, {
    outbox: new Outbox({ states, log, clock, logger: silentLogger, ingest }),
  })
}

/** Users of the events in the log, sorted. */
async function logged(log: EventLog): Promise<number[]> {
  const users: number[] = []
  for await (const { payload } of log.read()) {
    const reader = new EntryReader(payload)
    while (reader.next()) users.push(Number(entryOwner(reader.toEntry())))
  }
  return users.sort((a, b) => a - b)
}

async function put({ outbox }: Life, id: string, ...users: number[]): Promise<void> {
  await outbox.put('Counter', id, state, events(...users))
}

/** What a process does that is killed here: nothing more. */
const killed = (disk: SimulatedDisk) => begin(disk.afterKill())

describe('what turns emitted', () => {
  test('is in the log when it is sent, and is not kept any longer', async () => {
    const life = await begin(new SimulatedDisk())
    await put(life, 'a', 1, 2)
    expect(await logged(life.log)).toEqual([])
    await life.outbox.sent()
    expect(await logged(life.log)).toEqual([1, 2])
    await expect.poll(() => [...life.states.unmarked]).toEqual([])
    expect(life.outbox.needs()).toBeUndefined()
  })

  test('is sent after a kill between the state and the log, and after one in between', async () => {
    const disk = new SimulatedDisk()
    const first = await begin(disk)
    await put(first, 'a', 1)
    await put(first, 'b', 2, 3)
    const second = await killed(disk)
    expect(second.outbox.get('Counter', 'b')).toEqual(state)
    second.appends = 1
    void second.outbox.sent().catch(() => {})
    await expect.poll(() => logged(second.log)).toEqual([2])
    await put(second, 'c', 4)
    const third = await killed(disk)
    await third.outbox.sent()
    // Of `second` nothing was on the disk that the third began with.
    expect(await logged(third.log)).toEqual([1, 2, 3])
  })

  test('is not sent again by a start that finds it in the log without a mark', async () => {
    const disk = new SimulatedDisk()
    const life = await begin(disk)
    await life.log.append(0, new EntryWriter().take().payload, 0)
    await put(life, 'a', 1, 2)
    await put(life, 'b', 3)
    life.states.mark = async () => {}
    await life.outbox.sent()
    const next = await killed(disk)
    expect(Array.from(next.states.unmarked, ({ number }) => number)).toEqual([1, 2])
    await next.outbox.sent()
    expect(await logged(next.log)).toEqual([1, 2, 3])
    await put(next, 'a', 5)
    await next.outbox.sent()
    expect(await logged(next.log)).toEqual([1, 2, 3, 5])
  })

  test('is tried again when an append failed in the middle, and is there once', async () => {
    const life = await begin(new SimulatedDisk())
    await put(life, 'a', 1, 2, 3)
    life.appends = 1
    const sent = life.outbox.sent()
    await expect.poll(() => logged(life.log)).toEqual([2])
    life.appends = 1_000
    await expect
      .poll(async () => {
        life.clock.advance(500)
        return logged(life.log)
      })
      .toEqual([1, 2, 3])
    await sent
  })

  test('is refused with its state by a full disk, and never sent', async () => {
    const disk = new SimulatedDisk()
    const life = await begin(disk)
    await put(life, 'a', 1)
    disk.room = 10
    await expect(put(life, 'a', 2)).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
    disk.room = Number.POSITIVE_INFINITY
    await put(life, 'a', 3)
    await life.outbox.sent()
    expect(await logged(life.log)).toEqual([1, 3])
  })

  test('is left for the next start when the host stops', async () => {
    const disk = new SimulatedDisk()
    const life = await begin(disk)
    life.appends = 0
    await put(life, 'a', 1)
    const sent = life.outbox.sent()
    const rejected = expect(sent).rejects.toThrow()
    await life.outbox.stop()
    await rejected
    await life.states.close()
    await life.log.close()
    const next = await begin(disk)
    await next.outbox.sent()
    expect(await logged(next.log)).toEqual([1])
  })

  test('is in the log once, whenever processes end', async () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed)
      let disk = new SimulatedDisk()
      const expected: number[] = []
      for (let lives = 0; lives < 4; lives++) {
        const life = await begin(disk)
        const marks = life.states.mark.bind(life.states)
        if (random.below(2) === 0) life.states.mark = async () => {}
        else life.states.mark = marks
        life.appends = random.below(6)
        for (let n = random.below(5); n > 0; n--) {
          const users = Array.from({ length: 1 + random.below(3) }, () => random.below(1_000))
          await put(life, 'a', ...users)
          expected.push(...users)
          void life.outbox.sent().catch(() => {})
          for (let steps = random.below(30); steps > 0; steps--) await Promise.resolve()
        }
        disk = random.below(2) === 0 ? disk.afterKill() : disk.afterPowerLoss(random)
      }
      const last = await begin(disk)
      await last.outbox.sent()
      expect(await logged(last.log), `seed ${seed}`).toEqual(expected.sort((a, b) => a - b))
    }
  })
})
