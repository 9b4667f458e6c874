/** Where the log speaks of an id last: in the partition that its own entries go to. */
import { type EntryKind, kindNames } from '../../base/index.ts'
import { EntryReader, type EventLog } from '../log/index.ts'

export type LastEntry = {
  readonly position: number
  readonly time: number
  readonly kind: EntryKind | 'declared'
  /** Entries of the id's own that the log has. */
  readonly entries: number
}

/** Undefined where the log has none (any more). O(entries of the partition). */
export async function lastEntry(
  log: EventLog,
  partition: number,
  id: string,
): Promise<LastEntry | undefined> {
  const from = log.positions().map((end, p) => (p === partition ? 0 : end))
  const wanted = Buffer.from(id)
  let last: LastEntry | undefined
  for await (const frame of log.read(from)) {
    if (frame.partition !== partition) continue
    const reader = new EntryReader(frame.payload)
    for (let position = frame.first; reader.next(); position++) {
      const { bytes, ownerStart, ownerEnd, time } = reader
      if (wanted.compare(bytes, ownerStart, ownerEnd) !== 0) continue
      const kind = kindNames[reader.kind] ?? 'declared'
      last = { position, time, kind, entries: (last?.entries ?? 0) + 1 }
    }
  }
  return last
}
