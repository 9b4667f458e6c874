import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type Entry, Random } from '../../base/index.ts'
import { SimulatedDisk } from '../../simulator/faults/index.ts'
import type { EventLog } from './event-log.ts'
import { EntryReader, EntryWriter, lockDirectory, openFileLog } from './index.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-log-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const save = (n: number, user = 'u1'): Entry => ({
  kind: 'save',
  id: `e${n}`,
  time: 1000 + n,
  user,
  pin: `p${n}`,
})
const pack = (entries: readonly Entry[]) => {
  const writer = new EntryWriter()
  for (const entry of entries) writer.append(entry)
  return writer.take()
}
const append = (log: EventLog, entries: readonly Entry[], partition = 0) => {
  const { payload, count } = pack(entries)
  return log.append(partition, payload, count)
}
async function contents(log: EventLog): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const frame of log.read()) {
    const reader = new EntryReader(frame.payload)
    while (reader.next()) entries.push(reader.toEntry())
  }
  return entries
}
const openOn = (disk: SimulatedDisk, segmentBytes = 1 << 20) =>
  openFileLog({ directory: '/d', partitions: 1, segmentBytes, disk })
const lastSegment = (disk: SimulatedDisk) =>
  [...disk.files.keys()]
    .filter((p) => p.endsWith('.seg'))
    .sort()
    .at(-1)!

const id = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((s) => !/\p{Cc}/u.test(s) && Buffer.byteLength(s) <= 200)
const time = fc.nat(2e9)
const event = fc.record(
  {
    kind: fc.constantFrom(
      'save',
      'impression',
      'closeup',
      'hide',
      'outbound',
      'unsave',
      'purchase',
    ),
    id,
    time,
    user: id,
    pin: id,
    board: id,
    weight: fc.double({ noNaN: true, min: -100, max: 100 }).filter((w) => w !== 1),
    context: fc.record({ rank: fc.nat(99), viewed: fc.boolean(), surface: fc.constant('é') }),
  },
  { requiredKeys: ['kind', 'id', 'time', 'user', 'pin'] },
)
const others = fc.oneof(
  fc.record({ kind: fc.constant('follow-topic'), id, time, user: id, topic: id }),
  fc.record({
    kind: fc.constantFrom('user', 'delete-user', 'delete-pin', 'delete-board'),
    id,
    time,
  }),
  fc.record({
    kind: fc.constant('board'),
    id,
    time,
    user: id,
    title: fc.string(),
    private: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('pin'),
    id,
    time,
    title: fc.string(),
    tags: fc.array(id),
    created: time,
  }),
)
const anyEntry = fc.oneof(event, others) as fc.Arbitrary<Entry>

test('every kind of entry comes back as it was, odd ids included', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 20 }), (entries) => {
      const reader = new EntryReader(pack(entries).payload)
      const back: Entry[] = []
      while (reader.next()) back.push(reader.toEntry())
      expect(back).toEqual(entries)
    }),
    { numRuns: 300 },
  )
})

describe('appending', () => {
  test('many at once share flushes, keep their order and their positions', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk)
    const before = disk.flushes
    const receipts = await Promise.all(
      Array.from({ length: 100 }, (_, n) => append(log, [save(n)])),
    )
    expect(receipts.map((r) => r.first)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    expect(disk.flushes - before).toBeLessThan(10)
    expect(await contents(log)).toEqual(Array.from({ length: 100 }, (_, n) => save(n)))
  })

  test('segments are cut, and reading from a position skips what lies before', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk, 300)
    for (let n = 0; n < 40; n++) await append(log, [save(n)])
    expect([...disk.files.keys()].filter((p) => p.endsWith('.seg')).length).toBeGreaterThan(5)
    const firsts: number[] = []
    for await (const frame of log.read([33])) firsts.push(frame.first)
    expect(firsts).toEqual([33, 34, 35, 36, 37, 38, 39])
  })

  test('frames of all partitions are read in the order they were written', async () => {
    const directory = join(scratch, 'order')
    let log = await openFileLog({ directory, partitions: 3 })
    for (let n = 0; n < 30; n++) await append(log, [save(n)], (n * 7) % 3)
    await log.close()
    log = await openFileLog({ directory, partitions: 9 })
    expect(log.partitions).toBe(3)
    expect((await contents(log)).map((e) => e.id)).toEqual(
      Array.from({ length: 30 }, (_, n) => `e${n}`),
    )
    await log.close()
  })
})

