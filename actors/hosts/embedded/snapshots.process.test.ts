import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Entry, Random, silentLogger, systemClock } from '../../../base/index.ts'
import { readChecked, writeChecked } from '../../log/checked-file.ts'
import { LogFollower, realDisk } from '../../log/index.ts'
import { FollowedGraph } from '../../projections/followed-graph.ts'
import { type Manifest, snapshotFolder } from '../../snapshots/snapshots.ts'
import { Runtime } from './runtime.ts'
import type { RuntimeOptions } from './runtime-options.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-snapshots-test-'))
const running = new Set<Runtime>()
let directories = 0
afterEach(async () => {
  await Promise.all(Array.from(running, stop))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const newDirectory = () => join(scratch, String(directories++))
async function start(directory: string, more: Partial<RuntimeOptions> = {}): Promise<Runtime> {
  const runtime = await Runtime.start({
    directory,
    workers: 2,
    partitions: 3,
    usersMax: 5_000,
    pinsMax: 5_000,
    boardsMax: 10_000,
    tagsMax: 1_000,
    clock: systemClock,
    logger: silentLogger,
    ...more,
  })
  running.add(runtime)
  return runtime
}
async function stop(runtime: Runtime): Promise<void> {
  running.delete(runtime)
  await runtime.stop()
}

/** Batches of everything that can be said; every tenth event is sent again later. */
function batches(seed: number, count: number): Entry[][] {
  const random = new Random(seed)
  let n = 0
  const sent: Entry[] = []
  const entry = (): Entry => {
    const [time, id] = [86_400_000 * random.below(20) + n, `${seed} ${n++}`]
    const [user, pin] = [`u${random.below(200)}`, `p${random.below(300)}`]
    const board = `b${random.below(60)}`
    switch (random.below(12)) {
      case 0:
        return { kind: 'pin', id: pin, time, title: `${pin} at ${n}`, tags: [`t${n % 9}`] }
      case 1:
        return { kind: 'board', id: board, time, user, private: random.below(3) === 0 }
      case 2:
        return random.below(4) > 0
          ? { kind: 'unsave', id, time, user, pin, board }
          : { kind: 'delete-pin', id: pin, time }
      case 3:
        return random.below(4) > 0
          ? { kind: 'hide', id, time, user, pin }
          : { kind: 'delete-user', id: user, time }
      case 4:
      case 5:
      case 6:
        return { kind: 'impression', id, time, user, pin }
      case 7:
        return sent[random.below(sent.length + 1)] ?? { kind: 'closeup', id, time, user, pin }
      default:
        return { kind: 'save', id, time, user, pin, board }
    }
  }
  return Array.from({ length: count }, () => {
    const batch = Array.from({ length: 40 }, entry)
    sent.push(...batch.filter(({ kind }) => kind === 'save'))
    return batch
  })
}

/** What a host is seen to hold: its actors, the graph, feeds and columns. */
async function seen(runtime: Runtime) {
  const digest = await runtime.digest()
  await runtime.buildEpoch()
  const stats = await runtime.stats()
  const feeds = await Promise.all(
    [0, 1, 2].map(async (user) => {
      const ask = { user, limit: 20, generation: 'mixed', exclude: [], explain: false } as const
      const reply = await runtime.recommend({ ...ask, at: 9e9, seed: 3, deadlineMs: 5e3, off: [] })
      return reply.pins.map(({ pin }) => runtime.names.pin.id(pin))
    }),
  )
  const columns = Object.entries(runtime.features.columns).map(([name, column]) => {
    return [name, Array.from(column).reduce((sum, x, i) => sum + x * (1 + (i % 97)), 0)]
  })
  const { entries, resends } = runtime
  const [edges, boards] = [stats[0]!.edges, stats[0]!.boards]
  return { digest, feeds, entries, resends, edges, boards, columns: Object.fromEntries(columns) }
}

/** The same entries in a host that never stopped. */
async function unbroken(all: readonly Entry[][]) {
  const runtime = await start(newDirectory())
  for (const batch of all) await runtime.ingest(batch)
  return seen(runtime)
}

describe('base snapshots', () => {
  const all = batches(1, 24)
  let wanted: Awaited<ReturnType<typeof seen>>
  beforeAll(async () => {
    wanted = await unbroken(all)
  })

  test.each([
    ['as it was', {}],
    ['by one worker', { workers: 1 }],
    ['with little memory', { stateBytesMax: 15_000 }],
  ])('a start from one, %s, and the log behind it is as if nothing happened', async (_, more) => {
    const directory = newDirectory()
    const first = await start(directory, more)
    for (const batch of all.slice(0, 10)) await first.ingest(batch)
    // Taken while entries come in.
    const made = first.snapshot()
    for (const batch of all.slice(10, 20)) await first.ingest(batch)
    const { entries } = await made
    expect(entries).toBeGreaterThanOrEqual(400)
    expect(entries).toBeLessThan(960)
    await stop(first)
    const second = await start(directory, { workers: 3 })
    for (const batch of all.slice(20)) await second.ingest(batch)
    expect(await seen(second)).toEqual(wanted)
  })

  test('the newest two are kept; where one is damaged the other serves, then the log', async () => {
    const all = batches(2, 12)
    const directory = newDirectory()
    const first = await start(directory)
    for (const [n, batch] of all.entries()) {
      await first.ingest(batch)
      if (n % 4 === 3) await first.snapshot()
    }
    const expected = await seen(first)
    await stop(first)
    const root = join(directory, 'snapshots')
    const kept = readdirSync(root).sort()
    expect(kept).toHaveLength(2)
    for (const damaged of [kept[1]!, kept[0]!]) {
      const file = join(root, damaged, 'Pin.1')
      const bytes = readFileSync(file)
      bytes[bytes.length >> 1]! ^= 1
      writeFileSync(file, bytes)
      const next = await start(directory)
      expect(await seen(next)).toEqual(expected)
      expect(readdirSync(root)).not.toContain(damaged)
      await stop(next)
    }
  })

  test('one of format 2 has no features: they follow from the states', async () => {
    const directory = newDirectory()
    const first = await start(directory)
    for (const batch of all.slice(0, 20)) await first.ingest(batch)
    const { number } = await first.snapshot()
    await stop(first)
    const folder = snapshotFolder(directory, number)
    const manifest = await readChecked(realDisk, folder, 'manifest.json', (fact) => fact)
    const made = manifest as Manifest
    const parts = made.parts.filter(({ name }) => !name.startsWith('features.'))
    expect(parts).toHaveLength(made.parts.length - 2)
    await writeChecked(realDisk, folder, 'manifest.json', { ...made, format: 2, parts })
    const second = await start(directory, { workers: 1 })
    for (const batch of all.slice(20)) await second.ingest(batch)
    expect(await seen(second)).toEqual(wanted)
  })

  test('one that was not finished does not count and is cleared away', async () => {
    const directory = newDirectory()
    const first = await start(directory)
    const all = batches(3, 3)
    for (const batch of all) await first.ingest(batch)
    await first.snapshot()
    const expected = await seen(first)
    await stop(first)
    const root = join(directory, 'snapshots')
    rmSync(join(root, readdirSync(root)[0]!, 'manifest.json'))
    const next = await start(directory)
    expect(readdirSync(root)).toEqual([])
    expect(await seen(next)).toEqual(expected)
  })

  test('segments that neither of them needs are dropped; a start does without', async () => {
    const directory = newDirectory()
    const files = { segmentBytes: 2_000 }
    const options = { files, logBytes: 6_000, ports: { duplicateWindow: 20 } }
    const first = await start(directory, options)
    for (const [n, batch] of all.entries()) {
      await first.ingest(batch)
      if (n % 6 === 5) await first.snapshot()
    }
    const begins = first.log.begins()
    for (const begin of begins) expect(begin).toBeGreaterThan(0)
    const digest = await first.digest()
    await stop(first)
    const second = await start(directory, options)
    expect(second.log.begins()).toEqual(begins)
    expect(await second.digest()).toBe(digest)
    // An entry sent again just before the stop is known by what is left of the log.
    const last = all.at(-1)!.findLast(({ kind }) => kind === 'save')!
    expect((await second.ingest([last])).verdicts).toEqual(['duplicate'])
    await stop(second)
    await expect(FollowedGraph.open({ directory })).rejects.toMatchObject({ code: 'LOG_DROPPED' })
    const follower = await LogFollower.open({ directory })
    let entries = 0
    for await (const { count } of follower.read()) entries += count
    expect(entries).toBe(second.entries - begins.reduce((sum, begin) => sum + begin, 0))
    // Without the snapshots there is no way back, and a segment that is missing is damage.
    rmSync(join(directory, 'snapshots'), { recursive: true })
    await expect(start(directory, options)).rejects.toMatchObject({ code: 'LOG_DROPPED' })
    const part = join(directory, 'log', 'p00')
    rmSync(join(part, readdirSync(part).sort()[0]!))
    await expect(start(directory, options)).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
  })

  test('one that has entries which the log lost does not hide those that come in their place', async () => {
    const directory = newDirectory()
    const files = { segmentBytes: 2_000 }
    const first = await start(directory, { files })
    for (const batch of all) await first.ingest(batch)
    await first.snapshot()
    await stop(first)
    // As a power loss leaves it where entries are acknowledged when they are written.
    for (const name of ['p00', 'p01', 'p02']) {
      const part = join(directory, 'log', name)
      rmSync(join(part, readdirSync(part).sort().at(-1)!))
    }
    const second = await start(directory, { files })
    expect(readdirSync(join(directory, 'snapshots'))).toEqual([])
    await second.ingest([{ kind: 'save', id: 'new', time: 9e9, user: 'newcomer', pin: 'p1' }])
    await second.settled()
    const newcomer = second.names.user.find('newcomer')
    expect(await second.inspect('user', newcomer)).toMatchObject({ state: { lastActive: 9e9 } })
    const digest = await second.digest()
    await stop(second)
    expect(await (await start(directory, { files })).digest()).toBe(digest)
  })

  test('they are made by themselves as the log grows', async () => {
    const directory = newDirectory()
    const first = await start(directory, { snapshotBytes: 10_000 })
    for (const batch of batches(4, 60)) await first.ingest(batch)
    await stop(first)
    expect(readdirSync(join(directory, 'snapshots')).length).toBeGreaterThan(0)
  })
})
