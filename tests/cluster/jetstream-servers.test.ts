/**
 * The log on servers that fail one by one: three that hold copies of one stream, of which the
 * leader is killed under load, and one whose disk is full.
 */
import { mkdirSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { JetStreamLog } from '../../actors/ingest/index.ts'
import { EntryReader, EntryWriter } from '../../actors/log/index.ts'
import { systemClock as clock } from '../../base/index.ts'
import { fill } from '../../simulator/faults/process/tight-disk.ts'
import { memoryDisk, mountMemory, unmount } from '../setup/memory-disk.ts'
import { findNats, installHint, Nats } from '../setup/nats.ts'
import { freePorts } from '../setup/program.ts'
import { describeWith } from '../setup/require.ts'

const PARTITIONS = 4
const BATCH = 20

function pack(from: number, count: number) {
  const writer = new EntryWriter()
  for (let n = from; n < from + count; n++) {
    writer.append({ kind: 'save', id: `e${n}`, time: 1_700_000_000_000, user: 'u', pin: `p${n}` })
  }
  return writer.take()
}

/** What a reader of a partition has heard, in its order, for as long as the log is open. */
function listen(log: JetStreamLog, partition: number): number[] {
  const heard: number[] = []
  const read = async () => {
    for await (const { payload } of log.follow(partition)) {
      const reader = new EntryReader(payload)
      while (reader.next()) {
        heard.push(Number(reader.text(reader.eventStart, reader.eventEnd).slice(1)))
      }
    }
  }
  // It ends with its log.
  void read().catch(() => {})
  return heard
}

const nats = { server: 'nats', found: findNats(), hint: installHint } as const

describeWith(nats, 'three servers with copies of one stream', (program) => {
  let servers: Readonly<Record<string, Nats>>
  let log: JetStreamLog
  const url = () => Object.values(servers).map((server) => server.url)
  const open = () => {
    const bounds = { partitions: PARTITIONS, bytesMax: 2 ** 26, replicas: 3, patienceMs: 30_000 }
    return JetStreamLog.open({ url: url().join(','), clock, ...bounds })
  }
  beforeAll(async () => {
    servers = await Nats.three(program)
    // Until they have chosen who leads.
    const opened = async () => (log = await open())
    await vi.waitFor(opened, { timeout: 60_000, interval: 200 })
  }, 90_000)
  afterAll(async () => {
    await log?.close()
    for (const server of Object.values(servers ?? {})) await server.remove()
  })

  /** Names of who leads the stream, and of the others, as soon as somebody does. */
  async function roles() {
    const asked = await connect({ servers: url().map((one) => one.slice('nats://'.length)) })
    const jsm = await jetstreamManager(asked, { checkAPI: false })
    let leader: string | undefined
    const look = async () => {
      leader = (await jsm.streams.info('PINWHEEL_pinwheel')).cluster?.leader
      return servers[leader ?? '']
    }
    await expect.poll(() => look().catch(() => undefined), { timeout: 20_000 }).toBeDefined()
    await asked.close()
    return { leader: leader!, others: Object.keys(servers).filter((name) => name !== leader) }
  }

  test('a leader and a follower killed under load: nothing is lost, doubled or disordered', async () => {
    const heard = Array.from({ length: PARTITIONS }, (_, partition) => listen(log, partition))
    const acknowledged = heard.map((): number[] => [])
    const refused: unknown[] = []
    let isOver = false
    let slowestMs = 0
    const write = async (partition: number) => {
      for (let n = 0; !isOver; n += BATCH) {
        const { payload, count } = pack(n, BATCH)
        const began = clock.monotonic()
        await log.append(partition, payload, count).catch((error: unknown) => refused.push(error))
        slowestMs = Math.max(slowestMs, clock.monotonic() - began)
        for (let i = n; i < n + BATCH; i++) acknowledged[partition]!.push(i)
      }
    }
    const began = clock.monotonic()
    const writing = Promise.all(heard.map((_, partition) => write(partition)))
    await clock.sleep(1_500)
    const calm = acknowledged.flat().length / ((clock.monotonic() - began) / 1_000)
    const { leader } = await roles()
    await servers[leader]!.kill()
    await clock.sleep(3_000)
    const before = acknowledged.flat().length
    await servers[leader]!.start()
    await clock.sleep(2_000)
    const { others } = await roles()
    const follower = others.find((name) => name !== leader) ?? others[0]!
    await servers[follower]!.kill()
    await clock.sleep(2_000)
    await servers[follower]!.start()
    await clock.sleep(2_000)
    isOver = true
    await writing
    expect(refused).toEqual([])
    // Two of three go on: more was taken in after the kills than before them.
    expect(acknowledged.flat().length).toBeGreaterThan(before)
    const told = () => heard.map(({ length }) => length)
    await expect.poll(told, { timeout: 30_000 }).toEqual(acknowledged.map(({ length }) => length))
    expect(heard).toEqual(acknowledged)
    process.stdout.write(
      `    ${Math.round(calm)} events/s in frames of ${BATCH} before the kills, ` +
        `${acknowledged.flat().length} in all; slowest append ${Math.round(slowestMs)} ms; ` +
        `load ${loadavg()[0]?.toFixed(1)}\n`,
    )
  }, 120_000)

  test('a log that was opened with other copies is refused by name', async () => {
    const bounds = { partitions: PARTITIONS, bytesMax: 2 ** 26, replicas: 1 }
    const other = JetStreamLog.open({ url: url().join(','), clock, ...bounds })
    await expect(other).rejects.toMatchObject({ code: 'INGEST_OTHER' })
  })
})

describeWith(nats, 'one server with a disk of its own', (program) => {
  describeWith(memoryDisk, 'that is full', () => {
    let server: Nats
    let disk: string
    let monitor: number
    beforeAll(async () => {
      const [free = 0] = await freePorts(1)
      monitor = free
      server = await Nats.start(program, ['--http_port', `${monitor}`])
      await server.kill()
      disk = join(server.folder, 'store')
      mkdirSync(disk, { recursive: true })
      mountMemory(disk, 64)
      await server.start()
    })
    afterAll(async () => {
      await server?.kill()
      unmount(disk)
      await server?.remove()
    })

    /** What a probe of Kubernetes hears (deploy/kubernetes). */
    const health = async (path: string) =>
      (await fetch(`http://127.0.0.1:${monitor}${path}`)).status

    test('what does not fit is refused for later; after room and a restart all goes on', async () => {
      const bounds = { partitions: 1, bytesMax: 2 ** 24, patienceMs: 3_000 }
      const log = await JetStreamLog.open({ url: server.url, clock, ...bounds })
      const heard = listen(log, 0)
      const first = pack(0, 1)
      await log.append(0, first.payload, first.count)
      const acknowledged = [0]
      let refusal: unknown
      const makeRoom = fill(disk)
      // What was set aside before takes some more.
      for (let n = 1; refusal === undefined && n < 1_000; n++) {
        const { payload, count } = pack(n, 1)
        await log.append(0, payload, count).then(
          () => acknowledged.push(n),
          (error: unknown) => {
            refusal = error
          },
        )
      }
      expect(refusal).toMatchObject({ code: 'LOG_WRITE_FAILED' })
      expect(String(refusal)).toContain('NATS answers')
      makeRoom()
      // It does not go on by itself, and only the whole question says so.
      const again = pack(4_000, 1)
      const still = log.append(0, again.payload, again.count)
      await expect(still).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
      const asked = ['/healthz', '/healthz?js-enabled-only=true']
      expect(await Promise.all(asked.map(health))).toEqual([503, 200])
      await server.kill()
      await server.start()
      expect(await health('/healthz')).toBe(200)
      const later = pack(5_000, 1)
      await log.append(0, later.payload, later.count)
      // What was refused may be there; nothing of what was acknowledged is not.
      await expect.poll(() => heard.at(-1), { timeout: 20_000 }).toBe(5_000)
      const refused = new Set([acknowledged.length, 4_000])
      expect(heard.filter((n) => !refused.has(n))).toEqual([...acknowledged, 5_000])
      await log.close()
    }, 60_000)
  })
})
