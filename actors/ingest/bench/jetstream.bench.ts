/**
 * Events through a real server: in frames by the log of a cluster, and one message an event by the
 * same client, a thousand of them on their way at a time. Each is acknowledged and then read.
 */
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Clock } from '../../../base/index.ts'
import { median } from '../../../tests/bench-contract.ts'
import { findNats, installHint, Nats } from '../../../tests/setup/nats.ts'
import { EntryWriter } from '../../log/packed-entry.ts'
import { JetStreamLog } from '../jetstream-log.ts'

const sizes = {
  small: { events: 20_000, single: 1_000, rounds: 1 },
  large: { events: 2_000_000, single: 20_000, rounds: 5 },
} as const
/** Of one request to the API. */
const PER_APPEND = 100
/** Appends, and messages of one event, that are on their way together. */
const TOGETHER = 1_000
const PARTITIONS = 16

export const bench = {
  name: 'ingest/jetstream',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const program = findNats()
    if (!program) throw new Error(`no nats-server here; ${installHint}`)
    const { events, single, rounds } = sizes[size]
    const nats = await Nats.start(program)
    try {
      const rates = { written: [] as number[], read: [] as number[], single: [] as number[] }
      let digest = 0
      for (let round = 0; round < rounds; round++) {
        const { url } = nats
        const bounds = { bytesMax: 2 ** 30, partitions: PARTITIONS, cluster: `bench${round}` }
        const log = await JetStreamLog.open({ url, clock, ...bounds, queueBytesMax: 2 ** 24 })
        let began = clock.monotonic()
        await writeFrames(log, events)
        rates.written.push((1000 * events) / (clock.monotonic() - began))
        began = clock.monotonic()
        let read = 0
        for await (const { count, payload } of log.read()) {
          read += count
          digest = (digest * 31 + payload.length) >>> 0
        }
        rates.read.push((1000 * read) / (clock.monotonic() - began))
        await log.close()
        rates.single.push(await writeSingle(nats, single, round, clock))
      }
      const eventsPerSecond = Math.round(median(rates.written))
      const baseline = Math.round(median(rates.single))
      return {
        seed: 0,
        options: { ...sizes[size], perAppend: PER_APPEND, partitions: PARTITIONS },
        eventsPerSecond,
        readPerSecond: Math.round(median(rates.read)),
        baseline,
        ratio: Math.round((eventsPerSecond / baseline) * 10) / 10,
        digest: digest.toString(16),
      }
    } finally {
      await nats.remove()
    }
  },
}

async function writeFrames(log: JetStreamLog, events: number): Promise<void> {
  const writer = new EntryWriter()
  const waiting = new Set<Promise<unknown>>()
  for (let first = 0; first < events; first += PER_APPEND) {
    for (let n = first; n < first + PER_APPEND; n++) writer.append(eventOf(n))
    const { payload, count } = writer.take()
    const append = log.append((first / PER_APPEND) % PARTITIONS, payload, count)
    waiting.add(append)
    void append.then(() => waiting.delete(append))
    if (waiting.size >= TOGETHER) await Promise.race(waiting)
  }
  await Promise.all(waiting)
}

/** Events a second that are stored one by one. */
async function writeSingle(nats: Nats, events: number, round: number, clock: Clock) {
  const connection = await connect({ servers: `127.0.0.1:${nats.port}` })
  const jsm = await jetstreamManager(connection)
  const subject = `single.${round}`
  await jsm.streams.add({ name: `SINGLE${round}`, subjects: [subject], max_bytes: 2 ** 28 })
  const js = jetstream(connection)
  const writer = new EntryWriter()
  const began = clock.monotonic()
  for (let first = 0; first < events; first += TOGETHER) {
    const published = Array.from({ length: Math.min(TOGETHER, events - first) }, (_, n) => {
      writer.append(eventOf(first + n))
      return js.publish(subject, writer.take().payload)
    })
    await Promise.all(published)
  }
  const rate = (1000 * events) / (clock.monotonic() - began)
  await connection.close()
  return rate
}

function eventOf(n: number) {
  const context = { request: `r${n >> 4}`, rank: n & 15, surface: 'feed' } as const
  const names = { user: `u${n % 20_000}`, pin: `p${n % 5_000}` }
  return { kind: 'save', id: `e${n}`, time: 1_700_000_000_000 + n, ...names, context } as const
}
