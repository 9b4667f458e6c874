/**
 * Events into the embedded host, each acknowledged when it is flushed: many in batches of a
 * thousand with a few batches on the way, then one at a time. Beside the latter an fsync of the
 * same disk, measured by turns with them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, type Entry, Random, silentLogger } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { summary } from '../../tests/open-loop.ts'
import { Runtime } from '../hosts/embedded/runtime.ts'

const sizes = {
  small: { events: 10_000, rounds: 1, single: 20, users: 1_000, pins: 2_000 },
  large: { events: 250_000, rounds: 9, single: 2_000, users: 50_000, pins: 100_000 },
} as const
const SEED = 1
const BATCH = 1_000
const IN_FLIGHT = 8

export const bench = {
  name: 'actors/ingest',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const directory = mkdtempSync(join(tmpdir(), 'pinwheel-ingest-'))
    const runtime = await Runtime.start({
      directory,
      workers: 1,
      partitions: 4,
      usersMax: 1_000_000,
      pinsMax: 1_000_000,
      boardsMax: 1_000_000,
      tagsMax: 1_000,
      clock,
      logger: silentLogger,
      bulk: true,
    })
    try {
      const acknowledged: number[] = []
      const applied: number[] = []
      for (let round = 0; round < options.rounds; round++) {
        const batches = batchesOf(options, round)
        const began = clock.monotonic()
        let next = 0
        const client = async () => {
          while (next < batches.length) await runtime.ingest(batches[next++]!)
        }
        await Promise.all(Array.from({ length: IN_FLIGHT }, client))
        acknowledged.push((options.events / (clock.monotonic() - began)) * 1000)
        await runtime.settled()
        applied.push((options.events / (clock.monotonic() - began)) * 1000)
      }
      const singles = await oneByOne(runtime, directory, options.single, clock)
      return {
        seed: SEED,
        options: { ...options, batch: BATCH, inFlight: IN_FLIGHT },
        eventsPerSecond: Math.round(median(acknowledged)),
        eventsPerSecondApplied: Math.round(median(applied)),
        ...singles,
        digest: await runtime.digest(),
      }
    } finally {
      await runtime.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

type Sizes = { readonly events: number; readonly users: number; readonly pins: number }

/** Made before they are sent, and no more than a round of them: they are the bench's garbage. */
function batchesOf({ events, users, pins }: Sizes, round: number): Entry[][] {
  const random = new Random(SEED, round)
  const entry = (n: number): Entry => {
    const user = `u${random.below(users)}`
    const pin = `p${random.below(pins)}`
    return { kind: 'impression', id: `e${round}-${n}`, time: n, user, pin }
  }
  return Array.from({ length: events / BATCH }, (_, batch) =>
    Array.from({ length: BATCH }, (_, i) => entry(batch * BATCH + i)),
  )
}

/** Single events, and between them appends to a file of the same disk with an fsync. */
async function oneByOne(runtime: Runtime, directory: string, count: number, clock: Clock) {
  const file = await open(join(directory, 'fsync'), 'w')
  const bytes = new Uint8Array(100)
  const events: number[] = []
  const fsyncs: number[] = []
  for (let n = 0; n < count; n++) {
    const entry: Entry = { kind: 'save', id: `s${n}`, time: n, user: `u${n % 97}`, pin: 'p1' }
    const began = clock.monotonic()
    await runtime.ingest([entry])
    events.push(clock.monotonic() - began)
    const written = clock.monotonic()
    await file.write(bytes, 0, bytes.length, n * bytes.length)
    await file.datasync()
    fsyncs.push(clock.monotonic() - written)
  }
  await file.close()
  const latencyMs = summary(events)
  const baseline = summary(fsyncs)
  return { latencyMs, baseline, ratio: Math.round((latencyMs.p99 / baseline.p99) * 100) / 100 }
}
