/**
 * A ranker that starts: from the whole log, and from a base snapshot and the log behind it, until
 * its first graph can be walked. The whole log is made as it is read, which counts; what is read
 * behind a snapshot (a window of duplicates before it among it) lies in memory. So nothing is told
 * of a stream: `ingest/jetstream` tells what reading one takes.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, limits, noDeclaredKinds, Random, silentLogger } from '../../base/index.ts'
import type { HostLog } from '../hosts/dapr/host-log.ts'
import { HostRanker } from '../hosts/dapr/host-ranker.ts'
import { positionOf, sequenceOf } from '../ingest/position.ts'
import { EntryWriter, type Frame } from '../log/index.ts'

const sizes = {
  small: { saves: 20_000, behind: 1_000, users: 500, pins: 2_000, boards: 1_000 },
  large: { saves: 20_000_000, behind: 200_000, users: 400_000, pins: 2_000_000, boards: 1_000_000 },
} as const
const SEED = 1
const PARTITIONS = 16
const FRAME_ENTRIES = 1_000

type Size = Readonly<Record<keyof (typeof sizes)['small'], number>>

export const bench = {
  name: 'actors/warm-start',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const directory = mkdtempSync(join(tmpdir(), 'pinwheel-warm-start-'))
    try {
      return { seed: SEED, options: { ...options, partitions: PARTITIONS }, ...(await timed()) }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }

    async function timed() {
      const log = new MadeLog(options)
      const whole = await start(log)
      const ms = await measured(clock, () => whole.ranker.snapshot())
      await whole.ranker.stop()
      log.grow(options.behind)
      log.makeLast(PARTITIONS * limits.duplicateWindowEntries + options.behind)
      const warm = await start(log)
      const facts = await warm.ranker.facts()
      await warm.ranker.stop()
      return {
        wholeLogSeconds: whole.seconds,
        snapshotSeconds: ms / 1000,
        snapshotBytes: bytesIn(directory),
        warmStartSeconds: warm.seconds,
        ratio: whole.seconds / warm.seconds,
        baseline: 'reading the whole log',
        edges: facts.edges,
        entries: facts.entries,
      }
    }

    async function start(log: HostLog) {
      const { users: usersMax, pins: pinsMax, boards: boardsMax } = options
      let ranker: HostRanker | undefined
      const ms = await measured(clock, async () => {
        ranker = await HostRanker.open({
          ...{ usersMax: usersMax + 1, pinsMax: pinsMax + 1, boardsMax: boardsMax + usersMax + 1 },
          ...{ tagsMax: 100, log, kinds: noDeclaredKinds, clock, logger: silentLogger },
          bases: { directory, growthMin: Number.POSITIVE_INFINITY },
        })
        await ranker.follow()
        await ranker.build('graph')
      })
      return { ranker: ranker!, seconds: ms / 1000 }
    }
  },
}

async function measured(clock: Clock, work: () => Promise<unknown>): Promise<number> {
  const began = clock.monotonic()
  await work()
  return clock.monotonic() - began
}

function bytesIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true }).map((file) =>
    statSync(join(directory, String(file))),
  )
  return files.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
}

/** Saves by arithmetic: frame n is the same whenever it is read. */
class MadeLog implements HostLog {
  readonly isOneOrder = true
  readonly partitions = PARTITIONS
  readonly delivered = undefined as never
  readonly #size: Size
  #frames: number
  readonly #made = new Map<number, Frame>()

  constructor(size: Size) {
    this.#size = size
    this.#frames = size.saves / FRAME_ENTRIES
  }

  grow(saves: number): void {
    this.#frames += saves / FRAME_ENTRIES
  }

  /** Makes the last so many entries before they are read. */
  makeLast(entries: number): void {
    const first = Math.max(1, this.#frames - Math.ceil(entries / FRAME_ENTRIES))
    for (let n = first; n <= this.#frames; n++) this.#made.set(n, this.#frame(n))
  }

  async waitingSince(): Promise<undefined> {}

  async append(): Promise<never> {
    throw new Error('nobody appends here')
  }

  async *read(from: readonly number[] = [0]): AsyncGenerator<Frame> {
    for (let n = Math.max(1, sequenceOf(Math.min(...from))); n <= this.#frames; n++) {
      yield this.#made.get(n) ?? this.#frame(n)
    }
  }

  #frame(n: number): Frame {
    const { users, pins, boards } = this.#size
    const random = new Random(n)
    const writer = new EntryWriter()
    for (let i = 0; i < FRAME_ENTRIES; i++) {
      // Popular ones are near 0, as they are among people.
      const pin = `p${Math.floor(pins * random.unit() ** 3)}`
      // A board is its owner's alone.
      const board = random.below(boards)
      const user = `u${board % users}`
      const event = { id: `${n}-${i}`, time: n * 1_000 + i, user, pin, board: `b${board}` }
      writer.append({ kind: 'save', ...event })
    }
    const { payload, count } = writer.take()
    // The writer's bytes are used again.
    const own = Uint8Array.from(payload)
    return { partition: n % PARTITIONS, sequence: n, first: positionOf(n, 0), count, payload: own }
  }

  async follow(
    take: (frame: Frame) => void | Promise<void>,
    _lost: unknown,
    from?: readonly number[],
  ): Promise<void> {
    for await (const frame of this.read(from)) await take(frame)
  }

  async isWhole(): Promise<boolean> {
    return true
  }

  async close(): Promise<void> {}
}
