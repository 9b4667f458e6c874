/** Backups of a directory while a host writes it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Clock, type Entry, systemClock } from '../../base/index.ts'
import { SimulatedDisk } from '../../simulator/faults/index.ts'
import type { Runtime } from '../hosts/embedded/runtime.ts'
import { StateLog } from '../hosts/embedded/state-log.ts'
import { writeChecked } from '../log/checked-file.ts'
import {
  EntryReader,
  EntryWriter,
  type EventLog,
  LogFollower,
  openFileLog,
  realDisk,
} from '../log/index.ts'
import { backup } from './backup.ts'
import { examine } from './doctor.ts'
import { entries, ingest, scratchFolders, startSmall } from './testing.ts'

const scratch = scratchFolders('backup')
afterAll(scratch.clear)
const clock = systemClock
const segmentBytes = 3_000

/** Frames of a log in order: its sequence, where it ends, and its entries. */
async function framesOf(directory: string) {
  const follower = await LogFollower.open({ directory, owner: () => undefined })
  const frames: { sequence: number; partition: number; entries: Entry[] }[] = []
  for await (const { sequence, partition, payload } of follower.read()) {
    const reader = new EntryReader(payload)
    const all: Entry[] = []
    while (reader.next()) all.push(reader.toEntry())
    frames.push({ sequence, partition, entries: all })
  }
  return frames
}
async function digestOf(runtime: Runtime): Promise<string> {
  const digest = await runtime.digest()
  await runtime.stop()
  return digest
}

test('while a host takes entries and makes snapshots: what was acknowledged before, up to one point', async () => {
  const [directory, to] = [scratch.next(), scratch.next()]
  const runtime = await startSmall(directory, { snapshotBytes: 9_000 })
  await ingest(runtime, entries(1, 400), 7)
  const acknowledged = runtime.log.positions()
  const more = ingest(runtime, entries(2, 600), 7)
  const facts = await backup({ directory, to, clock, segmentBytes })
  await more
  await runtime.stop()
  facts.positions.forEach((position, p) => {
    expect(position).toBeGreaterThanOrEqual(acknowledged[p]!)
  })
  const [all, copied] = [await framesOf(directory), await framesOf(to)]
  expect(copied).toEqual(all.slice(0, copied.length))
  expect(facts.entries).toBe(copied.flatMap((frame) => frame.entries).length)
  expect(readdirSync(join(to, 'log', 'p01')).length).toBeGreaterThan(1)
  // It is as a host that heard just these entries.
  const oracle = await startSmall(scratch.next())
  for (const frame of copied) await oracle.ingest(frame.entries)
  expect(await digestOf(await startSmall(to))).toBe(await digestOf(oracle))
  const { findings } = await examine({ directory: to, freeBytes: async () => 1e12 })
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
})

test('while a host drops segments and takes snapshots away: begun anew, whole at the end', async () => {
  const directory = scratch.next()
  const shortened = { logBytes: 3_000, ports: { duplicateWindow: 20 } }
  const runtime = await startSmall(directory, shortened)
  let seed = 1
  const grow = async () => {
    await ingest(runtime, entries(seed++, 200))
    await runtime.snapshot()
  }
  for (let n = 0; n < 4; n++) await grow()
  let isOver = false
  const more = (async () => {
    while (!isOver) await grow()
  })()
  const made: string[] = []
  for (let n = 0; n < 3; n++) {
    const to = scratch.next()
    const { snapshot } = await backup({ directory, to, clock, segmentBytes })
    expect(snapshot).not.toBeNull()
    made.push(to)
  }
  isOver = true
  await more
  expect(Math.min(...runtime.log.begins())).toBeGreaterThan(0)
  await runtime.stop()
  for (const to of made) {
    const { findings } = await examine({ directory: to, freeBytes: async () => 1e12 })
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
    const copy = await startSmall(to, shortened)
    expect(copy.log.begins().some((first) => first > 0)).toBe(true)
    await copy.stop()
  }
})

