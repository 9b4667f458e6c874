/** How much a log has: what a training must make room for. */
import { Interner } from '../../base/index.ts'
import { EntryReader } from '../log/index.ts'
import type { LogSize, ReadableLog } from './train-from-log.ts'

/** Reads all of it. */
export async function logSize(log: ReadableLog): Promise<LogSize> {
  const pins = new Interner()
  const boards = new Interner()
  let entries = 0
  for await (const { payload, count } of log.read()) {
    entries += count
    const reader = new EntryReader(payload)
    while (reader.next()) {
      const { bytes, pinStart, pinEnd, boardStart, boardEnd, ownerStart, ownerEnd } = reader
      if (reader.isAboutPin) pins.internBytes(bytes, ownerStart, ownerEnd)
      else if (reader.isEvent) {
        if (pinEnd > pinStart) pins.internBytes(bytes, pinStart, pinEnd)
        // A save without a board is to its user's own.
        if (boardEnd > boardStart) boards.internBytes(bytes, boardStart, boardEnd)
        else boards.internBytes(bytes, ownerStart, ownerEnd)
      } else if (!reader.isAboutUser) boards.internBytes(bytes, ownerStart, ownerEnd)
    }
  }
  return { entries, pins: pins.size, boards: boards.size }
}
