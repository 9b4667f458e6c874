import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { BlockHost, Runtime } from '../../actors/index.ts'
import { kindCode, NONE, silentLogger, systemClock } from '../../base/index.ts'
import { EventStream, planCircles, streamEntries, streamIdentity } from '../../simulator/index.ts'
import { streamRecord } from '../../simulator/workload/stream/index.ts'
import { circleWorld, growSeedGraph } from '../../simulator/world/index.ts'
import { ingestAll } from './ingest-all.ts'
import { replayStream } from './replay.ts'

const EVENTS = 12_000
/** Three circles of 150 people, two of which are alike. */
const plan = planCircles({ seed: 5, users: 150 })
const graphs = [0, 1].map((pattern) => growSeedGraph({ laws: plan.laws, seed: 5, pattern }))
const world = circleWorld({ ...plan, circles: 3, patterns: 2 }, graphs)
const stream = new EventStream(world, { name: 'feed' })
const { users, pins, boards } = stream.sizes(EVENTS)
const sizes = { usersMax: users, pinsMax: pins, boardsMax: boards + users, tagsMax: 100 }

const folders: string[] = []
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'pinwheel-replay-test-'))
  folders.push(made)
  return made
}
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true })
})

type Given = {
  readonly directory: string
  readonly workers: number
  readonly identity?: Readonly<Record<string, string | number>>
  readonly resumes?: boolean
  readonly stateBytesMax?: number
}

async function start(given: Given): Promise<BlockHost> {
  return BlockHost.start({ ...given, users, pins, boards, clock: systemClock })
}

function run(host: BlockHost, to: number, more: { signal?: AbortSignal; keepEvery?: number } = {}) {
  return replayStream(host, {
    ...{ stream, from: host.records, to, clock: systemClock },
    keepEvery: Number.POSITIVE_INFINITY,
    ...more,
  })
}

async function whole(given: Given) {
  const host = await start(given)
  await run(host, EVENTS)
  const found = { ids: await host.digest(), numbers: await host.numbersDigest() }
  await host.stop()
  return found
}

test('what is replayed is what a server makes of the same events, whatever the workers', async () => {
  const directory = folder()
  const runtime = await Runtime.start({
    ...{ directory, workers: 1, partitions: 3, ...sizes, bulk: true },
    ...{ clock: systemClock, logger: silentLogger },
  })
  await ingestAll(runtime, streamEntries(stream, { from: 0, to: EVENTS }))
  const served = await runtime.digest()
  await runtime.stop()
  const one = await whole({ directory: folder(), workers: 1 })
  const two = await whole({ directory: folder(), workers: 2 })
  expect(one.ids).toBe(served)
  expect(two).toEqual(one)
  const small = await whole({ directory: folder(), workers: 2, stateBytesMax: 100_000 })
  expect(small).toEqual(one)
})

test('a run that was ended goes on from its snapshot to the same digest', async () => {
  const directory = folder()
  const identity = streamIdentity(stream)
  const first = await start({ directory, workers: 2, identity })
  await run(first, 5_000)
  await first.keep()
  // Comes after the snapshot, and is lost.
  await run(first, 7_001)
  await first.stop(true)
  const second = await start({ directory, workers: 1, identity, resumes: true })
  expect(second.records).toBe(5_000)
  await run(second, EVENTS)
  const resumed = { ids: await second.digest(), numbers: await second.numbersDigest() }
  await second.stop()
  expect(resumed).toEqual(await whole({ directory: folder(), workers: 1 }))
})

test('what is folded is what the stream says, counted without a host', async () => {
  const event = streamRecord()
  const edges = new Set<string>()
  const heard = { users: new Set<number>(), pins: new Set<number>(), saves: 0, unsaves: 0 }
  for (let i = 0; i < EVENTS; i++) {
    const { kind, user, pin, board } = stream.at(i, event)
    heard.users.add(user)
    heard.pins.add(pin)
    const edge = `${board === NONE ? `own ${user}` : board} ${pin}`
    if (kind === kindCode.save) edges.add(edge)
    if (kind === kindCode.unsave) edges.delete(edge)
    if (kind === kindCode.save) heard.saves++
    if (kind === kindCode.unsave) heard.unsaves++
  }
  expect(heard.saves / EVENTS).toBeGreaterThan(0.1)
  expect(heard.unsaves).toBeGreaterThan(20)
  const host = await start({ directory: folder(), workers: 2 })
  await run(host, EVENTS)
  const stats = await host.stats()
  const sum = (of: (s: (typeof stats)[number]) => number) => stats.reduce((n, s) => n + of(s), 0)
  expect(sum((s) => s.edges)).toBe(edges.size)
  expect(sum((s) => s.users)).toBe(heard.users.size)
  expect(sum((s) => s.pins)).toBe(heard.pins.size)
  expect(sum((s) => s.folded)).toBe(2 * EVENTS)
  await host.stop()
})

test('a folder is one run’s', async () => {
  const directory = folder()
  const first = await start({ directory, workers: 1, identity: { seed: 1 } })
  await first.stop()
  const other = { directory, workers: 1, identity: { seed: 2 } }
  await expect(start({ ...other, resumes: true })).rejects.toMatchObject({
    code: 'REPLAY_OTHER',
    details: { what: 'seed', found: 1, value: 2 },
  })
  const workload = streamIdentity(new EventStream(world, { name: 'collect' }))
  await expect(start({ ...other, identity: workload, resumes: true })).rejects.toMatchObject({
    code: 'REPLAY_OTHER',
  })
  await expect(start({ ...other, identity: { seed: 1 } })).rejects.toMatchObject({
    code: 'DIRECTORY_INVALID',
  })
  await expect(start({ ...other, directory: join(directory, '..') })).rejects.toMatchObject({
    code: 'DIRECTORY_INVALID',
  })
})

test('a signal ends a run where it is', async () => {
  const host = await start({ directory: folder(), workers: 1 })
  const ended = await run(host, EVENTS, { signal: AbortSignal.abort() })
  expect(ended.end).toBe(0)
  await host.stop(true)
})
