/** What a backup says of itself, in FOLDER/backup.json: written last, when all else is flushed. */
import { crc32 } from 'node:zlib'
import { type EpochMs, pinwheelError } from '../../base/index.ts'
import { readChecked, writeChecked } from '../log/checked-file.ts'
import type { Disk, Frame } from '../log/index.ts'
import { PartitionFollower } from '../log/partition-follower.ts'

const FILE = 'backup.json'
const FORMAT = 1

export type BackupFacts = {
  readonly format: number
  readonly madeAt: EpochMs
  /** By partition, the first entry that it does not have. */
  readonly positions: readonly number[]
  /** Entries that its log has, and the CRC-32 of all their payloads. */
  readonly entries: number
  readonly fingerprint: number
  /** The same of the states of commanded actors. */
  readonly states: { readonly entries: number; readonly fingerprint: number }
  /** Number of the base snapshot that it has, if it has one. */
  readonly snapshot: number | null
}

export function writeFacts(disk: Disk, folder: string, facts: Omit<BackupFacts, 'format'>) {
  return writeChecked(disk, folder, FILE, { format: FORMAT, ...facts })
}

/** DIRECTORY_INVALID where no backup was finished; LOG_NEWER. */
export async function readFacts(disk: Disk, folder: string): Promise<BackupFacts> {
  const facts = await readChecked(disk, folder, FILE, (fact) => fact as BackupFacts)
  if (!facts) {
    const reason = `it has no ${FILE}: no backup was finished here`
    throw pinwheelError('DIRECTORY_INVALID', { directory: folder, reason })
  }
  if (facts.format <= FORMAT) return facts
  throw pinwheelError('LOG_NEWER', { file: FILE, version: facts.format, known: FORMAT })
}

/** Reads the log of states in a folder up to entry `until`. LOG_DAMAGED. */
export async function readStates(
  disk: Disk,
  folder: string,
  onFrame: (frame: Frame) => Promise<void>,
  until = Number.POSITIVE_INFINITY,
): Promise<BackupFacts['states']> {
  const states = new PartitionFollower(disk, folder, 0, { losses: [], begins: 0 })
  let [entries, fingerprint] = [0, 0]
  for (;;) {
    await states.poll()
    const before = entries
    for (let frame = states.next(); frame; frame = states.next()) {
      if (frame.first >= until) return { entries, fingerprint }
      fingerprint = crc32(frame.payload, fingerprint)
      entries += frame.count
      await onFrame(frame)
    }
    if (entries === before) return { entries, fingerprint }
  }
}
