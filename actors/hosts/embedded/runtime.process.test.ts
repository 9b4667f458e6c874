import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type Entry, NONE, Random, silentLogger, systemClock } from '../../../base/index.ts'
import { Recommender } from '../../recommender/recommender.ts'
import { formatPosition, parsePosition } from './position.ts'
import { Runtime } from './runtime.ts'
import type { RuntimeOptions } from './runtime-options.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-runtime-test-'))
const running: Runtime[] = []
let directories = 0
afterEach(async () => {
  for (const runtime of running.splice(0)) await runtime.stop()
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const newDirectory = () => join(scratch, String(directories++))
async function start(
  directory: string,
  workers = 1,
  more: Partial<RuntimeOptions> = {},
): Promise<Runtime> {
  const runtime = await Runtime.start({
    directory,
    workers,
    partitions: 3,
    usersMax: 5_000,
    pinsMax: 5_000,
    boardsMax: 5_000,
    tagsMax: 1_000,
    clock: systemClock,
    logger: silentLogger,
    ...more,
  })
  running.push(runtime)
  return runtime
}
const stop = async (runtime: Runtime) => {
  running.splice(running.indexOf(runtime), 1)
  await runtime.stop()
}

/** Two communities that share no pin: even users and pins, odd users and pins. */
function communities(): Entry[] {
  const random = new Random(5)
  const entries: Entry[] = []
  for (let pin = 0; pin < 60; pin++) {
    const topic = pin % 2 === 0 ? 'even' : 'odd'
    entries.push({
      kind: 'pin',
      id: `p${pin}`,
      time: pin,
      title: `Pin ${pin}`,
      tags: [topic],
      topic,
    })
  }
  for (let n = 0; n < 1_500; n++) {
    const user = random.below(40)
    const pin = 2 * random.below(30) + (user % 2)
    const kind = n % 3 === 0 ? 'impression' : 'save'
    entries.push({ kind, id: `e${n}`, time: 1_000 + n, user: `u${user}`, pin: `p${pin}` })
  }
  return entries
}
const ask = (user: number) => ({
  user,
  limit: 10,
  generation: 'mixed' as const,
  exclude: [],
  explain: false,
  at: 5_000,
  seed: 7,
  deadlineMs: 2_000,
  off: [],
})

describe('the embedded host', () => {
  test('the digest is the same for one worker, two, and after a restart', async () => {
    const directory = newDirectory()
    const one = await start(directory)
    await one.ingest(communities())
    const digest = await one.digest()
    await one.buildEpoch()
    const user = one.names.user.find('u4')
    const feed = await one.recommend(ask(user))
    await stop(one)
    const again = await start(directory, 2)
    expect(await again.digest()).toBe(digest)
    expect(again.entries).toBe(one.entries)
    // Same log, same numbers, same feed, whatever the number of threads.
    expect((await again.recommend(ask(user))).pins).toEqual(feed.pins)
    const other = await start(newDirectory(), 2)
    await other.ingest([...communities()].slice(0, -1))
    expect(await other.digest()).not.toBe(digest)
  })

  test.each([1, 2])(
    'memory for a few actors only, %i workers: nothing is different',
    async (workers) => {
      const directory = newDirectory()
      const wide = await start(directory, workers)
      await wide.ingest(communities())
      await wide.buildEpoch()
      const digest = await wide.digest()
      const user = wide.names.user.find('u4')
      const feed = await wide.recommend(ask(user))
      await stop(wide)
      const narrow = await start(directory, workers, { stateBytesMax: 10_000 })
      expect(await narrow.digest()).toBe(digest)
      expect((await narrow.recommend(ask(user))).pins).toEqual(feed.pins)
      const stats = await narrow.stats()
      for (const { stateBytes, evictions, activations } of stats) {
        expect(stateBytes).toBeLessThanOrEqual(10_000 / workers)
        expect(evictions).toBeGreaterThan(20)
        expect(activations).toBeGreaterThan(0)
      }
      expect(readdirSync(join(directory, 'derived')).length).toBeGreaterThanOrEqual(workers)
      await stop(narrow)
      expect(readdirSync(join(directory, 'derived'))).toEqual([])
    },
  )

  test('every generation stays in the user’s community and leaves out what is known', async () => {
    const runtime = await start(newDirectory(), 2)
    await runtime.ingest(communities())
    await runtime.buildEpoch()
    const { names } = runtime
    const user = names.user.find('u4')
    for (const generation of ['tags', 'collaborative', 'mixed'] as const) {
      const reply = await runtime.recommend({ ...ask(user), limit: 3, generation })
      expect(reply.pins.length).toBeGreaterThan(0)
      for (const { pin } of reply.pins.slice(0, 2)) {
        expect(Number(names.pin.id(pin).slice(1)) % 2).toBe(0)
      }
    }
    expect((await runtime.recommend(ask(NONE))).rung).toBe('popular')
  })

  test('a save is seen by the next feed: gone itself, and its neighbours are raised', async () => {
    const runtime = await start(newDirectory(), 2)
    await runtime.ingest(communities())
    await runtime.buildEpoch()
    const random = new Random(1)
    const recommender = new Recommender({ runtime, clock: systemClock, deadlineMs: 2_000, random })
    const feed = (after?: string) =>
      recommender.recommend({
        user: 'newcomer',
        limit: 10,
        generation: 'mixed',
        exclude: [],
        explain: true,
        seed: 3,
        at: 9_000,
        ...(after !== undefined && { after }),
      })
    expect(await feed()).toMatchObject({ rung: 'popular' })
    const entry: Entry = { kind: 'save', id: 's1', time: 8_000, user: 'newcomer', pin: 'p8' }
    const { position, verdicts } = await recommender.ingest([entry])
    expect(verdicts).toEqual(['accepted'])
    const after = await feed(position)
    expect(after).toMatchObject({ rung: 'light', user: 'newcomer' })
    expect(after.stale).toBeUndefined()
    expect(after.items.map((item) => item.pin)).not.toContain('p8')
    expect(after.items[0]).toMatchObject({ because: 'p8', becauseTitle: 'Pin 8' })
    expect(Number(after.items[0]!.pin.slice(1)) % 2).toBe(0)
    // A resend has no second effect and still tells where the first one stands.
    const again = await recommender.ingest([entry])
    expect(again.verdicts).toEqual(['duplicate'])
    expect(runtime.resends).toBe(1)
    await expect(feed(again.position)).resolves.toMatchObject({ rung: 'light' })
    expect(await feed('0-999999')).toMatchObject(
      runtime.partitionOf('newcomer') === 0 ? { stale: true } : { rung: 'light' },
    )
    recommender.close()
  })

  test('a hidden pin leaves every feed at once, a private board never enters one', async () => {
    const runtime = await start(newDirectory())
    await runtime.ingest(communities())
    await runtime.buildEpoch()
    const user = runtime.names.user.find('u4')
    const first = (await runtime.recommend(ask(user))).pins[0]!.pin
    const id = runtime.names.pin.id(first)
    await runtime.ingest([
      { kind: 'pin', id, time: 99_999, hidden: true },
      { kind: 'board', id: 'secret', time: 1, user: 'u2', private: true },
      { kind: 'save', id: 'x', time: 99_999, user: 'u2', pin: 'hush', board: 'secret' },
      { kind: 'save', id: 'y', time: 99_999, user: 'u2', pin: 'p8', board: 'secret' },
    ])
    const pins = (await runtime.recommend({ ...ask(user), limit: 60 })).pins.map(({ pin }) => pin)
    expect(pins).not.toContain(first)
    expect(pins.map((pin) => runtime.names.pin.id(pin))).not.toContain('hush')
  })

  test('a second host on the directory is refused, and the first goes on', async () => {
    const directory = newDirectory()
    const runtime = await start(directory)
    await expect(start(directory)).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' })
    await runtime.ingest([{ kind: 'user', id: 'u', time: 1 }])
    expect(runtime.failure).toBeUndefined()
  })

  test('a damaged log refuses the start and frees the directory', async () => {
    const directory = newDirectory()
    const runtime = await start(directory)
    for (let n = 0; n < 3; n++) await runtime.ingest([{ kind: 'user', id: 'u', time: n }])
    const part = join(directory, 'log', `p0${runtime.partitionOf('u')}`)
    await stop(runtime)
    const segment = join(part, readdirSync(part)[0]!)
    const bytes = readFileSync(segment)
    bytes[30]! ^= 1
    writeFileSync(segment, bytes)
    await expect(start(directory)).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
    bytes[30]! ^= 1
    writeFileSync(segment, bytes)
    expect((await start(directory)).entries).toBe(3)
  })

  test('more ids than were reserved: named, and what was acknowledged stays', async () => {
    const directory = newDirectory()
    const runtime = await start(directory)
    const users = Array.from(
      { length: 5_001 },
      (_, n): Entry => ({ kind: 'user', id: `u${n}`, time: n }),
    )
    await runtime.ingest(users)
    expect(runtime.failure).toMatch(/PINWHEEL_USERS_MAX/)
    const more = runtime.ingest([{ kind: 'user', id: 'one more', time: 1 }])
    await expect(more).rejects.toMatchObject({ code: 'CAPACITY' })
  })

  test('each entry of a request is told whether it is a resend, in its place', async () => {
    const runtime = await start(newDirectory())
    const of = (user: number, id: string): Entry => {
      return { kind: 'save', id, time: 1, user: `u${user}`, pin: 'p' }
    }
    const users = Array.from({ length: 12 }, (_, user) => user)
    expect(new Set(users.map((user) => runtime.partitionOf(`u${user}`))).size).toBeGreaterThan(1)
    await runtime.ingest(users.filter((user) => user % 3 === 0).map((user) => of(user, 'a')))
    const mixed = [...users.map((user) => of(user, 'a')), of(4, 'a'), of(4, 'b')]
    const { verdicts } = await runtime.ingest(mixed)
    const expected = users.map((user) => (user % 3 === 0 ? 'duplicate' : 'accepted'))
    // The last but one is a resend of an entry of the same request.
    expect(verdicts).toEqual([...expected, 'duplicate', 'accepted'])
    expect(runtime.resends).toBe(5)
  })

  test('unknown ids', async () => {
    const runtime = await start(newDirectory())
    const random = new Random(1)
    const recommender = new Recommender({ runtime, clock: systemClock, deadlineMs: 500, random })
    await expect(recommender.userState('nobody')).rejects.toMatchObject({ code: 'USER_UNKNOWN' })
    const related = recommender.related({ pin: 'nothing', limit: 3, explain: false })
    await expect(related).rejects.toMatchObject({ code: 'PIN_UNKNOWN' })
    await expect(recommender.pin('nothing')).rejects.toMatchObject({ code: 'PIN_UNKNOWN' })
    const save: Entry = { kind: 'save', id: 's', time: systemClock.now(), user: 'u', pin: 'cup' }
    await runtime.ingest([save])
    expect(await recommender.pin('cup')).toMatchObject({ saves: 1, recent: { saves: 1, hides: 0 } })
    await runtime.ingest([{ kind: 'delete-pin', id: 'cup', time: save.time }])
    await expect(recommender.pin('cup')).rejects.toMatchObject({ code: 'PIN_UNKNOWN' })
    recommender.close()
  })
})

test('positions are text that comes back, and anything else is refused', () => {
  const position = new Map([
    [0, 12],
    [2, 0],
  ])
  expect(parsePosition(formatPosition(position), 3)).toEqual(position)
  expect(parsePosition('-', 3).size).toBe(0)
  for (const bad of ['', 'x', '0-', '3-1', '0-1.', '0-99999999999999999', '0-1'.repeat(900)]) {
    expect(() => parsePosition(bad, 3)).toThrow(/not one that this server gave/)
  }
})
