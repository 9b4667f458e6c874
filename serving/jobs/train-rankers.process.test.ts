/** A host of jobs trains what is missing or old; hosts that rank use what appears. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { logSize, Runtime } from '../../actors/index.ts'
import { type Entry, noDeclaredKinds, Random, silentLogger, systemClock } from '../../base/index.ts'
import { latestManifest, type Manifest, modelsDirectory, saveModel } from '../../ranking/index.ts'
import { watchRankers } from './ranker.ts'
import { keepRankersTrained } from './train-rankers.ts'

const directory = mkdtempSync(join(tmpdir(), 'pinwheel-training-job-test-'))
const leave: (() => unknown)[] = []
afterAll(async () => {
  for (const step of leave.reverse()) await step()
  rmSync(directory, { recursive: true, force: true })
})

/** Pins that are looked at, and some of them saved at once, some to a board of their own. */
function events(count: number, from = 0): Entry[] {
  const random = new Random(3 + from)
  return Array.from({ length: count }, (_, i): Entry[] => {
    const n = from + i
    const event = { user: `u${random.below(30)}`, pin: `p${random.below(300)}`, time: 1e12 + n }
    const seen = { kind: 'impression', id: `i${n}`, ...event } as const
    if (random.below(2) === 0) return [seen]
    const board = n % 3 === 0 ? { board: `b of ${event.user}` } : {}
    return [seen, { kind: 'save', id: `s${n}`, ...event, ...board }]
  }).flat()
}

test('what is missing is trained, then what is old and has more to learn from; both serve', async () => {
  const clock = systemClock
  const runtime = await Runtime.start({
    ...{ usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 },
    ...{ directory, workers: 1, partitions: 2, clock, logger: silentLogger },
  })
  leave.push(() => runtime.stop())
  await runtime.ingest(events(1_200))
  await runtime.buildEpoch()
  const size = await logSize(runtime.log)
  const { pin, board } = runtime.names
  expect(size).toEqual({ entries: runtime.entries, pins: pin.size, boards: board.size })

  const stop = new AbortController()
  leave.push(() => stop.abort())
  const served: Manifest[] = []
  const job = { directory, clock, logger: silentLogger, signal: stop.signal }
  const onServed = (manifest: Manifest) => void served.push(manifest)
  const watching = watchRankers(runtime, { ...job, onServed })
  const trains = { ...job, kinds: noDeclaredKinds, everyMs: 1_000 }
  const training = keepRankersTrained(runtime.log, trains)
  const lights = () => served.filter(({ kind }) => kind === 'light')
  await expect.poll(() => lights().length, { timeout: 60_000 }).toBe(1)
  expect((await runtime.stats())[0]?.model).toBe(lights()[0]!.version)
  expect(lights()[0]!.entries).toBe(size.entries)

  // An old one of a log that has not grown stays.
  await clock.sleep(1_500)
  expect(lights()).toHaveLength(1)
  await runtime.ingest(events(600, 1_200))
  await expect.poll(() => lights().length, { timeout: 60_000 }).toBeGreaterThan(1)
  expect(lights().at(-1)!.entries).toBeGreaterThan(size.entries * 1.1)
  stop.abort()
  await Promise.all([watching, training])
}, 150_000)

test('what is unfit is told once, and the former one goes on', async () => {
  const data = join(directory, 'unfit')
  const errors: unknown[] = []
  const logger = { ...silentLogger, error: (fields: unknown) => void errors.push(fields) }
  const stop = new AbortController()
  const used: number[] = []
  const host = { useModel: async (bytes: Uint8Array) => void used.push(bytes.length) }
  const save = (version: string, trainedAt: number, bytes: Uint8Array) => {
    const about = { metrics: {}, entries: 0, inputs: [], range: { from: 0, to: 0 } }
    return saveModel(modelsDirectory(data, 'light'), bytes, { ...about, version, trainedAt })
  }
  await save('a', 1, new Uint8Array(3))
  const options = { directory: data, clock: systemClock, logger, signal: stop.signal }
  const watching = watchRankers(host as never, options)
  await expect.poll(() => used, { timeout: 20_000 }).toEqual([3])
  const broken = { ...(await save('b', 2, new Uint8Array(4))), sha256: 'no' }
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(modelsDirectory(data, 'light'), 'b.json'), JSON.stringify(broken))
  await expect.poll(() => errors.length, { timeout: 20_000 }).toBe(1)
  await save('c', 3, new Uint8Array(5))
  await expect.poll(() => used, { timeout: 20_000 }).toEqual([3, 5])
  expect(errors).toHaveLength(1)
  expect((await latestManifest(modelsDirectory(data, 'light')))?.version).toBe('c')
  stop.abort()
  await watching
}, 90_000)
