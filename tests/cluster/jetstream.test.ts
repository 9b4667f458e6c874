import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JetStreamLog, type JetStreamLogOptions, sequenceOf } from '../../actors/ingest/index.ts'
import { EntryReader, EntryWriter, type Frame } from '../../actors/log/index.ts'
import { type EventEntry, systemClock } from '../../base/index.ts'
import { findNats, installHint, Nats } from '../setup/nats.ts'
import { describeWith } from '../setup/require.ts'

const clock = systemClock
const event = (number: number): EventEntry => ({
  kind: 'save',
  id: `e${number}`,
  time: 1_700_000_000_000 + number,
  user: `u${number % 7}`,
  pin: `p${number % 11}`,
})

function pack(from: number, count: number) {
  const writer = new EntryWriter()
  for (let i = 0; i < count; i++) writer.append(event(from + i))
  return writer.take()
}

type Told = { readonly id: string; readonly position: number }

function idsOf(frame: { readonly first: number; readonly payload: Uint8Array }): Told[] {
  const reader = new EntryReader(frame.payload)
  const told: Told[] = []
  for (let place = 0; reader.next(); place++) {
    const id = reader.text(reader.eventStart, reader.eventEnd)
    told.push({ id, position: frame.first + place })
  }
  return told
}

/** What a reader gives next. */
async function next(reader: AsyncGenerator<Frame, void>): Promise<Frame> {
  return (await reader.next()).value as Frame
}

/** What a reader of the partition gives until it has given so many entries. */
async function followed(log: JetStreamLog, partition: number, count: number, from = 0) {
  const told: Told[] = []
  for await (const frame of log.follow(partition, { from })) {
    told.push(...idsOf(frame))
    if (told.length >= count) break
  }
  return told
}

const wanted = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `e${from + i}`)