test('who follows the log hears frames in the order that a reader finds', async () => {
  const directory = join(scratch, 'follow')
  const log = await openFileLog({ directory, partitions: 4 })
  const heard: number[] = []
  log.onFlushed((frame) => heard.push(frame.sequence))
  await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      append(log, [save(n, 'x'.repeat(1 + ((n * 37) % 150)))], n % 4),
    ),
  )
  const read: number[] = []
  for await (const frame of log.read()) read.push(frame.sequence)
  expect(heard).toEqual(read)
  await log.close()
})

describe('recovery', () => {
  test('a tail torn at any byte is cut off; what was acknowledged stays', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk)
    await append(log, [save(1), save(2)])
    const path = lastSegment(disk)
    const good = disk.files.get(path)!.bytes.slice()
    await append(log, [save(3)])
    const whole = disk.files.get(path)!.bytes.slice()
    for (let end = good.length; end < whole.length; end++) {
      disk.put(path, whole.slice(0, end))
      const again = await openOn(disk)
      expect(await contents(again)).toEqual([save(1), save(2)])
      await append(again, [save(9)])
      expect(await contents(await openOn(disk))).toEqual([save(1), save(2), save(9)])
    }
  })

  test('a flipped byte in the middle stops the start, with file and offset', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk)
    await append(log, [save(1)])
    const path = lastSegment(disk)
    const first = disk.files.get(path)!.bytes.length
    await append(log, [save(2)])
    for (let at = 0; at < first; at++) {
      const bytes = disk.files.get(path)!.bytes.slice()
      bytes[at]! ^= 0x40
      const bad = new SimulatedDisk()
      for (const [p, c] of disk.files) bad.files.set(p, c)
      bad.put(path, bytes)
      await expect(openOn(bad)).rejects.toMatchObject({
        code: 'LOG_DAMAGED',
        details: { file: path },
      })
    }
  })

  test('a hole in the last write is cut off, whatever of that write is behind it', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk)
    await append(log, [save(1)])
    const path = lastSegment(disk)
    const flushed = disk.files.get(path)!.bytes.length
    // The first goes out alone, the others together.
    await Promise.all([2, 3, 4, 5].map((n) => append(log, [save(n)])))
    const whole = disk.files.get(path)!.bytes.slice()
    const frame = flushed
    const hole = whole.slice()
    hole.fill(0, 2 * frame, 2 * frame + 50)
    disk.put(path, hole)
    expect((await contents(await openOn(disk))).map(({ id }) => id)).toEqual(['e1', 'e2'])
    // One write earlier it is damage: what came later was written when it had been flushed.
    const damaged = whole.slice()
    damaged.fill(0, frame, frame + 50)
    disk.put(path, damaged)
    await expect(openOn(disk)).rejects.toMatchObject({
      code: 'LOG_DAMAGED',
      details: { offset: frame },
    })
  })

  test('a missing segment stops the start', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk, 200)
    for (let n = 0; n < 10; n++) await append(log, [save(n)])
    disk.files.delete([...disk.files.keys()].filter((p) => p.endsWith('.seg')).sort()[1]!)
    await expect(openOn(disk)).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
  })

  test('a damaged or newer meta file stops the start', async () => {
    const disk = new SimulatedDisk()
    await append(await openOn(disk), [save(1)])
    const path = '/d/log/meta.json'
    await disk.replace(path, Buffer.from('{"body":"{}","crc":1}'))
    await expect(openOn(disk)).rejects.toMatchObject({ code: 'DIRECTORY_INVALID' })
    const body = JSON.stringify({ format: 9, partitions: 1 })
    const { crc32 } = await import('node:zlib')
    await disk.replace(path, Buffer.from(JSON.stringify({ body, crc: crc32(body) })))
    await expect(openOn(disk)).rejects.toMatchObject({ code: 'LOG_NEWER' })
    disk.files.delete(path)
    await expect(openOn(disk)).rejects.toMatchObject({ code: 'DIRECTORY_INVALID' })
  })
})

