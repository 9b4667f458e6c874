/** Users forgotten: as if they never were, whatever interrupts it, and after a restore too. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Entry, entryOwner, isEvent, systemClock } from '../../base/index.ts'
import { listsFolder } from '../../ranking/index.ts'
import type { Runtime } from '../hosts/embedded/runtime.ts'
import type { RuntimeOptions } from '../hosts/embedded/runtime-options.ts'
import { StateLog } from '../hosts/embedded/state-log.ts'
import { writeChecked } from '../log/checked-file.ts'
import { type Disk, type DiskFile, EntryReader, EntryWriter, realDisk } from '../log/index.ts'
import { backup } from './backup.ts'
import { erase } from './erase.ts'
import { prove } from './erasure-proof.ts'
import { ErasedIds, erasureOf, readErasures } from './erasures.ts'
import { redactLog } from './log-redaction.ts'
import { restore } from './restore.ts'
import { entries, ingest, inlineThreads, oddUsers, scratchFolders, startSmall } from './testing.ts'

const scratch = scratchFolders('erase')
afterAll(scratch.clear)
const clock = systemClock
const whole = scratch.next()
/** One whose first segments are in base snapshots alone. */
const dropped = scratch.next()
const shortened = { logBytes: 4_000, ports: { duplicateWindow: 20 } }
/** For hosts that are only compared with, and for all but the first of many: no threads. */
const inline = { ports: { threads: inlineThreads } }
const said = [1, 2, 3, 4].map((seed) => entries(seed, 150))
const copyOf = (directory: string) => {
  const copy = scratch.next()
  cpSync(directory, copy, { recursive: true })
  return copy
}
const isOf = (user: string) => (entry: Entry) =>
  isEvent(entry) || entry.kind === 'board' ? entry.user === user : entry.id === user
async function filled(directory: string, more: Partial<RuntimeOptions>, batches: Entry[][]) {
  const runtime = await startSmall(directory, more)
  for (const batch of batches) {
    await ingest(runtime, batch)
    await runtime.snapshot()
  }
  return runtime
}

/** What a host holds: actors of everybody, edges, and sums over them. */
async function seen(runtime: Runtime, digested = true) {
  const { edges, users } = (await runtime.stats())[0]!
  const digest = digested ? await runtime.digest() : undefined
  const states: Record<string, unknown> = {}
  for (let key = 0; key < runtime.names.user.size; key++) {
    const id = runtime.names.user.id(key)
    if (id === '') continue
    states[id] = (await runtime.inspect('user', key)).state
  }
  return { digest, edges, users, states }
}
async function seenIn(directory: string, digested = true, more: Partial<RuntimeOptions> = {}) {
  const runtime = await startSmall(directory, more)
  const found = await seen(runtime, digested)
  await runtime.stop()
  return found
}
/** The same entries without a user's. */
async function without(user: string, digested = true) {
  const batches = said.map((batch) => batch.filter((entry) => !isOf(user)(entry)))
  const runtime = await filled(scratch.next(), inline, batches)
  const found = await seen(runtime, digested)
  await runtime.stop()
  return found
}

beforeAll(async () => {
  await (await filled(whole, {}, said)).stop()
  const runtime = await filled(dropped, { ...shortened, workers: 2 }, said)
  await runtime.stop()
  expect(Math.min(...runtime.log.begins())).toBeGreaterThan(0)
})