describeWith(
  { server: 'nats', found: findNats(), hint: installHint },
  'the log in JetStream',
  (program) => {
    let nats: Nats
    let cluster = 0
    const logs: JetStreamLog[] = []
    const open = async (options: Partial<JetStreamLogOptions> = {}) => {
      const bounds = { partitions: 4, bytesMax: 2 ** 26 }
      const given = { url: nats.url, clock, ...bounds, cluster: `c${cluster}`, ...options }
      const log = await JetStreamLog.open(given)
      logs.push(log)
      return log
    }
    const openNew = (options: Partial<JetStreamLogOptions> = {}) => {
      cluster++
      return open(options)
    }
    beforeAll(async () => {
      nats = await Nats.start(program)
    })
    afterAll(async () => {
      await Promise.all(logs.map((log) => log.close().catch(() => {})))
      await nats?.remove()
    })

    test('what was appended is read in order, from anywhere, at the positions that were told', async () => {
      const log = await openNew()
      const receipts = await Promise.all(
        [0, 40, 80].map((from) => {
          const { payload, count } = pack(from, 40)
          return log.append(2, payload, count)
        }),
      )
      const told = await followed(log, 2, 120)
      expect(told.map(({ id }) => id)).toEqual(wanted(0, 120))
      for (const [n, { first, last }] of receipts.entries()) {
        expect([told[n * 40]!.position, told[n * 40 + 39]!.position]).toEqual([first, last])
      }
      const from = receipts[2]!.first
      const rest = await followed(log, 2, 1, from)
      expect(rest.at(-1)!.id).toBe('e119')
      expect(sequenceOf(rest[0]!.position)).toBe(sequenceOf(from))
    })

    test('more than a frame holds is cut between entries; appends that wait share frames', async () => {
      const log = await openNew()
      const large = pack(0, 8_000)
      expect(large.payload.length).toBeGreaterThan(2 * 65_536)
      const small = Array.from({ length: 50 }, (_, n) => pack(8_000 + n, 1))
      await Promise.all(
        [large, ...small].map(({ payload, count }) => log.append(0, payload, count)),
      )
      const frames: number[] = []
      const told: Told[] = []
      for await (const frame of log.read()) {
        expect(frame.payload.length).toBeLessThanOrEqual(65_536)
        frames.push(frame.count)
        told.push(...idsOf(frame))
      }
      expect(told.map(({ id }) => id)).toEqual(wanted(0, 8_050))
      expect(frames.length).toBeLessThan(12)
    })

    test('how long what lies behind a position waits is told by partition', async () => {
      const log = await openNew()
      const before = clock.now()
      const append = (partition: number, from: number) => {
        const { payload, count } = pack(from, 3)
        return log.append(partition, payload, count)
      }
      const first = await append(1, 0)
      await append(0, 3)
      const second = await append(1, 6)
      const since = await log.waitingSince(1, -1)
      expect(since).toBeGreaterThanOrEqual(before - 1)
      expect(since).toBeLessThanOrEqual(clock.now() + 1)
      expect(await log.waitingSince(1, first.last)).toBeGreaterThanOrEqual(since!)
      expect(await log.waitingSince(1, second.last)).toBeUndefined()
      expect(await log.waitingSince(2, -1)).toBeUndefined()
    })

    test('all partitions are one order, the same for every reader', async () => {
      const log = await openNew()
      for (let n = 0; n < 24; n++) {
        const { payload, count } = pack(n * 3, 3)
        await log.append(n % 4, payload, count)
      }
      const read = async (from?: number) => {
        const told: Told[] = []
        for await (const frame of log.read(from)) told.push(...idsOf(frame))
        return told
      }
      const all = await read()
      expect(all.map(({ id }) => id)).toEqual(wanted(0, 72))
      expect(await read()).toEqual(all)
      const half = all[36]!.position
      expect(await read(half)).toEqual(all.filter(({ position }) => position >= half))
    })

    test('an append waits for a server that was killed, and is there once', async () => {
      const log = await openNew()
      const before = pack(0, 10)
      await log.append(1, before.payload, before.count)
      await nats.kill()
      const later = pack(10, 10)
      const waits = log.append(1, later.payload, later.count)
      await nats.start()
      await waits
      expect((await followed(log, 1, 20)).map(({ id }) => id)).toEqual(wanted(0, 20))
    })

    test('a reader goes on where it was when the server comes back', async () => {
      const log = await openNew()
      const first = pack(0, 5)
      await log.append(3, first.payload, first.count)
      const told: string[] = []
      const reader = log.follow(3)
      told.push(...idsOf(await next(reader)).map(({ id }) => id))
      const coming = next(reader)
      await nats.kill()
      await nats.start()
      const second = pack(5, 5)
      await log.append(3, second.payload, second.count)
      told.push(...idsOf(await coming).map(({ id }) => id))
      await reader.return()
      expect(told).toEqual(wanted(0, 10))
    })

    test('so does who reads all partitions; what was dropped meanwhile is told', async () => {
      const log = await openNew({ ageMsMax: 4_000 })
      const reader = log.readOn(0)
      const told: string[] = []
      for (const away of ['never', 'killed', 'paused']) {
        const coming = next(reader)
        if (away === 'killed') await nats.kill()
        if (away === 'killed') await nats.start()
        if (away === 'paused') await nats.pause()
        if (away === 'paused') await clock.sleep(3_500)
        nats.goOn()
        const { payload, count } = pack(told.length, 5)
        await log.append(told.length % 3, payload, count)
        told.push(...idsOf(await coming).map(({ id }) => id))
      }
      expect(told).toEqual(wanted(0, 15))
      await reader.return(undefined)
      await clock.sleep(4_500)
      const late = next(log.readOn(sequenceOf(0) + 1))
      await expect(late).rejects.toMatchObject({ code: 'LOG_DROPPED' })
    }, 40_000)

    test('a server that stays away refuses an append, with its address and later', async () => {
      const log = await openNew({ patienceMs: 300 })
      await nats.pause()
      try {
        const { payload, count } = pack(0, 1)
        const error = await log.append(0, payload, count).catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ code: 'INGEST_UNREACHABLE' })
        expect(String(error)).toContain(nats.url)
      } finally {
        nats.goOn()
      }
    })

    test('beyond its bound a queue refuses at once, and goes on when there is room', async () => {
      const log = await openNew({ queueBytesMax: 50_000 })
      const { payload, count } = pack(0, 1_500)
      const first = log.append(0, payload, count)
      await expect(log.append(0, payload, count)).rejects.toMatchObject({ code: 'INGEST_BUSY' })
      await first
      await log.append(0, payload, count)
    })

    test('a stream at its bytes refuses, and keeps what it has', async () => {
      const log = await openNew({ bytesMax: 200_000 })
      const { payload, count } = pack(0, 1_000)
      let stored = 0
      let refusal: unknown
      while (!refusal && stored < 100) {
        await log.append(0, payload, count).then(
          () => stored++,
          (error: unknown) => {
            refusal = error
          },
        )
      }
      expect(refusal).toMatchObject({ code: 'LOG_WRITE_FAILED' })
      expect(await followed(log, 0, stored * 1_000)).toHaveLength(stored * 1_000)
    })

    test('the later of two readers takes the partition over', async () => {
      const log = await openNew()
      const { payload, count } = pack(0, 3)
      await log.append(0, payload, count)
      const older = log.follow(0)
      await older.next()
      const waits = older.next().then(
        () => 'read',
        (error: { readonly code?: string }) => error.code,
      )
      const later = log.follow(0)
      expect(idsOf(await next(later)).map(({ id }) => id)).toEqual(wanted(0, 3))
      await log.append(0, payload, count)
      expect(await waits).toBe('INGEST_REPLACED')
      expect(idsOf(await next(later)).map(({ id }) => id)).toEqual(wanted(0, 3))
      await later.return()
    })

    test('so it does while the older is busy with a frame', async () => {
      const log = await openNew()
      const first = pack(0, 5)
      await log.append(2, first.payload, first.count)
      const older = log.follow(2)
      await next(older)
      // It asks for nothing while it works: nobody tells it then that it is the older.
      const newer = log.follow(2)
      await next(newer)
      const second = pack(5, 5)
      await log.append(2, second.payload, second.count)
      expect(idsOf(await next(newer)).map(({ id }) => id)).toEqual(wanted(5, 5))
      await expect(next(older)).rejects.toMatchObject({ code: 'INGEST_REPLACED' })
      await newer.return()
    }, 20_000)

    describe('bad input', () => {
      test('what cannot be read is a dead letter with its reason, and the rest is read', async () => {
        const log = await openNew()
        const { connect } = await import('@nats-io/transport-node')
        const { jetstream } = await import('@nats-io/jetstream')
        const stranger = await connect({ servers: `127.0.0.1:${nats.port}` })
        const { payload, count } = pack(0, 2)
        await log.append(0, payload, count)
        const subject = `pinwheel.c${cluster}.0`
        const js = jetstream(stranger)
        await js.publish(subject, 'no frame at all')
        const message = await (await js.streams.get(`PINWHEEL_c${cluster}`)).getMessage({ seq: 1 })
        const bent = Uint8Array.from(message!.data)
        bent[60]! ^= 1
        await js.publish(subject, bent)
        const newer = Uint8Array.from(message!.data)
        newer.set(Buffer.from('PWF2'))
        await js.publish(subject, newer)
        await expect(js.publish(subject, new Uint8Array(900_000))).rejects.toThrow(/exceed/)
        await log.append(0, payload, count)
        expect((await followed(log, 0, 4)).map(({ id }) => id)).toEqual(['e0', 'e1', 'e0', 'e1'])
        const letters = await log.deadLetters(10)
        expect(letters.map(({ partition, sequence }) => [partition, sequence])).toEqual([
          [0, 2],
          [0, 3],
          [0, 4],
        ])
        expect(letters.map(({ reason }) => reason)).toEqual([
          'the header is cut off',
          'its CRC differs',
          'its format is PWF2, known is PWF1',
        ])
        await stranger.close()
      })

      test('a stream with other settings under our name is refused with the setting', async () => {
        await openNew()
        const error = await open({ partitions: 5 }).catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ code: 'INGEST_OTHER' })
        expect(String(error)).toContain('subjects')
      })

      test('two clusters on one server do not see each other', async () => {
        const one = await openNew()
        const two = await openNew()
        const { payload, count } = pack(0, 2)
        await one.append(0, payload, count)
        for await (const frame of two.read()) throw new Error(`it has ${frame.count} entries`)
        expect((await followed(one, 0, 2)).length).toBe(2)
      })

      test('a calm partition moves on with the stream, so that its beginning is not dropped', async () => {
        const log = await openNew()
        const { payload, count } = pack(0, 2)
        await log.append(0, payload, count)
        await log.append(1, payload, count)
        const reader = log.follow(0)
        await reader.next()
        const mark = await next(reader)
        expect([mark.count, mark.sequence]).toEqual([0, 2])
        const waits = next(reader)
        await log.append(0, payload, count)
        expect(await waits).toMatchObject({ count: 2, sequence: 3 })
        await reader.return()
      })

      test('a beginning that was dropped is refused, unless nothing of it is wanted', async () => {
        const log = await openNew({ ageMsMax: 1_000 })
        const { payload, count } = pack(0, 2)
        const { first, last } = await log.append(0, payload, count)
        const second = await log.append(0, payload, count)
        while ((await log.ends()).first <= 2) await clock.sleep(100)
        const dropped = { code: 'LOG_DROPPED' }
        await expect(log.follow(0, { from: last }).next()).rejects.toMatchObject(dropped)
        const half = log.follow(0, { from: first, after: last })
        await expect(half.next()).rejects.toMatchObject(dropped)
        const whole = log.follow(0, { from: first, after: second.last })
        const coming = next(whole)
        await log.append(0, payload, count)
        expect(await coming).toMatchObject({ count: 2, sequence: 3 })
        await whole.return()
      })

      test('a server that is away when a reader begins is waited for', async () => {
        const log = await openNew()
        const { payload, count } = pack(0, 2)
        await log.append(0, payload, count)
        await nats.kill()
        const coming = next(log.follow(0))
        await clock.sleep(300)
        await nats.start()
        expect(idsOf(await coming).map(({ id }) => id)).toEqual(wanted(0, 2))
      })

      test.each(['http://127.0.0.1:4222', 'nats://', ''])('no address: "%s"', async (url) => {
        await expect(open({ url })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      })

      test('nobody listens there: the address is told, a password is not', async () => {
        const error = await open({ url: 'nats://pinwheel:secret@127.0.0.1:1' }).catch(String)
        expect(error).toContain('127.0.0.1:1')
        expect(error).not.toContain('secret')
      })
    })
  },
)