describe('a failing disk', () => {
  test('when it is full nothing is acknowledged, and later appends succeed', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk)
    await append(log, [save(1)])
    disk.room = 20
    await expect(append(log, [save(2)])).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
    expect(await contents(await openOn(disk))).toEqual([save(1)])
    disk.room = Number.POSITIVE_INFINITY
    await append(log, [save(3)])
    expect(log.failure).toBeUndefined()
    expect(await contents(await openOn(disk))).toEqual([save(1), save(3)])
  })

  test('what was cut off a full disk does not come back behind a new segment', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const disk = new SimulatedDisk()
      const log = await openOn(disk, 300)
      await append(log, [save(1), save(2)])
      disk.room = 50
      await expect(append(log, [save(3)])).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
      disk.room = Number.POSITIVE_INFINITY
      const more = Array.from({ length: 20 }, (_, n) => save(4 + n))
      await append(log, more)
      expect(await contents(await openOn(disk.afterPowerLoss(new Random(seed))))).toEqual([
        save(1),
        save(2),
        ...more,
      ])
    }
  })

  test('a failed flush is final', async () => {
    const disk = new SimulatedDisk()
    const log = await openOn(disk)
    disk.failFlushes(1, new Random(1))
    await expect(append(log, [save(1)])).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
    await expect(append(log, [save(2)])).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
    expect(log.failure).toBe('EIO')
  })

  test('what a failed flush left in memory is written anew before it is trusted', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed)
      const disk = new SimulatedDisk()
      const log = await openOn(disk)
      await append(log, [save(1)])
      disk.failFlushes(1, random)
      await expect(append(log, [save(2)])).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
      // The next process reads it, and knows it as acknowledged when it is sent again.
      expect(await contents(await openOn(disk))).toEqual([save(1), save(2)])
      expect(await contents(await openOn(disk.afterPowerLoss(random)))).toEqual([save(1), save(2)])
    }
  })

  const surviving = async (lies: boolean) => {
    let lost = 0
    for (let kept = 0; kept < 60; kept += 7) {
      const disk = new SimulatedDisk()
      const log = await openOn(disk)
      disk.lies = lies
      for (let n = 0; n < 5; n++) await append(log, [save(n)])
      const after = disk.afterPowerLoss(new Random(kept))
      // A log that finds itself damaged has lost what it acknowledged, and says so.
      const again = await openOn(after).catch(() => undefined)
      lost += 5 - (again ? (await contents(again)).length : 0)
    }
    return lost
  }
  test('power loss takes nothing that was acknowledged', async () => {
    expect(await surviving(false)).toBe(0)
  })
  test('the check finds a disk that only pretends to flush', async () => {
    expect(await surviving(true)).toBeGreaterThan(0)
  })
})

test('a process killed while it appends has everything it acknowledged', async () => {
  const script = join(scratch, 'appender.ts')
  const index = new URL('./index.ts', import.meta.url).href
  writeFileSync(
    script,
    `import { EntryWriter, openFileLog } from ${JSON.stringify(index)}
const log = await openFileLog({ directory: process.argv[2], partitions: 1 })
for (let n = log.positions()[0]; ; n++) {
  const writer = new EntryWriter()
  writer.append({ kind: 'save', id: 'e' + n, time: n, user: 'u', pin: 'p' + n })
  const { payload, count } = writer.take()
  await log.append(0, payload, count)
  process.stdout.write(n + '\\n')
}`,
  )
  const directory = join(scratch, 'killed')
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, [script, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let told = ''
    const enough = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        told += chunk
        if (told.split('\n').length > 40 + round * 13) resolve()
      })
    })
    await enough
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    // The last line may be cut off; whole lines were acknowledged.
    const acknowledged = Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1))
    const log = await openFileLog({ directory, partitions: 1 })
    const ids = (await contents(log)).map((entry) => entry.id)
    expect(ids.length).toBeGreaterThan(acknowledged)
    expect(ids).toEqual(ids.map((_, n) => `e${n}`))
    await log.close()
  }
})

describe('the directory lock', () => {
  test('a second owner is refused with the first one’s pid; a released or dead lock is taken', async () => {
    const directory = join(scratch, 'locked')
    const release = await lockDirectory(directory)
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      code: 'DIRECTORY_LOCKED',
      details: { pid: String(process.pid) },
    })
    release()
    const again = await lockDirectory(directory)
    again()
    writeFileSync(join(directory, 'lock'), '999999999 1\n')
    ;(await lockDirectory(directory))()
    // The number lives on, but another process bears it: it started at another time.
    writeFileSync(join(directory, 'lock'), `${process.ppid} 1\n`)
    ;(await lockDirectory(directory))()
  })
  test('a directory that cannot be made', async () => {
    writeFileSync(join(scratch, 'file'), '')
    await expect(lockDirectory(join(scratch, 'file', 'x'))).rejects.toMatchObject({
      code: 'DIRECTORY_INVALID',
    })
  })
})
