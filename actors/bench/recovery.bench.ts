/**
 * How long a host takes to know everything again: from the log alone, and from a base snapshot with
 * the last hundredth of the log behind it. Until everything is folded; graph and model come after.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, type Entry, Random, silentLogger } from '../../base/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { Runtime } from '../hosts/embedded/runtime.ts'

const sizes = {
  small: { events: 20_000, rounds: 1, users: 1_000, pins: 2_000 },
  large: { events: 10_000_000, rounds: 3, users: 500_000, pins: 500_000 },
} as const
const SEED = 1
const BATCH = 5_000
/** Of the events, those that came after the snapshot. */
const TAIL = 0.01
/** One of so many events is a save: the rest are impressions. */
const SAVES = 5

type Sizes = { readonly events: number; readonly users: number; readonly pins: number }

export const bench = {
  name: 'actors/recovery',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const directory = mkdtempSync(join(tmpdir(), 'pinwheel-recovery-'))
    const start = () =>
      Runtime.start({
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
        files: { acknowledge: 'written' },
      })
    const timed = async () => {
      const began = clock.monotonic()
      const runtime = await start()
      await runtime.settled()
      const ms = clock.monotonic() - began
      const digest = options.rounds === 1 ? await runtime.digest() : ''
      await runtime.stop()
      return { ms, digest }
    }
    try {
      const writing = await start()
      for (const batch of batchesOf(options, 0, 1 - TAIL)) await writing.ingest(batch)
      await writing.settled()
      const began = clock.monotonic()
      const { parts, names } = await writing.snapshot()
      const snapshotMs = clock.monotonic() - began
      for (const batch of batchesOf(options, 1 - TAIL, 1)) await writing.ingest(batch)
      await writing.stop()
      const sections = [...parts, ...names.map(({ section }) => section)]
      const snapshotBytes = sections.reduce((sum, { bytes }) => sum + bytes, 0)
      type Timed = Awaited<ReturnType<typeof timed>>
      const withSnapshot: Timed[] = []
      for (let round = 0; round < options.rounds; round++) withSnapshot.push(await timed())
      rmSync(join(directory, 'snapshots'), { recursive: true })
      const without: Timed[] = []
      for (let round = 0; round < options.rounds; round++) without.push(await timed())
      const seconds = (runs: readonly Timed[]) =>
        Math.round(median(runs.map(({ ms }) => ms))) / 1000
      return {
        seed: SEED,
        options: { ...options, tail: TAIL, saves: 1 / SAVES },
        snapshotSeconds: Math.round(snapshotMs) / 1000,
        snapshotBytes,
        recoverySeconds: seconds(withSnapshot),
        baseline: seconds(without),
        eventsPerSecond: Math.round(options.events / seconds(without)),
        digest: withSnapshot[0]!.digest || 'not taken',
      }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

function* batchesOf({ events, users, pins }: Sizes, from: number, to: number): Generator<Entry[]> {
  const random = new Random(SEED)
  for (let first = Math.round(events * from); first < Math.round(events * to); first += BATCH) {
    const count = Math.min(BATCH, Math.round(events * to) - first)
    yield Array.from({ length: count }, (_, i): Entry => {
      random.seek(3 * (first + i))
      const n = first + i
      const user = `u${random.below(users)}`
      const kind = n % SAVES === 0 ? 'save' : 'impression'
      return { kind, id: `e${n}`, time: n, user, pin: `p${random.below(pins)}` }
    })
  }
}
