/** What a backup says of itself, in FOLDER/backup.json: written last, when all else is flushed. */
import { crc32 } from 'node:zlib'
import { type EpochMs, pinwheelError } from '../../base/index.ts'
import { readChecked, writeChecked } from '../log/checked-file.ts'
import type { Disk, Frame } from '../log/index.ts'
import { PartitionFollower } from '../log/partition-follower.ts'

export const FACTS = 'backup.json'
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

export const backupOther = (
  from: string,
  of: Readonly<Record<'found' | 'expected' | 'next', string>>,
) => pinwheelError('BACKUP_OTHER', { from, ...of })

export function writeFacts<T extends { readonly format: number }>(
  disk: Disk,
  folder: string,
  facts: Omit<T, 'format'>,
) {
  return writeChecked(disk, folder, FACTS, { format: FORMAT, ...facts })
}

/** DIRECTORY_INVALID where no backup was finished; LOG_NEWER; BACKUP_OTHER for a cluster's. */
export async function readFacts(disk: Disk, folder: string): Promise<BackupFacts> {
  const facts = await readAnyFacts<BackupFacts>(disk, folder)
  if (!('cluster' in facts)) return facts
  const next = 'Restore it with --nats'
  throw backupOther(folder, { found: 'a cluster', expected: 'a data directory', next })
}

/** The same for whoever knows the two apart. */
export async function readAnyFacts<T extends { readonly format: number }>(
  disk: Disk,
  folder: string,
): Promise<T> {
  const facts = await readChecked(disk, folder, FACTS, (fact) => fact as T)
  if (!facts) {
    const reason = `it has no ${FACTS}: no backup was finished here`
    throw pinwheelError('DIRECTORY_INVALID', { directory: folder, reason })
  }
  if (facts.format <= FORMAT) return facts
  throw pinwheelError('LOG_NEWER', { file: FACTS, version: facts.format, known: FORMAT })
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