describe('nothing is left of them, and nothing of others changes', () => {
  test.each(oddUsers)('%s, with the whole log', async (user) => {
    const directory = copyOf(whole)
    const report = await erase({ user, directory, clock })
    expect(report.entries).toBe(said.flat().filter(isOf(user)).length)
    expect(report.snapshots).toEqual({ removed: 2, rewritten: 0 })
    expect(report.proof).toMatchObject({ entries: 0, snapshotsThatNameThem: 0 })
    expect(await seenIn(directory)).toEqual(await without(user))
    expect(await readErasures(realDisk, directory)).toEqual([
      { ...erasureOf(user, 0), at: expect.any(Number), isDone: true },
    ])
  })

  test.each(oddUsers)('%s, of whom the first entries are in snapshots alone', async (user) => {
    const directory = copyOf(dropped)
    const { snapshots, proof } = await erase({ user, directory, clock })
    expect(snapshots).toEqual({ removed: 0, rewritten: 2 })
    expect(proof).toMatchObject({ entries: 0, snapshotsThatNameThem: 0 })
    // Sums of pins over many users stay: no digest.
    const expected = await without(user, false)
    expect(await seenIn(directory, false, shortened)).toEqual(expected)
    // Further snapshots keep the holes, and who comes back is somebody new.
    const runtime = await startSmall(directory, shortened)
    await runtime.snapshot()
    await runtime.snapshot()
    const save = { kind: 'save', id: 'again', time: 2e12, user, pin: 'p1' } as const
    await runtime.ingest([save])
    await runtime.stop()
    const { states } = await seenIn(directory, false, shortened)
    const { [user]: theirs, ...others } = states as Record<string, { actions: object[] }>
    expect(others).toEqual(expected.states)
    expect(theirs!.actions).toHaveLength(1)
  })

  test('a path that has no log is refused, and stays as it is', async () => {
    const directory = scratch.next()
    const attempt = erase({ user: 'anna', directory, clock })
    await expect(attempt).rejects.toMatchObject({ code: 'DIRECTORY_INVALID' })
    expect(existsSync(directory)).toBe(false)
  })

  test('one who never was: noted, nothing else changes', async () => {
    const directory = copyOf(whole)
    const report = await erase({ user: 'nobody', directory, clock })
    expect(report).toMatchObject({ entries: 0, segments: 0, snapshots: { removed: 0 } })
    expect(report.proof).toEqual({ entries: 0, snapshotsThatNameThem: 0, traces: [] })
    expect(await seenIn(directory)).toEqual(await seenIn(whole))
  })
})

/** A disk that fails for good at its nth change, as when the process ends there. */
function endingDisk(nth: number): Disk & { readonly isOver: () => boolean } {
  let changes = 0
  const change = () => {
    if (changes++ >= nth) throw new Error('the process ends')
  }
  return {
    ...realDisk,
    isOver: () => changes > nth,
    async open(path, mode) {
      if (mode === 'create') change()
      const real = await realDisk.open(path, mode)
      const file: DiskFile = {
        read: (into, at) => real.read(into, at),
        flush: () => real.flush(),
        truncate: (bytes) => real.truncate(bytes),
        close: () => real.close(),
        async write(bytes, at) {
          change()
          await real.write(bytes, at)
        },
      }
      return file
    },
    async replace(path, bytes) {
      change()
      await realDisk.replace(path, bytes)
    },
    async remove(path) {
      change()
      await realDisk.remove(path)
    },
  }
}

describe('an erase that ends in the middle', () => {
  test.each([
    ['the whole log', () => whole, {}],
    ['snapshots', () => dropped, shortened],
  ] as [string, () => string, Partial<RuntimeOptions>][])(
    'of %s is finished by the next start',
    async (_, source, more) => {
      const user = 'änna 木'
      const expected = await without(user, false)
      for (let nth = 1; ; nth += 3) {
        const directory = copyOf(source())
        const disk = endingDisk(nth)
        const attempt = await erase({ user, directory, clock, disk }).catch((error: Error) => error)
        if (!disk.isOver()) break
        expect(attempt).toMatchObject({ message: 'the process ends' })
        // Noted before anything else.
        expect(await readErasures(realDisk, directory)).toHaveLength(1)
        const threads = nth === 1 ? {} : inline.ports
        const found = await seenIn(directory, false, {
          ...more,
          ports: { ...more.ports, ...threads },
        })
        expect(found).toEqual(expected)
        expect((await readErasures(realDisk, directory))[0]!.isDone).toBe(true)
        expect(await prove(realDisk, directory, user)).toMatchObject({
          entries: 0,
          snapshotsThatNameThem: 0,
          traces: [],
        })
        expect(nth).toBeLessThan(200)
      }
    },
  )
})

