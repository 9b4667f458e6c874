/** Lists made ahead: by the job, killed and taken up again, and as a server answers them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Recommender, Runtime } from '../../actors/index.ts'
import { type Entry, noDeclaredKinds, Random, silentLogger, systemClock } from '../../base/index.ts'
import { rowOf } from '../../ranking/algebra/index.ts'
import { fittedOn, grouped } from '../../ranking/fitted/testing.ts'
import { fittedFolder, ListBook, listsFolder, openFitted, saveFitted } from '../../ranking/index.ts'
import { nightly } from './nightly.ts'

const USERS = 160
const directory = mkdtempSync(join(tmpdir(), 'pinwheel-nightly-test-'))
const leave: (() => unknown)[] = []
afterAll(async () => {
  for (const step of leave.reverse()) await step()
  rmSync(directory, { recursive: true, force: true })
})
const data = grouped(USERS)
const clock = systemClock
let runtime: Runtime

beforeAll(async () => {
  const sizes = { usersMax: 1_000, pinsMax: 1_000, boardsMax: 1_000, tagsMax: 1_000 }
  const workers = 1
  const common = { workers, partitions: 2, clock, logger: silentLogger }
  runtime = await Runtime.start({ ...sizes, ...common, directory })
  leave.push(() => runtime.stop())
  const time = clock.now() - 1_000
  const saves = Array.from({ length: USERS }, (_, user): Entry[] =>
    Array.from(rowOf(data.train, user), (item, n) => {
      const event = { user: data.names.users.id(user), pin: data.names.items.id(item) }
      // One was active long ago.
      return { kind: 'save', id: `s${user}-${n}`, time: user === 7 ? 5 + n : time + n, ...event }
    }),
  ).flat()
  await runtime.ingest(saves)
  await runtime.buildEpoch()
  const { fitted } = await fittedOn(data, 'low-pass')
  const about = { metrics: {}, entries: saves.length, users: USERS, trainedAt: 1 }
  const folder = fittedFolder(directory)
  const manifest = await saveFitted(folder, fitted, about)
  await runtime.useFitted(await openFitted(folder, manifest, runtime.names.pin))
})

const options = {
  directory,
  days: 30,
  chunkUsers: 1,
  threads: 1,
  clock,
  kinds: noDeclaredKinds,
  pinsMax: 1_000,
  boardsMax: 1_000,
  cpuUs: () => 0,
}

test('a job that was killed goes on where it was, and ends with what one run makes', async () => {
  const root = listsFolder(directory)
  const written = () => {
    const [run] = (() => {
      try {
        return readdirSync(root)
      } catch {
        return []
      }
    })()
    if (run === undefined) return []
    const folder = join(root, run)
    return readdirSync(folder)
      .filter((name) => name.endsWith('.lists'))
      .map((name) => ({ name, ms: statSync(join(folder, name)).mtimeMs }))
  }
  const words = ['jobs', 'nightly', '--data', directory, '--chunk-users', '1', '--json']
  const child = spawn(process.execPath, ['serving/pinwheel.mjs', ...words], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  while (written().length < 3 && child.exitCode === null) await clock.sleep(1)
  child.kill('SIGKILL')
  expect((await ended)[1]).toBe('SIGKILL')
  const before = written()
  expect(before.length).toBeGreaterThan(0)
  expect(before.length).toBeLessThan(USERS - 1)

  const report = await nightly(options)
  expect(report).toMatchObject({ users: USERS, active: USERS - 1, resumedChunks: before.length })
  expect(report.lists + report.resumedLists).toBe(USERS - 1)
  // What was there is as it was.
  expect(written()).toEqual(expect.arrayContaining(before))
  expect(written()).toHaveLength(report.chunks)

  const whole = mkdtempSync(join(directory, 'whole-'))
  const { resumedChunks } = await nightly({ ...options, folder: whole, chunkUsers: 50 })
  expect(resumedChunks).toBe(0)
  const open = (folder: string) => ListBook.open({ folder, clock, logger: silentLogger })
  const [one, other] = [await open(root), await open(whole)]
  for (let user = 0; user < USERS; user++) {
    const [a, b] = [await one.find(`u${user}`), await other.find(`u${user}`)]
    expect([a?.items, a?.scores]).toEqual([b?.items, b?.scores])
    expect(a === undefined).toBe(user === 7)
  }
})

test('a listed answer is what the model would say, without what may not be shown now', async () => {
  const book = await ListBook.open({ folder: listsFolder(directory), clock, logger: silentLogger })
  const common = { runtime, clock, deadlineMs: 5_000, random: new Random(1) }
  const listing = new Recommender({ ...common, lists: book })
  const asking = new Recommender(common)
  leave.push(
    () => listing.close(),
    () => asking.close(),
  )
  const answer = async (from: Recommender, user: string, more: object = {}) => {
    const ask = { user, limit: 3, generation: 'collaborative', exclude: [], explain: true } as const
    const { items, model, trace } = await from.recommend({
      ...ask,
      seed: 1,
      off: ['slate'],
      ...more,
    })
    const walked = trace?.find(({ stage }) => stage === 'neighbours')?.outcome === 'ok'
    return { list: items.map(({ pin, score }) => ({ pin, score })), model, walked }
  }
  for (const user of ['u1', 'u2', 'u3']) {
    const fresh = await answer(asking, user)
    expect(await answer(listing, user)).toEqual({ ...fresh, walked: false })
    expect(fresh.walked).toBe(true)
  }
  const [first] = (await answer(listing, 'u1')).list
  const without = await answer(listing, 'u1', { exclude: [first!.pin] })
  expect(without.list.map(({ pin }) => pin)).not.toContain(first!.pin)
  await runtime.ingest([{ kind: 'hide', id: 'h1', time: clock.now(), user: 'u1', pin: first!.pin }])
  await runtime.settled()
  const after = await answer(listing, 'u1')
  expect(after.list).toEqual(without.list)
  expect(after.walked).toBe(false)
  // Nobody made one for who was active long ago: it is made now, and kept.
  expect((await answer(listing, 'u7')).walked).toBe(true)
  expect(await answer(listing, 'u7')).toEqual({ ...(await answer(asking, 'u7')), walked: false })
  // Nor is there a list of a model that is no more.
  const { fitted } = await fittedOn(data, 'rp3beta')
  const about = { metrics: {}, entries: 1, users: USERS, trainedAt: 2 }
  const manifest = await saveFitted(fittedFolder(directory), fitted, about)
  await runtime.useFitted(await openFitted(fittedFolder(directory), manifest, runtime.names.pin))
  expect(await answer(listing, 'u2')).toMatchObject({ model: manifest.version, walked: true })
})

test('without a model it says what to do', async () => {
  const empty = mkdtempSync(join(directory, 'empty-'))
  writeFileSync(join(empty, 'x'), '')
  await expect(nightly({ ...options, directory: empty })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  })
})
