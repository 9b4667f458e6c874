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
import { Runtime } from '../hosts/embedded/runtime.ts'

const sizes = {
  small: { events: 10_000, single: 20, users: 1_000, pins: 2_000 },
  large: { events: 2_000_000, single: 2_000, users: 50_000, pins: 100_000 },
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
      const entries = saves(options)
      const began = clock.monotonic()
      let next = 0
      const client = async () => {
        while (next < entries.length) {
          const from = next
          next += BATCH
          await runtime.ingest(entries.slice(from, from + BATCH))
        }
      }
      await Promise.all(Array.from({ length: IN_FLIGHT }, client))
      const seconds = (clock.monotonic() - began) / 1000
      await runtime.settled()
      const applied = (clock.monotonic() - began) / 1000
      const singles = await oneByOne(runtime, directory, options.single, clock)
      return {
        seed: SEED,
        options: { ...options, batch: BATCH, inFlight: IN_FLIGHT },
        eventsPerSecond: Math.round(entries.length / seconds),
        eventsPerSecondApplied: Math.round(entries.length / applied),
        ...singles,
        digest: await runtime.digest(),
      }
    } finally {
      await runtime.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

function saves({ events, users, pins }: { events: number; users: number; pins: number }): Entry[] {
  const random = new Random(SEED)
  return Array.from({ length: events }, (_, n): Entry => {
    const user = `u${random.below(users)}`
    return { kind: 'impression', id: `e${n}`, time: n, user, pin: `p${random.below(pins)}` }
  })
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
  const latencyMs = spread(events)
  const baseline = spread(fsyncs)
  return { latencyMs, baseline, ratio: Math.round((latencyMs.p99 / baseline.p99) * 100) / 100 }
}

function spread(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
    return Math.round(value * 1000) / 1000
  }
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}