describe('backups', () => {
  test('one from before the erase is restored without them', async () => {
    const [directory, to] = [copyOf(whole), scratch.next()]
    await backup({ directory, to, clock })
    await erase({ user: 'anna', directory, clock })
    const { erasedAgain } = await restore({ from: to, directory, clock, replace: true })
    expect(erasedAgain).toEqual({ users: 1, entries: said.flat().filter(isOf('anna')).length })
    expect(await seenIn(directory)).toEqual(await without('anna'))
    expect((await readErasures(realDisk, directory))[0]!.isDone).toBe(true)
    // Elsewhere the list must be given.
    const elsewhere = scratch.next()
    const erasures = join(directory, 'erasures.json')
    await restore({ from: to, directory: elsewhere, clock, erasures })
    expect((await prove(realDisk, elsewhere, 'anna')).entries).toBe(0)
    expect(await readErasures(realDisk, elsewhere)).toEqual(await readErasures(realDisk, directory))
  })

  test('one from after it keeps who came back', async () => {
    const [directory, to] = [copyOf(whole), scratch.next()]
    let now = 1e12
    const later = { ...clock, now: () => (now += 1) }
    await erase({ user: 'anna', directory, clock: later })
    const runtime = await startSmall(directory)
    await runtime.ingest([{ kind: 'save', id: 'again', time: 2e12, user: 'anna', pin: 'p1' }])
    await runtime.stop()
    const expected = await seenIn(directory)
    await backup({ directory, to, clock: later })
    const { erasedAgain } = await restore({ from: to, directory, clock: later, replace: true })
    expect(erasedAgain.users).toBe(0)
    expect(await seenIn(directory)).toEqual(expected)
  })
})

test('a damaged log is refused; a start that accepts the loss finishes the rest', async () => {
  const directory = copyOf(whole)
  const part = join(directory, 'log', 'p01')
  const segment = join(part, readdirSync(part)[1]!)
  const bytes = readFileSync(segment)
  bytes[80]! ^= 1
  writeFileSync(segment, bytes)
  const user = 'user 1'
  await expect(erase({ user, directory, clock })).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
  await expect(startSmall(directory)).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
  const runtime = await startSmall(directory, { files: { acceptLoss: true } })
  expect(runtime.names.user.find(user)).toBe(-1)
  await runtime.stop()
  expect((await readErasures(realDisk, directory))[0]!.isDone).toBe(true)
  // The copy of what was damaged had entries of theirs, too.
  expect(readdirSync(part).filter((name) => !name.endsWith('.seg'))).toEqual([])
})

test('what lies beside goes too: letters, copies of what was damaged, states out of memory', async () => {
  const directory = copyOf(whole)
  const letter = { type: 'User', partition: 0, reason: 'it threw' }
  const letters = [
    { ...letter, id: 'anna', position: 1e6 },
    { ...letter, id: 'anna1', position: 1e6 + 1 },
  ]
  await writeChecked(realDisk, directory, 'dead-letters.json', letters)
  const part = join(directory, 'log', 'p01')
  writeFileSync(join(part, `${readdirSync(part)[0]}.damaged`), 'anna did this')
  mkdirSync(join(directory, 'derived'))
  writeFileSync(join(directory, 'derived', 'states-0-0.mdb'), 'anna')
  mkdirSync(listsFolder(directory), { recursive: true })
  writeFileSync(join(listsFolder(directory), 'kept-0001.lists'), 'of anna')
  mkdirSync(join(directory, 'before-now'))
  const report = await erase({ user: 'anna', directory, clock })
  expect(report).toMatchObject({ deadLetters: 1, leftovers: 1, elsewhere: ['before-now'] })
  expect(readdirSync(part).filter((name) => !name.endsWith('.seg'))).toEqual([])
  expect(existsSync(join(directory, 'derived'))).toBe(false)
  expect(existsSync(listsFolder(directory))).toBe(false)
})

