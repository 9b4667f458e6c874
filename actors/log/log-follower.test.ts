import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { SimulatedDisk } from '../../simulator/faults/index.ts'
import type { EventLog } from './event-log.ts'
import { EntryReader, EntryWriter, LogFollower, openFileLog } from './index.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-follower-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const openOn = (disk: SimulatedDisk, partitions = 1, segmentBytes = 1 << 20) =>
  openFileLog({ directory: '/d', partitions, segmentBytes, disk })
const follow = (disk: SimulatedDisk, owner?: string) =>
  LogFollower.open({ directory: '/d', disk, owner: () => owner })
function append(log: EventLog, id: string, partition = 0) {
  const writer = new EntryWriter()
  writer.append({ kind: 'save', id, time: 1, user: 'u', pin: 'p' })
  const { payload, count } = writer.take()
  return log.append(partition, payload, count)
}
async function idsOf(source: { read(): AsyncIterable<{ payload: Uint8Array }> }) {
  const ids: string[] = []
  for await (const frame of source.read()) {
    const reader = new EntryReader(frame.payload)
    while (reader.next()) ids.push(reader.toEntry().id)
  }
  return ids
}
const segments = (disk: SimulatedDisk, partition = 0) =>
  [...disk.files.keys()].filter((p) => p.includes(`/p0${partition}/`)).sort()
const cut = (disk: SimulatedDisk, path: string, end: number) => {
  const bytes = disk.files.get(path)!.bytes.slice(0, end)
  disk.put(path, bytes)
}

test('reads what a reader reads, over segments and partitions, and goes on from there', async () => {
  const disk = new SimulatedDisk()
  const log = await openOn(disk, 3, 300)
  const follower = await follow(disk, 'a server')
  expect(await idsOf(follower)).toEqual([])
  const seen: string[] = []
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < 13; n++) await append(log, `e${round}-${n}`, (n * 7) % 3)
    expect(await follower.unread()).toBe(13)
    seen.push(...(await idsOf(follower)))
    expect(seen).toEqual(await idsOf(log))
    expect(await follower.unread()).toBe(0)
  }
  expect(follower.cursor.positions).toEqual(log.positions())
})

test('beside a server that dropped segments it reads on, though another partition is quiet', async () => {
  const disk = new SimulatedDisk()
  const log = await openOn(disk, 3, 200)
  await append(log, 'quiet', 1)
  for (let n = 0; n < 9; n++) await append(log, `e${n}`, n % 2 === 0 ? 0 : 2)
  await log.drop(log.positions(), 0)
  const [first, , third] = log.begins()
  expect(first! + third!).toBeGreaterThan(5)
  const follower = await follow(disk, 'a server')
  expect(await idsOf(follower)).toEqual(await idsOf(log))
  expect(follower.cursor.positions).toEqual(log.positions())
  // A sequence that is missing behind what was dropped is waited for as ever.
  await append(log, 'last')
  expect(await idsOf(follower)).toEqual(['last'])
})

test('two readers of one log agree on the fingerprint, whatever their pauses; of two logs not', async () => {
  const disk = new SimulatedDisk()
  const log = await openOn(disk)
  const patient = await follow(disk)
  for (let n = 0; n < 4; n++) {
    await append(log, `e${n}`)
    await idsOf(patient)
  }
  const late = await follow(disk)
  await idsOf(late)
  expect(late.cursor).toEqual(patient.cursor)
  const other = new SimulatedDisk()
  const otherLog = await openOn(other)
  for (let n = 0; n < 4; n++) await append(otherLog, `f${n}`)
  const otherFollower = await follow(other)
  await idsOf(otherFollower)
  expect(otherFollower.cursor.positions).toEqual(late.cursor.positions)
  expect(otherFollower.cursor.fingerprint).not.toBe(late.cursor.fingerprint)
})

