/**
 * `pinwheel log` over a real JetStream: what lies at a position, what could not be read and why,
 * and what an upgraded program can read after all, sent again.
 */
import { execFile } from 'node:child_process'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, headers } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { JetStreamLog } from '../../actors/ingest/index.ts'
import { EntryReader, EntryWriter } from '../../actors/log/index.ts'
import { systemClock as clock, type Entry, entryOwner, hashId } from '../../base/index.ts'
import { findNats, installHint, Nats } from '../setup/nats.ts'
import { describeWith } from '../setup/require.ts'

const save = (n: number): Entry => {
  return { kind: 'save', id: `e${n}`, time: 1_700_000_000_000 + n, user: `u${n}`, pin: 'p' }
}

function pack(entries: readonly Entry[]) {
  const writer = new EntryWriter()
  for (const entry of entries) writer.append(entry)
  return writer.take()
}

type Shown = { readonly partition: number; readonly position: number; readonly entry: Entry }

describeWith(
  { server: 'nats', found: findNats(), hint: installHint },
  'pinwheel log',
  (program) => {
    let server: Nats
    let log: JetStreamLog
    const run = (...words: string[]) => {
      const all = ['serving/pinwheel.mjs', 'log', '--nats', server.url, ...words]
      return new Promise<{ code: number; out: string; err: string }>((done) => {
        execFile(process.execPath, all, (error, out, err) => {
          done({ code: error ? Number(error.code) : 0, out, err })
        })
      })
    }
    const json = async <T>(...words: string[]) => {
      const { out, err } = await run(...words, '--json')
      expect(err).toBe('')
      return JSON.parse(out) as T
    }
    const append = (partition: number, entries: readonly Entry[]) => {
      const { payload, count } = pack(entries)
      return log.append(partition, payload, count)
    }
    beforeAll(async () => {
      server = await Nats.start(program)
    })
    afterAll(async () => {
      await log?.close()
      await server?.remove()
    })

    test('a cluster that nobody made is not made by looking', async () => {
      for (const _time of [1, 2]) {
        const { code, err } = await run()
        expect([code, err]).toEqual([1, expect.stringContaining('INGEST_MISSING')])
      }
    })

    test('entries are shown from a position on, in order, and readers go on', async () => {
      log = await JetStreamLog.open({ url: server.url, clock, partitions: 3, bytesMax: 2 ** 24 })
      await append(1, [save(0), save(1)])
      const { first } = await append(2, [save(2), save(3), save(4)])
      await append(1, [save(5)])
      const reader = log.follow(1)
      await reader.next()
      type Answer = { readonly partitions: number; readonly entries: readonly Shown[] }
      const all = await json<Answer>()
      expect(all.partitions).toBe(3)
      expect(all.entries.map(({ entry }) => entry)).toEqual([0, 1, 2, 3, 4, 5].map(save))
      const of = await json<Answer>('--partition', '2', '--from', `${first + 1}`, '--limit', '1')
      expect(of.entries).toEqual([{ partition: 2, position: first + 1, entry: save(3) }])
      const { out } = await run('--partition', '2', '--from', `${first + 2}`)
      expect(out).toMatch(new RegExp(`^2-${first + 2} .*save .*u4 .*e4$`, 'm'))
      expect((await run('--partition', '0')).out).toBe('nothing lies there\n')
      expect((await reader.next()).value).toMatchObject({ partition: 1, count: 1 })
      await reader.return()
    })

    test('what could not be read is told, and sent again where it can be read now', async () => {
      const stranger = await connect({ servers: `127.0.0.1:${server.port}` })
      const js = jetstream(stranger)
      const message = await (await js.streams.get('PINWHEEL_pinwheel')).getMessage({ seq: 1 })
      const whole = Uint8Array.from(message!.data)
      const bent = Uint8Array.from(whole)
      bent[60]! ^= 1
      const { seq } = await js.publish('pinwheel.pinwheel.1', bent)
      const { first } = await append(1, [save(6)])
      for await (const frame of log.follow(1)) if (frame.first === first) break
      // As a program of an earlier version buried what this one reads.
      const told = headers()
      told.set('pinwheel-reason', 'its format is PWF1, known is PWF0')
      told.set('pinwheel-sequence', '77')
      await js.publish('pinwheel-dead.pinwheel.1', whole, { headers: told })
      type Dead = { readonly dead: readonly { sequence: number; reason: string; bytes: number }[] }
      const { dead } = await json<Dead>('--dead')
      expect(dead.map(({ sequence, reason }) => [sequence, reason])).toEqual([
        [seq, 'its CRC differs'],
        [77, 'its format is PWF1, known is PWF0'],
      ])
      expect((await run('--dead', '--partition', '0')).out).toBe('there are no dead letters\n')
      const { last } = await log.ends()
      const again = await json<{ readonly resent: readonly object[] }>('--again')
      expect(again.resent).toEqual([
        { partition: 1, sequence: seq, reason: 'its CRC differs' },
        { partition: 1, sequence: 77, entries: 2, position: (last + 1) * 4096 },
      ])
      // They go where their owners are, whatever the stream was like when they were buried.
      const found: (readonly [partition: number, id: string])[] = []
      for await (const { partition, payload } of log.read((last + 1) * 4096)) {
        const entries = new EntryReader(payload)
        while (entries.next()) {
          found.push([partition, entries.text(entries.eventStart, entries.eventEnd)])
        }
      }
      const owners = [save(0), save(1)].map((entry) => hashId(entryOwner(entry)) % 3)
      expect(new Set(owners).size).toBe(2)
      expect(found.toSorted()).toEqual(owners.map((p, n) => [p, `e${n}`]).toSorted())
      // What was sent is dead no more, and is not sent a second time.
      expect((await json<{ resent: readonly object[] }>('--again')).resent).toHaveLength(1)
      const jsm = await jetstreamManager(stranger)
      expect((await jsm.streams.info('PINWHEEL_pinwheel_DEAD')).state.messages).toBe(1)
      expect((await log.ends()).last).toBe(last + 2)
      await stranger.close()
    })

    test.each([
      ['--from', '-1'],
      ['--limit', '0'],
      ['--partition', '3'],
      ['--partition', 'two'],
    ])('%s %s is wrong usage', async (...words) => {
      const { code, err } = await run(...words)
      expect([code, err]).toEqual([2, expect.stringContaining(words[0])])
    })
  },
)
