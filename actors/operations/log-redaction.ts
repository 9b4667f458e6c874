/**
 * Takes users' entries out of the log: each keeps its place and its length, so positions, offsets
 * and the order of all others stay, and so do resends that are known by the places between them. A
 * segment is replaced whole.
 *
 * A user's entries: what they did, what is said of them, and their boards; also where turns of
 * commanded actors emitted them, beside the states in DIR/state.
 */
import { join } from 'node:path'
import { kindCode, pinwheelError } from '../../base/index.ts'
import { emittedIn } from '../hosts/embedded/state-record.ts'
import { partitionDirectory, readPartitionCount } from '../log/file-log.ts'
import { decodeFrame, resealFrame } from '../log/frame.ts'
import { type Disk, EntryReader, listIfThere, redact } from '../log/index.ts'
import type { ErasedIds } from './erasures.ts'

export type Redaction = {
  /** Entries that were taken out now. */
  readonly entries: number
  /** Segments that were replaced. */
  readonly segments: number
}

/** In place of a partition: what turns emitted, beside their states. */
const STATES = -1

/** Whether the entry under the cursor is one of such a user. */
export function isTheirs(reader: EntryReader, ids: ErasedIds): boolean {
  const { bytes, kind, ownerStart, ownerEnd, boardStart, boardEnd } = reader
  if (kind === kindCode.board) return ids.has(bytes, boardStart, boardEnd)
  return (reader.isEvent || reader.isAboutUser) && ids.has(bytes, ownerStart, ownerEnd)
}

/**
 * `onRedacted` hears of every entry that was taken out, now or before. LOG_DAMAGED: the log must be
 * one that was just opened and closed.
 */
export async function redactLog(
  disk: Disk,
  directory: string,
  ids: ErasedIds,
  onRedacted: (partition: number, position: number) => void,
): Promise<Redaction> {
  let [entries, segments] = [0, 0]
  for await (const { path, partition } of segmentsOf(disk, directory)) {
    const bytes = await disk.readAll(path)
    let found = 0
    eachFrame(bytes, path, partition, (reader, position) => {
      const isNew = isTheirs(reader, ids)
      const isGone = isNew || reader.isRedacted
      if (isGone && partition !== STATES) onRedacted(partition, position)
      if (isNew) redact(reader)
      if (isNew) found++
      return isNew
    })
    if (found === 0) continue
    await disk.replace(path, bytes)
    entries += found
    segments++
  }
  return { entries, segments }
}

/** How many entries of such users the log has. */
export async function countTheirs(disk: Disk, directory: string, ids: ErasedIds): Promise<number> {
  let count = 0
  for await (const { path, partition } of segmentsOf(disk, directory)) {
    eachFrame(await disk.readAll(path), path, partition, (reader) => {
      if (isTheirs(reader, ids)) count++
      return false
    })
  }
  return count
}

/** Copies that lie beside segments, of what could not be read or was not finished. */
export async function removeLeftovers(disk: Disk, directory: string): Promise<number> {
  const root = join(directory, 'log')
  const partitions = (await readPartitionCount(disk, root)) ?? 0
  let count = 0
  for (let p = 0; p < partitions; p++) {
    const folder = partitionDirectory(root, p)
    for (const name of await listIfThere(disk, folder)) {
      if (name.endsWith('.seg')) continue
      await disk.remove(join(folder, name))
      count++
    }
    await disk.flushDirectory(folder)
  }
  return count
}

async function* segmentsOf(disk: Disk, directory: string) {
  const root = join(directory, 'log')
  const partitions = (await readPartitionCount(disk, root)) ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    const folder = partitionDirectory(root, partition)
    for (const name of await listIfThere(disk, folder)) {
      if (name.endsWith('.seg')) yield { path: join(folder, name), partition }
    }
  }
  const states = join(directory, 'state')
  for (const name of await listIfThere(disk, states)) {
    if (name.endsWith('.seg')) yield { path: join(states, name), partition: STATES }
  }
}

/** Shows every entry; a frame of which `look` has changed one is sealed anew. */
function eachFrame(
  bytes: Uint8Array,
  path: string,
  partition: number,
  look: (reader: EntryReader, position: number) => boolean,
): void {
  for (let at = 0; at < bytes.length; ) {
    const decoded = decodeFrame(bytes, at)
    if (!decoded.frame) {
      throw pinwheelError('LOG_DAMAGED', { file: path, offset: at, reason: decoded.problem })
    }
    const { frame, end } = decoded
    const entries = partition === STATES ? emittedIn(frame.payload) : frame.payload
    const reader = new EntryReader(entries ?? new Uint8Array(0))
    let isChanged = false
    for (let position = frame.first; reader.next(); position++) {
      if (look(reader, position)) isChanged = true
    }
    if (isChanged) resealFrame(bytes, at, end)
    at = end
  }
}
