import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Entry, entryOwner, hash32, Random, systemClock } from '../../base/index.ts'
import { evaluate, openDataset, readEntries, splitDataset } from '../../ranking/index.ts'
import { SimulatedDisk } from '../../simulator/faults/index.ts'
import { EntryWriter, type EventLog, LogFollower, openFileLog } from '../log/index.ts'
import { interactionsFromLog } from './interactions-from-log.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-log-interactions-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const PARTITIONS = 3
const openOn = (disk: SimulatedDisk) =>
  openFileLog({ directory: '/d', partitions: PARTITIONS, segmentBytes: 4_000, disk })

/** In frames of a few entries, each in the partition of its owner, as the runtime does it. */
async function append(log: EventLog, entries: readonly Entry[], frame = 7): Promise<void> {
  for (let from = 0; from < entries.length; from += frame) {
    const writers = Array.from({ length: PARTITIONS }, () => new EntryWriter())
    for (const entry of entries.slice(from, from + frame)) {
      writers[hash32(entryOwner(entry)) % PARTITIONS]!.append(entry)
    }
    for (const [partition, writer] of writers.entries()) {
      if (writer.count === 0) continue
      const { payload, count } = writer.take()
      await log.append(partition, payload, count)
    }
  }
}

async function logOf(entries: readonly Entry[]) {
  const disk = new SimulatedDisk()
  await append(await openOn(disk), entries)
  const log = await LogFollower.open({ directory: '/d', disk, fromStart: true, owner: () => 'it' })
  return interactionsFromLog(log)
}

const random = new Random(6)
/** Ratings in any order, many at the same second, by people of two tastes. */
const ratings = random.shuffle(
  Array.from({ length: 50 }, (_, user) => {
    const pins = random.shuffle(Array.from({ length: 40 }, (_, pin) => pin)).slice(0, 15)
    return pins.map((pin) => {
      const rating = pin % 2 === user % 2 ? 4 + random.below(2) : 1 + random.below(3)
      return `${user}\t${pin}\t${rating}\t${1_000_000 + 5_000 * random.below(12)}`
    })
  }).flat(),
)
const path = join(scratch, 'ratings.inter')
const head = 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n'
writeFileSync(path, `${head}${ratings.join('\n')}\n`)

async function imported(): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const batch of readEntries([path], 'recbole')) entries.push(...batch.entries)
  return entries
}

describe('the log as data', () => {
  test.each(['last-fraction:0.2', 'time:0.8', 'last-out', 'random:0.3'])(
    'is what the file gives that was imported into it, cut by %s',
    async (split) => {
      const place = { dataset: path, format: 'recbole', save: 'rating>=4', split }
      const file = await openDataset(place)
      const { interactions } = await logOf(await imported())
      const { rule } = file.split!
      const log = splitDataset(interactions, { rule, seed: 1, format: 'log' })
      const { format: _, names, ...rest } = file
      const { format, names: others, ...logged } = log
      expect(format).toBe('log')
      expect(logged).toEqual({ ...rest, split: { ...rest.split, attributes: undefined } })
      const all = (ids: typeof names.users) => Array.from({ length: ids.size }, (_, n) => ids.id(n))
      expect(all(others.users)).toEqual(all(names.users))
      expect(all(others.items)).toEqual(all(names.items))
    },
  )

  test('gives the same figures', async () => {
    const asked = { model: 'rp3beta', at: 5, clock: systemClock, split: 'last-fraction:0.2' }
    const place = { dataset: path, format: 'recbole', save: 'rating>=4' }
    const file = await evaluate({ ...asked, ...place })
    const { interactions } = await logOf(await imported())
    const rule = { kind: 'last-fraction', share: 0.2 } as const
    const dataset = splitDataset(interactions, { rule, seed: 1, format: 'log' })
    const log = await evaluate({ ...asked, dataset })
    expect(file.labels?.auc).toBeGreaterThan(0.7)
    for (const part of ['raw', 'clean', 'labels', 'lists', 'options', 'split'] as const) {
      expect(log[part], part).toEqual(file[part])
    }
  })

  test('a resend is no row, whatever it says', async () => {
    const entries = await imported()
    const resent = entries
      .filter((_, n) => n % 3 === 0)
      .map((entry) => ({ ...entry, time: entry.time + 1e9, kind: 'save' }) as Entry)
    const plain = await logOf(entries)
    const twice = await logOf([...entries, ...resent])
    expect(plain.resends).toBe(0)
    expect(twice.resends).toBe(resent.length)
    expect(twice.interactions.items).toEqual(plain.interactions.items)
    expect(twice.interactions.saved).toEqual(plain.interactions.saved)
    expect(twice.interactions.left).toEqual(plain.interactions.left)
  })
})

describe('what of a log is a row', () => {
  const at = (minute: number) => Date.UTC(2024, 0) + minute * 60_000
  const event = (kind: string, pin: string, minute: number, more: object = {}) =>
    ({ kind, id: `${kind}${pin}${minute}`, time: at(minute), user: 'ann', pin, ...more }) as Entry
  async function rowsOf(...entries: readonly Entry[]) {
    const { interactions } = await logOf(entries)
    const { items, times, saved, names, labelled } = interactions
    const rows = [...items].map((item, row) => {
      return `${names.items.id(item)}@${(times[row]! - at(0)) / 60_000} ${saved[row]}`
    })
    return { rows, labelled }
  }

  test('saves, and showings of every kind that a save within the hour did not follow', async () => {
    const { rows, labelled } = await rowsOf(
      { kind: 'pin', id: 'a', time: at(0), tags: ['t'] },
      event('impression', 'a', 1, { context: { rank: 0 } }),
      event('save', 'a', 2),
      event('closeup', 'b', 3),
      event('outbound', 'c', 4),
      event('hide', 'd', 5),
      event('impression', 'e', 6),
      event('save', 'e', 90),
      { kind: 'board', id: 'b', time: at(7), user: 'ann' },
    )
    expect(rows).toEqual(['a@2 1', 'b@3 0', 'c@4 0', 'd@5 0', 'e@6 0', 'e@90 1'])
    expect(labelled).toBe(true)
  })
  test('not what nobody looked at, what is unsaved, what an operator declared, or no pin', async () => {
    const follow = { kind: 'follow-topic', id: 'f', time: at(4), user: 'ann', topic: 't' } as const
    const { rows, labelled } = await rowsOf(
      event('impression', 'a', 1, { context: { viewed: false } }),
      event('save', 'b', 2),
      event('unsave', 'b', 3),
      event('purchase', 'c', 3),
      follow,
    )
    expect(rows).toEqual(['b@2 1'])
    expect(labelled).toBe(false)
  })
  test('not what a user did before they were deleted', async () => {
    const { rows } = await rowsOf(
      event('save', 'a', 1),
      { kind: 'delete-user', id: 'ann', time: at(2) },
      event('save', 'b', 3),
    )
    expect(rows).toEqual(['b@3 1'])
  })
})
