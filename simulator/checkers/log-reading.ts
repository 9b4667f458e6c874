/**
 * The log as a checker reads it: every entry by partition and position, and whether it is a resend,
 * by the law's own words (the same user and event id among so many entries before it).
 */
import { EntryReader, openFileLog } from '../../actors/index.ts'
import { type Entry, isEvent } from '../../base/index.ts'
import type { SimulatedDisk } from '../faults/index.ts'
import { keyOf } from './history.ts'

export type LoggedEntry = {
  readonly partition: number
  readonly position: number
  readonly entry: Entry
  readonly key: string
  readonly isResend: boolean
}

export type LogReading = {
  readonly partitions: readonly (readonly LoggedEntry[])[]
  /** In the order in which a reader of all partitions meets them. */
  readonly all: readonly LoggedEntry[]
}

export async function readLog(
  disk: SimulatedDisk,
  directory: string,
  windowEntries: number,
): Promise<LogReading> {
  // Opening may write: the disk stays as it is.
  const whole = disk.afterKill()
  // Segments that were dropped were acknowledged all the same.
  whole.files.delete(`${directory}/log/begins.json`)
  for (const [path, bytes] of whole.removed) {
    if (path.endsWith('.seg') && !whole.files.has(path)) whole.put(path, bytes)
  }
  const log = await openFileLog({ directory, partitions: 1, disk: whole })
  const partitions: LoggedEntry[][] = Array.from({ length: log.partitions }, () => [])
  const lastPlaces = partitions.map(() => new Map<string, number>())
  const all: LoggedEntry[] = []
  for await (const { partition, first, payload } of log.read()) {
    const there = partitions[partition]!
    const lastPlace = lastPlaces[partition]!
    const reader = new EntryReader(payload)
    for (let position = first; reader.next(); position++) {
      const entry = reader.toEntry()
      const key = keyOf(entry)
      const last = lastPlace.get(key)
      const isResend = isEvent(entry) && last !== undefined && last >= position - windowEntries
      if (isEvent(entry)) lastPlace.set(key, position)
      const logged = { partition, position, entry, key, isResend }
      there[position] = logged
      all.push(logged)
    }
  }
  await log.close()
  return { partitions, all }
}