test('what turns emitted of them goes from beside the states; what of others stays', async () => {
  const directory = copyOf(whole)
  const states = await StateLog.open(directory)
  const writer = new EntryWriter()
  const save = { kind: 'save', time: 1, pin: 'p1' } as const
  writer.append({ ...save, id: 'e1', user: 'anna' })
  writer.append({ ...save, id: 'e2', user: 'anna1' })
  const { payload } = writer.take()
  const outgoing = { number: states.nextNumber(), since: [0, 0, 0], entries: payload }
  await states.put('Counter', 'a', Uint8Array.of(9), outgoing)
  await states.close()
  const before = await prove(realDisk, directory, 'anna')
  const { proof } = await erase({ user: 'anna', directory, clock })
  expect([before.entries > 1, proof.entries]).toEqual([true, 0])
  const again = await StateLog.open(directory)
  expect(again.get('Counter', 'a')).toEqual(Uint8Array.of(9))
  const reader = new EntryReader([...again.unmarked][0]!.entries)
  const found: (string | undefined)[] = []
  while (reader.next()) found.push(reader.isRedacted ? undefined : entryOwner(reader.toEntry()))
  expect(found).toEqual([undefined, 'anna1'])
  await again.close()
})

test('the proof sees whom an erase would miss', async () => {
  const directory = copyOf(dropped)
  const user = 'user 1'
  const before = await prove(realDisk, directory, user)
  expect(before.entries).toBeGreaterThan(0)
  expect(before.snapshotsThatNameThem).toBe(2)
  // Planted: the snapshots are left as they are.
  await redactLog(realDisk, directory, new ErasedIds([erasureOf(user, 0)]), () => {})
  const half = await prove(realDisk, directory, user)
  expect(half).toMatchObject({ entries: 0, snapshotsThatNameThem: 2 })
  expect(half.traces!.some(({ file }) => file.endsWith('names.user'))).toBe(true)
  const { proof } = await erase({ user, directory, clock })
  // The id is part of longer ones, and of what those call their boards.
  expect(proof.traces!.every(({ file }) => /names\.|edges\.|\.seg$/.test(file))).toBe(true)
  expect((await prove(realDisk, directory, 'anna')).traces).toBeUndefined()
})

test('a board that others saved to keeps its id, in their states and in the dictionary', async () => {
  const directory = scratch.next()
  const common = { board: 'common', time: 1e12 }
  const first: Entry[] = [
    { kind: 'board', id: 'common', time: 1e12, user: 'owner of it' },
    { kind: 'save', id: 'a', user: 'owner of it', pin: 'p1', ...common },
    { kind: 'save', id: 'b', user: 'other', pin: 'p2', ...common },
    { kind: 'save', id: 'c', user: 'owner of it', pin: 'p3', board: 'alone', time: 1e12 },
  ]
  const runtime = await startSmall(directory, shortened)
  await ingest(runtime, first)
  for (const seed of [1, 2, 3]) {
    await ingest(runtime, entries(seed, 200))
    await runtime.snapshot()
  }
  await runtime.stop()
  expect(Math.max(...runtime.log.begins())).toBeGreaterThan(0)
  await erase({ user: 'owner of it', directory, clock })
  const next = await startSmall(directory, shortened)
  const { user, board } = next.names
  expect([user.find('owner of it'), board.find('alone')]).toEqual([-1, -1])
  const { state } = await next.inspect('user', user.find('other'))
  expect(state).toMatchObject({ actions: [{ pin: 'p2', board: 'common' }] })
  await next.stop()
})