describe('the end of the files', () => {
  test('a frame cut off at any byte is waited for, and nothing is cut off', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk)
    await append(log, 'e1')
    const path = segments(disk)[0]!
    const good = disk.files.get(path)!.bytes.length
    await append(log, 'e2')
    const whole = disk.files.get(path)!.bytes
    for (let end = good; end < whole.length; end++) {
      cut(disk, path, end)
      const follower = await follow(disk, 'a server')
      expect(await idsOf(follower)).toEqual(['e1'])
      expect(disk.files.get(path)!.bytes.length).toBe(end)
      disk.put(path, whole)
      expect(await idsOf(follower)).toEqual(['e2'])
    }
  })

  test('damage before the end is refused by file and offset', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk)
    await append(log, 'e1')
    await append(log, 'e2')
    const path = segments(disk)[0]!
    disk.files.get(path)!.bytes[45]! ^= 1
    const refused = { code: 'LOG_DAMAGED', details: { file: path, offset: 0 } }
    await expect(idsOf(await follow(disk))).rejects.toMatchObject(refused)
  })

  test('a segment cut off though another follows, or missing, is damage', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk, 1, 200)
    for (let n = 0; n < 12; n++) await append(log, `e${n}`)
    const [first, second] = segments(disk) as [string, string]
    const { bytes } = disk.files.get(first)!
    cut(disk, first, bytes.length - 1)
    await expect(idsOf(await follow(disk))).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
    disk.put(first, bytes)
    disk.files.delete(second)
    await expect(idsOf(await follow(disk))).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
  })

  test('a file that became shorter than what was read is damage', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk)
    await append(log, 'e1')
    const follower = await follow(disk)
    await idsOf(follower)
    cut(disk, segments(disk)[0]!, 10)
    await expect(idsOf(follower)).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
  })

  test('without a log there is nothing to follow', async () => {
    await expect(follow(new SimulatedDisk())).rejects.toMatchObject({ code: 'DIRECTORY_INVALID' })
  })
})

describe('a sequence that is missing', () => {
  /** e0 in partition 0, e1 in 1, e2 in 0; then the frame of e1 is taken away. */
  async function withGap() {
    const disk = new SimulatedDisk()
    const log = await openOn(disk, 2)
    for (let n = 0; n < 3; n++) await append(log, `e${n}`, n % 2)
    const path = segments(disk, 1)[0]!
    const { bytes } = disk.files.get(path)!
    cut(disk, path, 0)
    const giveBack = () => disk.put(path, bytes)
    return { disk, log, giveBack }
  }
  test('is waited for while a server runs: it may be on its way', async () => {
    const { disk, giveBack } = await withGap()
    const follower = await follow(disk, 'a server')
    expect(await idsOf(follower)).toEqual(['e0'])
    expect(await follower.unread()).toBe(1)
    giveBack()
    expect(await idsOf(follower)).toEqual(['e1', 'e2'])
  })
  test('was given up when nobody has the directory', async () => {
    const { disk } = await withGap()
    expect(await idsOf(await follow(disk))).toEqual(['e0', 'e2'])
  })
  test('is looked for once more after the server was seen to be gone', async () => {
    const { disk, giveBack } = await withGap()
    const owner = () => {
      giveBack()
      return undefined
    }
    const follower = await LogFollower.open({ directory: '/d', disk, owner })
    expect(await idsOf(follower)).toEqual(['e0', 'e1', 'e2'])
  })
  test('was given up when every partition has a later one: quiet ones get one without entries', async () => {
    const disk = new SimulatedDisk()
    // Of 200 bytes: some segments begin with a frame that has no entries.
    const log = await openOn(disk, 3, 200)
    const follower = await follow(disk, 'a server')
    const written: string[] = []
    for (let n = 0; n < 12; n++) {
      disk.room = 20
      await expect(append(log, 'lost', 1)).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
      disk.room = Number.POSITIVE_INFINITY
      await append(log, `e${n}`, 0)
      written.push(`e${n}`)
      const seen: string[] = []
      await expect.poll(async () => seen.push(...(await idsOf(follower)))).toBe(1)
      expect(seen).toEqual([`e${n}`])
    }
    await append(log, 'last', 2)
    expect(await idsOf(follower)).toEqual(['last'])
    expect(await idsOf(log)).toEqual([...written, 'last'])
    expect(follower.cursor.positions).toEqual([12, 0, 1])
    await log.close()
    const again = await openOn(disk, 3, 200)
    expect(await idsOf(again)).toEqual([...written, 'last'])
    expect(again.positions()).toEqual([12, 0, 1])
    await append(again, 'more', 1)
    expect(await idsOf(again)).toEqual([...written, 'last', 'more'])
  })
})

test('beside a live writer on a real disk, nothing is missed, doubled or out of order', async () => {
  const directory = join(scratch, 'live')
  const log = await openFileLog({ directory, partitions: 3, segmentBytes: 4_000 })
  const follower = await LogFollower.open({ directory, owner: () => 'this process' })
  const seen: string[] = []
  let writing = true
  const reading = (async () => {
    while (writing) seen.push(...(await idsOf(follower)))
  })()
  for (let round = 0; round < 60; round++) {
    const some = Array.from({ length: 10 }, (_, n) => append(log, `e${round}-${n}`, (n * 5) % 3))
    await Promise.all(some)
  }
  writing = false
  await reading
  seen.push(...(await idsOf(follower)))
  expect(seen).toEqual(await idsOf(log))
  await log.close()
})
