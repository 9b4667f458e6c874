/** A ranker over a log in memory: what it starts from changes nothing that it says. */
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import {
  type Entry,
  type EpochMs,
  entryOwner,
  hashId,
  noDeclaredKinds,
  Random,
  silentLogger,
  systemClock,
} from '../../../base/index.ts'
import { positionOf, sequenceOf } from '../../ingest/position.ts'
import { EntryWriter, type Frame } from '../../log/index.ts'
import { stranger } from '../../recommend-ask.ts'
import { askRanker } from './ask-ranker.ts'
import { HostRanker, type HostRankerOptions } from './host-ranker.ts'
import { MadeFrames } from './testing.ts'

const PARTITIONS = 3
const folder = mkdtempSync(join(tmpdir(), 'pinwheel-ranker-'))
const rankers: HostRanker[] = []
afterAll(async () => {
  for (const ranker of rankers) await ranker.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Frames as a stream has them: their places grow over all partitions, with holes. */
class MemoryStream extends MadeFrames {
  readonly partitions: number
  readonly frames: Frame[] = []
  /** Sequences up to this one are gone. */
  gone = 0
  /** Places that were read, by whoever reads. */
  reads: number[] = []
  /** What it says of what waits behind a position, and the position. */
  waiting: EpochMs | undefined
  askedBehind = -1

  constructor(partitions = PARTITIONS) {
    super()
    this.partitions = partitions
  }

  write(entries: readonly Entry[]): void {
    const writers = new Map<number, EntryWriter>()
    for (const entry of entries) {
      const partition = hashId(entryOwner(entry)) % this.partitions
      const writer = writers.get(partition) ?? new EntryWriter()
      writers.set(partition, writer.append(entry) ?? writer)
    }
    for (const [partition, writer] of writers) {
      const sequence = this.frames.length + 1
      const { payload, count } = writer.take()
      const first = positionOf(sequence, 0)
      this.frames.push({ partition, sequence, first, count, payload: payload.slice() })
    }
  }

  override async waitingSince(position: number): Promise<EpochMs | undefined> {
    this.askedBehind = position
    return this.waiting
  }

  async *read(from: readonly number[] = [0]): AsyncGenerator<Frame> {
    const first = sequenceOf(Math.min(...from))
    for (const frame of this.frames) {
      if (frame.sequence <= this.gone || frame.sequence < first) continue
      this.reads.push(frame.sequence)
      yield frame
    }
  }

  override async isWhole(after = -1): Promise<boolean> {
    const sequence = Math.max(0, sequenceOf(after))
    return this.gone <= sequence && sequence <= this.frames.length
  }
}

const random = new Random(5)
let events = 0
function visits(count: number): Entry[] {
  return Array.from({ length: count }, (): Entry => {
    const [user, pin] = [`u${random.below(40)}`, `p${random.below(200)}`]
    const n = events++
    if (n % 4 > 0) return { kind: 'impression', id: `e${n}`, time: n, user, pin }
    return { kind: 'save', id: `e${n}`, time: n, user, pin }
  })
}

async function open(log: MemoryStream, directory?: string): Promise<HostRanker> {
  const given: HostRankerOptions = {
    ...{ usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 100 },
    ...{ log, kinds: noDeclaredKinds, clock: systemClock, logger: silentLogger },
    ...(directory !== undefined && { bases: { directory, growthMin: Number.POSITIVE_INFINITY } }),
  }
  const ranker = await HostRanker.open(given)
  rankers.push(ranker)
  await ranker.follow()
  await ranker.build()
  return ranker
}

const common = { limit: 40, generation: 'mixed', exclude: [], explain: false } as const
const ask = { ...common, at: 100_000, seed: 7, deadlineMs: 5_000, off: [] }

async function told(ranker: HostRanker) {
  const seeds = [3, 50, 120].map((n) => ({ pin: `p${n}`, weight: 1, time: n }))
  const { epoch: _epoch, ...answer } = await ranker.answer({
    ...ask,
    user: { ...stranger, known: true, saves: 3, seeds },
  })
  const { epoch: _number, ...facts } = await ranker.facts()
  return { answer, facts, users: await ranker.users(5) }
}

test('from a base snapshot it says what it says from the whole log', async () => {
  const log = new MemoryStream()
  const directory = join(folder, 'whole')
  for (let n = 0; n < 20; n++) log.write(visits(100))
  const first = await open(log, directory)
  await first.snapshot()
  // A resend of what the snapshot has, which must be known as one behind it.
  const again = log.frames.at(-1)!
  log.frames.push({ ...again, first: positionOf(log.frames.length + 1, 0), sequence: 61 })
  for (let n = 0; n < 5; n++) log.write(visits(100))
  const whole = await told(await open(log))
  expect(whole.answer.items).toHaveLength(40)

  log.reads = []
  expect(await told(await open(log, directory))).toEqual(whole)
  // The window of duplicates is longer than this log.
  expect(log.reads[0]).toBe(1)
  await first.stop()
})

test('what the stream has dropped is in the snapshot; a hole between both is not passed over', async () => {
  const log = new MemoryStream()
  const directory = join(folder, 'dropped')
  for (let n = 0; n < 10; n++) log.write(visits(100))
  const first = await open(log, directory)
  await first.snapshot()
  const before = await told(first)
  await first.stop()
  log.gone = log.frames.length
  expect(await told(await open(log, directory))).toEqual(before)
  log.write(visits(100))
  log.gone = log.frames.length - 1
  const holed = await open(log, directory)
  expect((await holed.facts()).entries).toBeLessThan(100)
})

test('a damaged snapshot, and one of another stream, are passed over', async () => {
  const log = new MemoryStream()
  const directory = join(folder, 'damaged')
  for (let n = 0; n < 10; n++) log.write(visits(100))
  const first = await open(log, directory)
  await first.snapshot()
  const right = await told(first)
  await first.stop()
  const other = new MemoryStream()
  other.write(visits(50))
  expect((await (await open(other, directory)).facts()).entries).toBe(50)
  const [snapshots] = readdirSync(join(directory, 'ranker'), { recursive: true })
    .map(String)
    .filter((file) => file.includes('edges'))
  truncateSync(join(directory, 'ranker', snapshots!), 100)
  expect(await told(await open(log, directory))).toEqual(right)
})

test('two processes over one folder: one keeps snapshots, both start from them', async () => {
  const log = new MemoryStream()
  const directory = join(folder, 'two')
  log.write(visits(300))
  const first = await open(log, directory)
  const second = await open(log, directory)
  await second.snapshot()
  expect(readdirSync(join(directory, 'ranker/snapshots'))).toEqual([])
  await first.snapshot()
  expect(readdirSync(join(directory, 'ranker/snapshots'))).toHaveLength(1)
  log.gone = log.frames.length
  expect(await told(await open(log, directory))).toEqual(await told(first))
})

test('one that is behind the log says how far, with each answer', async () => {
  const log = new MemoryStream()
  log.write(visits(100))
  const ranker = await open(log)
  const answers = () => {
    const asked = { ...ask, user: stranger }
    return Promise.all(['recommend', 'answer'].map((method) => askRanker(ranker, method, asked)))
  }
  for (const answer of await answers()) expect(answer).not.toHaveProperty('behindMs')
  log.waiting = systemClock.now() - 60_000
  await vi.waitFor(() => expect(ranker.behindMs).toBeGreaterThan(0), { timeout: 10_000 })
  expect(log.askedBehind).toBe(Math.max(...(await ranker.facts()).positions))
  for (const answer of await answers()) {
    expect((answer as { behindMs: number }).behindMs).toBeGreaterThanOrEqual(60_000)
  }
  expect((await ranker.facts()).behindMs).toBeGreaterThanOrEqual(60_000)
  log.waiting = undefined
  await vi.waitFor(() => expect(ranker.behindMs).toBe(0), { timeout: 10_000 })
})

test('one of another number of partitions is passed over, though its places would fit', async () => {
  const log = new MemoryStream()
  const directory = join(folder, 'divided')
  for (let n = 0; n < 10; n++) log.write(visits(100))
  const first = await open(log, directory)
  await first.snapshot()
  await first.stop()
  const divided = new MemoryStream(PARTITIONS + 1)
  divided.frames.push(...log.frames)
  divided.write(visits(50))
  const ranker = await open(divided, directory)
  expect(divided.reads[0]).toBe(1)
  expect((await ranker.facts()).entries).toBe(1_050)
})

test('a position of a time with other partitions is read, whichever they were', async () => {
  const log = new MemoryStream()
  log.write(visits(100))
  const ranker = await open(log)
  const { sequence } = log.frames.at(-1)!
  const stale = async (partition: number, position: number) => {
    const since = { partition, position }
    const asked = { ...ask, user: stranger, deadlineMs: 40, since }
    return (await ranker.answer(asked)).stale === true
  }
  for (let partition = 0; partition < 2 * PARTITIONS; partition++) {
    expect(await stale(partition, positionOf(sequence, 0))).toBe(false)
    expect(await stale(partition, positionOf(sequence + 1, 0))).toBe(true)
  }
})
