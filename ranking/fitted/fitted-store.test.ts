import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Interner, sharedAllocator } from '../../base/index.ts'
import { latestFitted, readFitted, saveFitted } from './fitted-store.ts'
import { openFitted } from './open-fitted.ts'
import { fittedOn, grouped, ITEMS, pinName } from './testing.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-fitted-store-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const about = (trainedAt: number) => ({ metrics: {}, entries: 9, users: 64, trainedAt })
const unfit = (message: string) =>
  expect.objectContaining({ code: 'MODEL_UNFIT', message: expect.stringContaining(message) })

test('the newest is found, names the one before it, and is refused once it is not what it was', async () => {
  const folder = join(scratch, 'models')
  expect(await latestFitted(folder)).toBeUndefined()
  const first = await saveFitted(folder, (await fittedOn(grouped(20), 'rp3beta')).fitted, about(1))
  const { fitted } = await fittedOn(grouped(24), 'rp3beta')
  const second = await saveFitted(folder, fitted, about(2))
  expect(second).toMatchObject({ model: 'rp3beta', pins: ITEMS, users: 64, parent: first.version })
  expect(await latestFitted(folder)).toEqual(second)
  expect(readdirSync(folder).filter((name) => name.includes('new'))).toEqual([])

  const bytes = await readFitted(folder, second)
  expect(bytes).toHaveLength(second.bytes)
  const path = join(folder, `${second.version}.fit`)
  writeFileSync(path, bytes.subarray(1))
  await expect(readFitted(folder, second)).rejects.toThrow(unfit(`${second.version}.fit`))
  writeFileSync(path, Buffer.from(bytes).fill(7, 100, 101))
  await expect(readFitted(folder, second)).rejects.toThrow(unfit('SHA-256'))
  // A hole, which takes no room on the disk.
  truncateSync(path, 2 ** 31)
  await expect(readFitted(folder, second)).rejects.toMatchObject({
    code: 'MODEL_TOO_LARGE',
    message: expect.stringContaining(`${second.version}.fit`),
  })
  rmSync(path)
  await expect(readFitted(folder, second)).rejects.toThrow(unfit('cannot be read'))
})

test('manifests of other kinds, names and makes are refused by name', async () => {
  const folder = mkdtempSync(join(scratch, 'manifests-'))
  const { fitted } = await fittedOn(grouped(20), 'rp3beta')
  const { version } = await saveFitted(folder, fitted, about(1))
  const path = join(folder, `${version}.json`)
  const text = readFileSync(path, 'utf8')
  for (const [change, reason] of [
    [{ version: '../../x' }, 'another version'],
    [{ kind: 'ranker' }, 'another kind'],
    [{ bytes: 'many' }, 'lacks'],
  ] as const) {
    writeFileSync(path, JSON.stringify({ ...JSON.parse(text), ...change }))
    await expect(latestFitted(folder)).rejects.toThrow(unfit(reason))
  }
  writeFileSync(path, text.slice(9))
  await expect(latestFitted(folder)).rejects.toThrow(unfit(`${version}.json`))
})

test('it is read on a thread, into memory that others share', async () => {
  const folder = mkdtempSync(join(scratch, 'thread-'))
  const manifest = await saveFitted(folder, (await fittedOn(grouped(20), 'ials')).fitted, about(1))
  const pins = new Interner({ capacity: 100, allocate: sharedAllocator })
  for (let item = 0; item < ITEMS; item++) pins.intern(pinName(item))
  const memory = await openFitted(folder, manifest, pins)
  expect(memory).toMatchObject({ version: manifest.version, model: 'ials', items: ITEMS })
  expect(memory.parts[0]!.arrays['items']!.buffer).toBeInstanceOf(SharedArrayBuffer)
  rmSync(join(folder, `${manifest.version}.fit`))
  await expect(openFitted(folder, manifest, pins)).rejects.toThrow(unfit('cannot be read'))
})
