import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { BlockHost, Runtime } from '../../actors/index.ts'
import { silentLogger, systemClock } from '../../base/index.ts'
import { ReplayFrames, replayDefaults, replayEvents } from '../../simulator/index.ts'
import { ingestAll } from './ingest-all.ts'
import { replayFrames } from './replay.ts'

const EVENTS = 12_000
const FRAME = 4096
const options = { ...replayDefaults, users: 500, pins: 2_000, boards: 1_500, topics: 20 }
const sizes = { usersMax: 1_000, pinsMax: 4_000, boardsMax: 4_000, tagsMax: 100 }

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
  const { users, pins, boards } = options
  return BlockHost.start({ ...given, users, pins, boards, clock: systemClock })
}

function run(host: BlockHost, to: number, more: { signal?: AbortSignal; keepEvery?: number } = {}) {
  return replayFrames(host, {
    ...{ frames: new ReplayFrames(options, FRAME), from: host.records, to, clock: systemClock },
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
  await ingestAll(runtime, replayEvents(options, { from: 0, to: EVENTS }))
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
  const identity = { seed: options.seed }
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

test('a folder is one run’s', async () => {
  const directory = folder()
  const first = await start({ directory, workers: 1, identity: { seed: 1 } })
  await first.stop()
  const other = { directory, workers: 1, identity: { seed: 2 } }
  await expect(start({ ...other, resumes: true })).rejects.toMatchObject({
    code: 'REPLAY_OTHER',
    details: { what: 'seed', found: 1, value: 2 },
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
