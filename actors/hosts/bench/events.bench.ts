/**
 * Events from end to end in a cluster on one machine: through a real JetStream, delivered through
 * real sidecars to the shards of two hosts, until all of it is in documents of a real PostgreSQL.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Clock, Random } from '../../../base/index.ts'
import { busySeconds, secondsByProgram, secondsSince } from '../../../tests/program-times.ts'
import { type Host, PARTITIONS, partitionOf, startCluster } from '../../../tests/setup/cluster.ts'
import type { Postgres } from '../../../tests/setup/postgres.ts'
import type { JetStreamLog } from '../../ingest/index.ts'
import { EntryWriter } from '../../log/packed-entry.ts'

const sizes = {
  small: { events: 5_000, users: 500, pins: 200, hosts: [1] },
  large: { events: 3_000_000, users: 20_000, pins: 5_000, hosts: [1, 2, 4] },
} as const
const SEED = 1
const PER_APPEND = 500
const kinds = ['impression', 'closeup', 'save'] as const

export const bench = {
  name: 'hosts/events',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { events, users, pins, hosts } = sizes[size]
    const runs: object[] = []
    for (const count of hosts) runs.push(await run({ events, users, pins }, count, clock))
    return { seed: SEED, options: { events, users, pins, partitions: PARTITIONS }, runs }
  },
}

type Size = Readonly<Record<'events' | 'users' | 'pins', number>>

async function run(size: Size, count: number, clock: Clock) {
  const cluster = await startCluster(count, clock)
  try {
    const { hosts, log, database, programs } = cluster
    const { events } = size
    const cpu = busySeconds()
    const before = secondsByProgram(process.pid)
    const began = clock.monotonic()
    const lasts = await append(log, size)
    const appended = clock.monotonic() - began
    while (!(await isWritten(hosts[0]!, lasts))) await clock.sleep(100)
    const seconds = (clock.monotonic() - began) / 1000
    const cpuSeconds = Math.round((busySeconds() - cpu) * 10) / 10
    const documents = writesOf(programs, database)
    return {
      hosts: count,
      eventsPerSecond: Math.round(events / seconds),
      appendedPerSecond: Math.round((1000 * events) / appended),
      seconds: Math.round(seconds * 10) / 10,
      documents,
      documentsPerSecond: Math.round(documents / seconds),
      /** Of the whole machine, servers, sidecars and whatever else runs among it. */
      cpuSeconds,
      /** Of what was started here; `this` made the events and appended them. */
      cpuByProgram: secondsSince(before, process.pid),
    }
  } finally {
    await cluster.stop()
  }
}

/** The last position of each partition. */
async function append(log: JetStreamLog, { events, users, pins }: Size): Promise<number[]> {
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
    const partition = partitionOf(user)
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
