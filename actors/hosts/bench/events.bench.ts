/**
 * Events from end to end in a cluster on one machine: through a real JetStream, delivered through
 * real sidecars to the shards of two hosts, until all of it is in documents of a real PostgreSQL.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, hashBytes, Random, systemClock } from '../../../base/index.ts'
import { clustered, type Dapr, findDapr, freePorts, startDapr } from '../../../tests/setup/dapr.ts'
import { findNats, Nats } from '../../../tests/setup/nats.ts'
import { findPostgres, Postgres } from '../../../tests/setup/postgres.ts'
import { JetStreamLog } from '../../ingest/index.ts'
import { EntryWriter } from '../../log/packed-entry.ts'

const sizes = {
  small: { events: 5_000, users: 500, pins: 200, hosts: 1 },
  large: { events: 1_000_000, users: 20_000, pins: 5_000, hosts: 2 },
} as const
const PARTITIONS = 4
const SEED = 1
const PER_APPEND = 500
const STREAM_MB = 1_000
const kinds = ['impression', 'closeup', 'save'] as const

type Host = { readonly child: ChildProcess; readonly sidecar: Dapr }

export const bench = {
  name: 'hosts/events',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const [dapr, nats, postgres] = [findDapr(), findNats(), findPostgres()]
    if (!dapr || !nats || !postgres) throw new Error('needs Dapr, NATS and PostgreSQL')
    const { events, users, pins, hosts: count } = sizes[size]
    const folder = mkdtempSync(join(tmpdir(), 'pinwheel-events-'))
    const broker = await Nats.start(nats)
    const database = await Postgres.start(postgres)
    const hosts: Host[] = []
    try {
      for (let n = 0; n < count; n++) {
        const given = { programs: dapr, folder, url: broker.url, store: database.connection }
        hosts.push(await startHost(given, hosts[0]?.sidecar.placementPort))
      }
      const bounds = { partitions: PARTITIONS, bytesMax: STREAM_MB * 1e6, queueBytesMax: 2 ** 26 }
      const log = await JetStreamLog.open({ url: broker.url, clock, ...bounds })
      const cpu = busySeconds()
      const began = clock.monotonic()
      const lasts = await append(log, { events, users, pins })
      const appended = clock.monotonic() - began
      while (!(await isWritten(hosts[0]!, lasts))) await systemClock.sleep(100)
      const seconds = (clock.monotonic() - began) / 1000
      const cpuSeconds = Math.round((busySeconds() - cpu) * 10) / 10
      await log.close()
      const documents = writesOf(postgres, database)
      return {
        seed: SEED,
        options: { ...sizes[size], partitions: PARTITIONS },
        eventsPerSecond: Math.round(events / seconds),
        appendedPerSecond: Math.round((1000 * events) / appended),
        seconds: Math.round(seconds * 10) / 10,
        documents,
        documentsPerSecond: Math.round(documents / seconds),
        /** Of the whole machine, servers and sidecars among it. */
        cpuSeconds,
      }
    } finally {
      for (const { child } of hosts) child.kill('SIGKILL')
      for (const { sidecar } of hosts.reverse()) await sidecar.stop()
      await broker.remove()
      await database.remove()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function startHost(
  given: Readonly<Record<'programs' | 'folder' | 'url' | 'store', string>>,
  placementPort: number | undefined,
): Promise<Host> {
  const { programs, folder, url, store } = given
  const [appPort = 0, httpPort = 0] = await freePorts(2)
  const env = {
    ...process.env,
    DAPR_HTTP_PORT: `${httpPort}`,
    PINWHEEL_PARTITIONS: `${PARTITIONS}`,
    PINWHEEL_STREAM_MB: `${STREAM_MB}`,
    PINWHEEL_LOG_LEVEL: 'error',
  }
  const words = ['host', '--port', `${appPort}`, '--nats', url, '--role', 'shards']
  const child = spawn(process.execPath, ['serving/pinwheel.mjs', ...words], {
    env,
    stdio: 'ignore',
  })
  const sidecar = await startDapr({
    ...{ programs, folder, appPort, httpPort, components: clustered },
    env: { PINWHEEL_POSTGRES: store },
    ...(placementPort !== undefined && { placementPort }),
  })
  return { child, sidecar }
}

/** The last position of each partition. */
async function append(
  log: JetStreamLog,
  { events, users, pins }: Readonly<Record<'events' | 'users' | 'pins', number>>,
): Promise<number[]> {
  const random = new Random(SEED)
  const writers = Array.from({ length: PARTITIONS }, () => new EntryWriter())
  const lasts = new Array<number>(PARTITIONS).fill(-1)
  const appends: Promise<void>[] = []
  const send = (partition: number) => {
    const { payload, count } = writers[partition]!.take()
    if (count === 0) return
    const told = log.append(partition, payload, count).then(({ last }) => {
      lasts[partition] = Math.max(lasts[partition]!, last)
    })
    appends.push(told)
  }
  for (let n = 0; n < events; n++) {
    const user = `u${random.below(users)}`
    const bytes = Buffer.from(user)
    const partition = hashBytes(bytes, 0, bytes.length) % PARTITIONS
    const pin = `p${random.below(pins)}`
    writers[partition]!.append({ kind: kinds[n % 3]!, id: `e${n}`, time: 1.7e12 + n, user, pin })
    if (writers[partition]!.count === PER_APPEND) send(partition)
  }
  for (let partition = 0; partition < PARTITIONS; partition++) send(partition)
  await Promise.all(appends)
  return lasts
}

/** Whether every partition's bookmark has come to its last position. */
async function isWritten({ sidecar }: Host, lasts: readonly number[]): Promise<boolean> {
  const marks = lasts.map(async (last, partition) => {
    const key = `state/state/Delivery-${partition}`
    const text = await (await fetch(`http://127.0.0.1:${sidecar.httpPort}/v1.0/${key}`)).text()
    const { applied = {} } = (text ? JSON.parse(text) : {}) as { applied?: Record<string, number> }
    return (applied[partition] ?? -1) >= last
  })
  return (await Promise.all(marks)).every(Boolean)
}

/** Rows that were written to PostgreSQL. */
function writesOf(programs: string, { port }: Postgres): number {
  const sum = 'select sum(n_tup_ins + n_tup_upd) from pg_stat_user_tables'
  const words = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'pinwheel', 'postgres', '-Atc', sum]
  return Number(execFileSync(join(programs, 'psql'), words, { encoding: 'utf8' }))
}

/** CPU seconds that this machine has worked since it began. */
function busySeconds(): number {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/)
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = fields.map(Number)
  return (user + nice + system + irq + soft) / 100
}
