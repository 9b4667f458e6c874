import { describe, expect, test } from 'vitest'
import type { Entry } from '../../base/index.ts'
import { SimulatedDisk } from '../../simulator/faults/index.ts'
import { EntryReader, EntryWriter, type EventLog, LogFollower, openFileLog } from './index.ts'
import type { Loss } from './losses.ts'

const save = (n: number): Entry => ({ kind: 'save', id: `e${n}`, time: n, user: 'u', pin: `p${n}` })
const append = (log: EventLog, n: number) => {
  const writer = new EntryWriter()
  writer.append(save(n))
  const { payload, count } = writer.take()
  return log.append(0, payload, count)
}
const segments = (disk: SimulatedDisk) =>
  [...disk.files.keys()].filter((p) => p.endsWith('.seg')).sort()

async function open(disk: SimulatedDisk, acceptLoss = false) {
  const losses: Loss[] = []
  const log = await openFileLog({
    directory: '/d',
    partitions: 1,
    segmentBytes: 300,
    disk,
    acceptLoss,
    onLoss: (loss) => losses.push(loss),
  })
  return { log, losses }
}

async function ids(frames: AsyncIterable<{ readonly payload: Uint8Array }>): Promise<number[]> {
  const found: number[] = []
  for await (const { payload } of frames) {
    const reader = new EntryReader(payload)
    while (reader.next()) found.push(Number(reader.toEntry().id.slice(1)))
  }
  return found
}

/** Twenty entries in segments of a few. */
async function written(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk()
  const { log } = await open(disk)
  for (let n = 0; n < 20; n++) await append(log, n)
  await log.close()
  expect(segments(disk).length).toBeGreaterThan(4)
  return disk
}
const rest = (from: number, to: number) =>
  Array.from({ length: 20 }, (_, n) => n).filter((n) => n < from || n >= to)

describe('damage that is accepted', () => {
  const damages: [string, (disk: SimulatedDisk) => void, number, number][] = [
    [
      'a flipped byte in the middle of the second segment',
      (disk) => {
        const path = segments(disk)[1]!
        const { bytes } = disk.files.get(path)!
        bytes[Math.floor(bytes.length / 2)]! ^= 1
        disk.put(path, bytes)
      },
      7,
      8,
    ],
    ['a segment that is missing', (disk) => disk.files.delete(segments(disk)[2]!), 10, 14],
    [
      'a segment that ends early',
      (disk) => {
        const path = segments(disk)[1]!
        disk.put(path, disk.files.get(path)!.bytes.slice(0, 100))
      },
      6,
      10,
    ],
  ]

  test.each(damages)('%s: refused, then gone on without it', async (_what, damage, from, to) => {
    const disk = await written()
    damage(disk)
    await expect(open(disk)).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
    const { log, losses } = await open(disk, true)
    expect(losses).toEqual([{ partition: 0, from, to }])
    expect(await ids(log.read())).toEqual(rest(from, to))
    // Positions keep their meaning, and it takes more.
    expect(await append(log, 20)).toMatchObject({ first: 20 })
    await log.close()
    // Agreed to once, known to every later reader.
    const again = await open(disk)
    expect(again.losses).toEqual([])
    expect(await ids(again.log.read())).toEqual([...rest(from, to), 20])
    const follower = await LogFollower.open({ directory: '/d', disk, owner: () => undefined })
    expect(await ids(follower.read())).toEqual([...rest(from, to), 20])
  })

  test('what could not be read stays beside the segment', async () => {
    const disk = await written()
    const path = segments(disk)[1]!
    const { bytes } = disk.files.get(path)!
    bytes[50]! ^= 1
    disk.put(path, bytes)
    await open(disk, true)
    expect(disk.files.get(`${path}.damaged`)!.bytes).toEqual(bytes)
  })

  test('another gap is refused as the first was, until it is accepted too', async () => {
    const disk = await written()
    disk.files.delete(segments(disk)[2]!)
    await (await open(disk, true)).log.close()
    disk.files.delete(segments(disk)[2]!)
    await expect(open(disk)).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
    const { log, losses } = await open(disk, true)
    expect(losses).toEqual([{ partition: 0, from: 10, to: 18 }])
    await log.close()
    expect(await ids((await open(disk)).log.read())).toEqual(rest(10, 18))
  })

  test('a list of losses that is damaged is not believed', async () => {
    const disk = await written()
    disk.files.delete(segments(disk)[2]!)
    await (await open(disk, true)).log.close()
    const path = '/d/log/losses.json'
    const text = Buffer.from(disk.files.get(path)!.bytes).toString().replace('"to', '"tO')
    disk.put(path, Buffer.from(text))
    await expect(open(disk)).rejects.toMatchObject({ code: 'DIRECTORY_INVALID' })
  })
})
