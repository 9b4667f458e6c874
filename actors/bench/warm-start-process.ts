/**
 * One process of `warm-start.bench.ts`: a ranker that starts, from the whole log or from the base
 * snapshot that the other one made of it. Prints a JSON document.
 */
import { limits, noDeclaredKinds, Random, silentLogger, systemClock } from '../../base/index.ts'
import { HostRanker } from '../hosts/dapr/host-ranker.ts'
import { MadeFrames } from '../hosts/dapr/testing.ts'
import { positionOf, sequenceOf } from '../ingest/position.ts'
import { EntryWriter, type Frame } from '../log/index.ts'

const PARTITIONS = 16
const FRAME_ENTRIES = 1_000

type Size = Readonly<Record<'saves' | 'behind' | 'users' | 'pins' | 'boards', number>>
type Given = Size & { readonly part: 'whole' | 'warm'; readonly directory: string }

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = systemClock.monotonic()
  await work()
  return (systemClock.monotonic() - began) / 1000
}

/** Saves by arithmetic: frame n is the same whenever it is read. */
class MadeLog extends MadeFrames {
  readonly partitions = PARTITIONS
  readonly #size: Size
  #frames: number
  readonly #made = new Map<number, Frame>()

  constructor(size: Size) {
    super()
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
}

const given = JSON.parse(process.argv[2]!) as Given

async function start(log: MadeLog) {
  const { users: usersMax, pins: pinsMax, boards: boardsMax, directory } = given
  let ranker: HostRanker | undefined
  const startSeconds = await seconds(async () => {
    ranker = await HostRanker.open({
      ...{ usersMax: usersMax + 1, pinsMax: pinsMax + 1, boardsMax: boardsMax + usersMax + 1 },
      ...{ tagsMax: 100, log, kinds: noDeclaredKinds, clock: systemClock, logger: silentLogger },
      bases: { directory, growthMin: Number.POSITIVE_INFINITY },
    })
    await ranker.follow()
    await ranker.build('graph')
  })
  return { ranker: ranker!, startSeconds }
}

async function whole() {
  const { ranker, startSeconds } = await start(new MadeLog(given))
  const snapshotSeconds = await seconds(() => ranker.snapshot())
  await ranker.stop()
  return { startSeconds, snapshotSeconds }
}

async function warm() {
  const log = new MadeLog(given)
  log.grow(given.behind)
  log.makeLast(PARTITIONS * limits.duplicateWindowEntries + given.behind)
  const before = process.cpuUsage()
  const { ranker, startSeconds } = await start(log)
  const { user, system } = process.cpuUsage(before)
  const { edges, entries } = await ranker.facts()
  await ranker.stop()
  return { startSeconds, cpuSeconds: (user + system) / 1e6, edges, entries }
}

const told = await (given.part === 'whole' ? whole() : warm())
process.stdout.write(JSON.stringify({ partitions: PARTITIONS, ...told }))
