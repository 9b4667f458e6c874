import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { ManualClock, silentLogger } from '../../base/index.ts'
import { ListBook } from './list-book.ts'
import { decodeChunk, encodeChunk, type UserList, userKey } from './list-chunk.ts'
import { chunkOf, ListRun, listMsMax } from './list-run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-list-book-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const START = 1_700_000_000_000
const VERSION = '0123456789ab'
const list = (at: number, ...items: number[]): UserList => {
  const scores = Float32Array.from(items, (item) => 9 - item / 7)
  return { version: VERSION, at, items: Uint32Array.from(items), scores }
}
const open = (folder: string, clock: ManualClock, more = {}) =>
  ListBook.open({ folder, clock, logger: silentLogger, lookMs: 1, ...more })
const facts = (startedAt: number, chunks = 2) => {
  return { version: VERSION, startedAt, chunks, activeSince: 0 }
}

const lists = fc.dictionary(
  fc.stringMatching(/^[0-9a-f]{16}$/),
  fc.tuple(fc.nat(1e9), fc.uniqueArray(fc.nat(1e6), { maxLength: 12 })),
  { maxKeys: 8 },
)
test('what is decoded is what was encoded, and anything else is nothing', () => {
  fc.assert(
    fc.property(lists, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, at, by) => {
      const entries = Object.entries(all).map(
        ([key, [time, items]]) => [key, list(time, ...items)] as const,
      )
      const chunk = new Map(entries)
      const bytes = Buffer.from(encodeChunk(chunk, 12))
      expect(decodeChunk(bytes)).toEqual(chunk)
      bytes[at % bytes.length]! ^= by
      expect(() => decodeChunk(bytes)).toThrow(RangeError)
      expect(() => decodeChunk(bytes.subarray(0, at % bytes.length))).toThrow(RangeError)
    }),
  )
})

test('a list is of its user, for a day, from the newest run', async () => {
  const folder = mkdtempSync(join(scratch, 'runs-'))
  const clock = new ManualClock(START)
  const run = await ListRun.begin(folder, facts(START))
  const chunk = chunkOf('ann', 2)
  await run.put(chunk, new Map([[userKey('ann'), list(START, 3, 1)]]))
  const book = await open(folder, clock)
  expect(await book.find('ann')).toEqual(list(START, 3, 1))
  expect(await book.find('bob')).toBeUndefined()
  // A chunk that comes later is found, and a newer run takes over.
  const other = ['bob', 'cleo', 'dan', 'eve'].find((user) => chunkOf(user, 2) !== chunk)!
  expect(await book.find(other)).toBeUndefined()
  await run.put(1 - chunk, new Map([[userKey(other), list(START, 8)]]))
  expect(await book.find(other)).toEqual(list(START, 8))
  clock.advance(listMsMax / 2)
  const newer = await ListRun.begin(folder, facts(clock.now(), 1))
  await newer.put(0, new Map([[userKey('ann'), list(clock.now(), 5)]]))
  await newer.removeOthers(folder)
  clock.advance(5)
  expect((await book.find('ann'))?.items).toEqual(Uint32Array.of(5))
  expect(readdirSync(folder)).toHaveLength(1)
  clock.advance(listMsMax)
  expect(await book.find('ann')).toBeUndefined()
})

test('a damaged file is nothing, and the others go on', async () => {
  const folder = mkdtempSync(join(scratch, 'damaged-'))
  const clock = new ManualClock(START)
  const run = await ListRun.begin(folder, facts(START))
  const [ann, bob] = [
    'ann',
    ['bob', 'cleo', 'dan'].find((u) => chunkOf(u, 2) !== chunkOf('ann', 2))!,
  ]
  await run.put(chunkOf(ann, 2), new Map([[userKey(ann), list(START, 1)]]))
  await run.put(chunkOf(bob, 2), new Map([[userKey(bob), list(START, 2)]]))
  const path = join(folder, `${START}-${VERSION}`, `00000${chunkOf(ann, 2)}.lists`)
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(1, 40, 41))
  const book = await open(folder, clock)
  expect(await book.find(ann)).toBeUndefined()
  expect((await book.find(bob))?.items).toEqual(Uint32Array.of(2))
  // The job makes what is damaged anew.
  expect(await run.chunk(chunkOf(ann, 2))).toBeUndefined()
  writeFileSync(join(folder, `${START}-${VERSION}`, 'run.json'), '{')
  expect(await ListRun.newest(folder, START)).toBeUndefined()
})

test('what is kept is there after a restart, within bounds', async () => {
  const folder = mkdtempSync(join(scratch, 'kept-'))
  const clock = new ManualClock(START)
  const bounds = { keptFiles: 2, keptInFile: 3 }
  const book = await open(folder, clock, bounds)
  for (let n = 0; n < 11; n++) book.keep(`u${n}`, list(START + n, n))
  expect(await book.find('u0')).toBeUndefined()
  expect((await book.find('u10'))?.items).toEqual(Uint32Array.of(10))
  await book.flush()
  expect(readdirSync(folder).sort()).toEqual(['kept-0000.lists', 'kept-0001.lists'])
  const again = await open(folder, clock, bounds)
  const found = []
  for (let n = 0; n < 11; n++) if (await again.find(`u${n}`)) found.push(n)
  expect(found).toEqual([6, 7, 8, 9, 10])
  writeFileSync(join(folder, 'kept-0001.lists'), 'something else')
  expect(await (await open(folder, clock, bounds)).find('u10')).toBeUndefined()
})