test('states of commanded actors, models and dead letters come with it; erasures do not', async () => {
  const [directory, to] = [scratch.next(), scratch.next()]
  const runtime = await startSmall(directory)
  await ingest(runtime, entries(1, 60))
  const [, end] = runtime.log.positions()
  await runtime.stop()
  const states = await StateLog.open(directory)
  for (let n = 0; n < 5; n++) await states.put('Counter', `c${n % 2}`, Uint8Array.of(n))
  const fitted = join('models', 'fitted')
  mkdirSync(join(directory, fitted), { recursive: true })
  for (const name of ['f1.json', 'f1.fit', '77.new']) {
    writeFileSync(join(directory, fitted, name), name)
  }
  for (const name of ['v1.json', 'v1.onnx', 'v2.onnx', 'v1.onnx.new']) {
    writeFileSync(join(directory, 'models', name), name)
  }
  const letter = { type: 'User', id: 'x', partition: 1, reason: 'it threw' }
  const letters = [
    { ...letter, position: end! - 1 },
    { ...letter, position: end! },
  ]
  await writeChecked(realDisk, directory, 'dead-letters.json', letters)
  writeFileSync(join(directory, 'erasures.json'), '')
  const facts = await backup({ directory, to, clock })
  expect(facts.states.entries).toBe(5)
  const copied = await StateLog.open(to)
  expect([copied.get('Counter', 'c0'), copied.get('Counter', 'c1')]).toEqual([
    Uint8Array.of(4),
    Uint8Array.of(3),
  ])
  await Promise.all([states.close(), copied.close()])
  // A model that no manifest names does not exist; an entry beyond the copy is not in it.
  expect(readdirSync(join(to, 'models')).sort()).toEqual(['fitted', 'v1.json', 'v1.onnx'])
  expect(readdirSync(join(to, fitted)).sort()).toEqual(['f1.fit', 'f1.json'])
  const kept = JSON.parse(readFileSync(join(to, 'dead-letters.json'), 'utf8')) as { body: string }
  expect(JSON.parse(kept.body)).toEqual([letters[0]])
  expect(readdirSync(to)).not.toContain('erasures.json')
})

test('it writes into no folder that has something, and leaves nothing of what failed', async () => {
  const [directory, to] = [scratch.next(), scratch.next()]
  await expect(backup({ directory, to, clock })).rejects.toMatchObject({
    code: 'DIRECTORY_INVALID',
  })
  const runtime = await startSmall(directory)
  await ingest(runtime, entries(1, 200))
  await runtime.stop()
  const part = join(directory, 'log', 'p01')
  const segment = join(part, readdirSync(part)[0]!)
  const bytes = readFileSync(segment)
  bytes[100]! ^= 1
  writeFileSync(segment, bytes)
  await expect(backup({ directory, to, clock })).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
  expect(readdirSync(to)).toEqual([])
  writeFileSync(join(to, 'mine'), 'x')
  await expect(backup({ directory, to, clock })).rejects.toMatchObject({
    code: 'DIRECTORY_OCCUPIED',
  })
  expect(readdirSync(to)).toEqual(['mine'])
})

/** Appends one entry to a partition of a log. */
function appendTo(log: EventLog, partition: number) {
  const writer = new EntryWriter()
  writer.append({ kind: 'save', id: 'e', time: 1, user: 'u', pin: 'p' })
  const { payload, count } = writer.take()
  return log.append(partition, payload, count)
}

test('a frame that is on its way into another partition is waited for', async () => {
  const disk = new SimulatedDisk()
  const log = await openFileLog({ directory: '/d', partitions: 2, disk })
  for (const partition of [0, 1, 0]) await appendTo(log, partition)
  const path = [...disk.files.keys()].find((name) => name.includes('/p01/'))!
  const { bytes } = disk.files.get(path)!
  await disk.remove(path)
  const clock: Clock = { ...systemClock, sleep: async () => disk.put(path, bytes) }
  const facts = await backup({ directory: '/d', to: '/b', clock, disk, owner: () => 'a server' })
  expect(facts).toMatchObject({ positions: [2, 1], entries: 3 })
})

test('a frame that a server gave up, with a quiet partition, is not waited for without end', async () => {
  const disk = new SimulatedDisk()
  const log = await openFileLog({ directory: '/d', partitions: 2, disk })
  await appendTo(log, 0)
  disk.room = 10
  await expect(appendTo(log, 0)).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
  // Room for one more of the same, and not for telling the other partition.
  disk.room = [...disk.files].find(([name]) => name.endsWith('.seg'))![1].bytes.length
  await appendTo(log, 0)
  await new Promise((resolve) => setImmediate(resolve))
  expect(disk.room).toBe(0)
  disk.room = Number.POSITIVE_INFINITY
  let now = 0
  const clock: Clock = {
    ...systemClock,
    monotonic: () => now,
    sleep: async (ms) => {
      now += ms
    },
  }
  const facts = await backup({ directory: '/d', to: '/b', clock, disk, owner: () => 'a server' })
  expect(facts).toMatchObject({ positions: [2, 0], entries: 2 })
  expect(now).toBeGreaterThan(5_000)
})
