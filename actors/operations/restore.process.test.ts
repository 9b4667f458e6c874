/** Backups put back: into nothing, over something, damaged, and by a process that ends. */
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { saveModel } from '../../ranking/index.ts'
import { StateLog } from '../hosts/embedded/state-log.ts'
import { lockDirectory } from '../log/index.ts'
import { realThreads } from '../worker/threads.ts'
import { backup } from './backup.ts'
import { restore } from './restore.ts'
import { entries, ingest, inlineThreads, scratchFolders, startSmall } from './testing.ts'

const scratch = scratchFolders('restore')
afterAll(scratch.clear)
const clock = systemClock
const from = scratch.next()
/** Another directory's data, which a restore replaces. */
const other = scratch.next()
let digest: string
let otherDigest: string

async function fill(directory: string, seed: number): Promise<string> {
  const runtime = await startSmall(directory)
  await ingest(runtime, entries(seed, 200))
  await runtime.snapshot()
  await ingest(runtime, entries(seed + 1, 50))
  const digest = await runtime.digest()
  await runtime.stop()
  return digest
}
/** Compared with what a worker on a thread of its own wrote. */
async function digestOf(directory: string, threads = inlineThreads): Promise<string> {
  const runtime = await startSmall(directory, { ports: { threads } })
  const digest = await runtime.digest()
  await runtime.stop()
  return digest
}

beforeAll(async () => {
  const source = scratch.next()
  digest = await fill(source, 1)
  const states = await StateLog.open(source)
  await states.put('Counter', 'a', Uint8Array.of(1, 2, 3))
  await states.close()
  const about = { inputs: [], metrics: {}, entries: 0, trainedAt: 1, range: { from: 0, to: 1 } }
  await saveModel(join(source, 'models'), Uint8Array.of(7), { version: 'v1', ...about })
  await backup({ directory: source, to: from, clock, segmentBytes: 3_000 })
  otherDigest = await fill(other, 5)
})

test('into nothing: the same digest, states and models', async () => {
  const directory = scratch.next()
  const restored = await restore({ from, directory, clock })
  expect(restored).toMatchObject({ entries: 250, states: { entries: 1 }, snapshot: 1 })
  expect(restored.setAside).toBeUndefined()
  expect(readdirSync(directory).sort()).toEqual([
    'dead-letters.json',
    'log',
    'models',
    'snapshots',
    'state',
  ])
  expect(await digestOf(directory, realThreads)).toBe(digest)
  const states = await StateLog.open(directory)
  expect(states.get('Counter', 'a')).toEqual(Uint8Array.of(1, 2, 3))
  await states.close()
  expect(readFileSync(join(directory, 'models', 'v1.onnx'))).toEqual(Buffer.of(7))
})

test('over data only when told to; that is moved aside, whole', async () => {
  const directory = scratch.next()
  cpSync(other, directory, { recursive: true })
  await expect(restore({ from, directory, clock })).rejects.toMatchObject({
    code: 'DIRECTORY_OCCUPIED',
  })
  expect(await digestOf(directory)).toBe(otherDigest)
  const { setAside } = await restore({ from, directory, clock, replace: true })
  expect(await digestOf(directory)).toBe(digest)
  expect(await digestOf(setAside!)).toBe(otherDigest)
})

test('a log with a gap that was accepted: the gap comes with it', async () => {
  const [directory, to, back] = [scratch.next(), scratch.next(), scratch.next()]
  const runtime = await startSmall(directory)
  await ingest(runtime, entries(3, 400))
  await runtime.stop()
  const part = join(directory, 'log', 'p01')
  rmSync(join(part, readdirSync(part).sort()[2]!))
  const without = await startSmall(directory, { files: { acceptLoss: true, segmentBytes: 3_000 } })
  const digest = await without.digest()
  await without.stop()
  const { entries: copied } = await backup({ directory, to, clock, segmentBytes: 8_000 })
  expect(copied).toBeLessThan(400)
  await restore({ from: to, directory: back, clock })
  expect(await digestOf(back)).toBe(digest)
})

test('not while another process has the directory, and not from what is no backup', async () => {
  const directory = scratch.next()
  const unlock = await lockDirectory(directory)
  await expect(restore({ from, directory, clock })).rejects.toMatchObject({
    code: 'DIRECTORY_LOCKED',
  })
  unlock()
  for (const source of [other, scratch.next()]) {
    await expect(restore({ from: source, directory, clock })).rejects.toMatchObject({
      code: 'DIRECTORY_INVALID',
    })
  }
})

const last = (folder: string) => join(folder, readdirSync(folder).sort().at(-1)!)
const change = (path: string, damage: (bytes: Buffer) => Uint8Array) =>
  writeFileSync(path, damage(readFileSync(path)))
const flip = (at: number) => (bytes: Buffer) => {
  bytes[at]! ^= 1
  return bytes
}
const damages: readonly (readonly [string, (backup: string) => unknown])[] = [
  ['a flipped bit in the log', (d) => change(last(join(d, 'log/p01')), flip(70))],
  ['a log that ends early', (d) => change(last(join(d, 'log/p01')), (b) => b.subarray(0, -1))],
  ['a last segment that is missing', (d) => rmSync(last(join(d, 'log/p01')))],
  ['a whole partition that is missing', (d) => rmSync(join(d, 'log/p02'), { recursive: true })],
  ['a flipped bit in a snapshot', (d) => change(join(d, 'snapshots/0000000001/Pin.0'), flip(99))],
  ['a snapshot that is missing', (d) => rmSync(join(d, 'snapshots'), { recursive: true })],
  ['states that end early', (d) => change(last(join(d, 'state')), (b) => b.subarray(0, -1))],
  ['a flipped bit in a model', (d) => change(join(d, 'models/v1.onnx'), flip(0))],
  [
    'a server that was started on it',
    async (d) => {
      const runtime = await startSmall(d)
      await ingest(runtime, entries(9, 1))
      await runtime.stop()
    },
  ],
]

describe('a backup that is not what it was is refused, and nothing changes', () => {
  test.each(damages)('%s', async (_, damage) => {
    const [copy, directory] = [scratch.next(), scratch.next()]
    cpSync(from, copy, { recursive: true })
    cpSync(other, directory, { recursive: true })
    await damage(copy)
    const before = readdirSync(directory, { recursive: true }).sort()
    const attempt = restore({ from: copy, directory, clock, replace: true })
    await expect(attempt).rejects.toMatchObject({ code: 'RESTORE_DIFFERS' })
    expect(readdirSync(directory, { recursive: true }).sort()).toEqual(before)
  })
})

describe('a restore that ends in the middle', () => {
  test('of copying: the old data is as it was', async () => {
    const directory = scratch.next()
    cpSync(other, directory, { recursive: true })
    cpSync(join(from, 'log'), join(directory, 'restoring', 'log'), { recursive: true })
    expect(await digestOf(directory)).toBe(otherDigest)
    await restore({ from, directory, clock, replace: true })
    expect(existsSync(join(directory, 'restoring'))).toBe(false)
    expect(await digestOf(directory)).toBe(digest)
  })

  test('of moving: the next start finishes it, wherever it was; a backup waits for that', async () => {
    let moves = 1
    for (let isOver = false; !isOver; moves++) {
      const directory = scratch.next()
      cpSync(other, directory, { recursive: true })
      let left = moves
      const move = async (a: string, b: string) => {
        if (left-- === 0) throw new Error('the process ends')
        await rename(a, b)
      }
      const attempt = restore({ from, directory, clock, replace: true, move })
      isOver = await attempt.then(
        () => true,
        () => false,
      )
      if (isOver) break
      const early = backup({ directory, to: scratch.next(), clock })
      await expect(early).rejects.toMatchObject({ code: 'DIRECTORY_INVALID' })
      expect(await digestOf(directory)).toBe(digest)
      const aside = readdirSync(directory).find((name) => name.startsWith('before-'))!
      renameSync(join(directory, aside), join(directory, '..', `aside ${moves}`))
      expect(await digestOf(join(directory, '..', `aside ${moves}`))).toBe(otherDigest)
      expect(readdirSync(directory).filter((name) => /^restor/.test(name))).toEqual([])
    }
    // One for the staging, two for each part that both have.
    expect(moves).toBeGreaterThan(5)
  })
})
