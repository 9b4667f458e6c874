/**
 * A copy of a data directory while a server writes it, without asking that server: everything that
 * was acknowledged before the backup began, cut at one point of the log's order. It is a data
 * directory itself.
 *
 * The newest base snapshot is copied first, then the log, so the log always reaches at least as far
 * as the snapshot; states of commanded actors as they were before the log was read, so that what
 * they emitted is in the log, or beside them. A server may take away what is being read: it is then
 * begun anew. Erasures stay where they were made: they must outlive every backup.
 */
import { join } from 'node:path'
import { type Clock, errorCode, pinwheelError } from '../../base/index.ts'
import { readChecked, writeChecked } from '../log/checked-file.ts'
import { type Disk, listIfThere, realDisk } from '../log/index.ts'
import type { DeadLetter } from '../shard/dead-letter.ts'
import { type BackupFacts, readFacts, readStates, writeFacts } from './backup-facts.ts'
import { copyLog } from './backup-log.ts'
import { copyModels } from './copying.ts'
import { FrameCopy } from './frame-copy.ts'
import { endOf } from './segment-scan.ts'
import { copySnapshot } from './snapshot-copy.ts'
import { mustNotBeSwapping } from './swap.ts'

export type BackupOptions = {
  readonly directory: string
  /** A folder that is empty or not there. */
  readonly to: string
  readonly clock: Clock
  readonly disk?: Disk
  readonly segmentBytes?: number
  /** Who has the directory, if anybody. */
  readonly owner?: () => string | undefined
  /** Hears how many entries are copied. */
  readonly onProgress?: (entries: number) => void
}

/** How often it is begun anew when a server takes away what is being read. */
const TRIES = 5

/** DIRECTORY_INVALID, DIRECTORY_OCCUPIED, LOG_DAMAGED, LOG_DROPPED, LOG_NEWER. */
export async function backup(options: BackupOptions): Promise<BackupFacts> {
  const { directory, to, disk = realDisk } = options
  await mustNotBeSwapping(disk, directory)
  if ((await listIfThere(disk, to)).length > 0) {
    const next = 'Choose a folder that is empty or not there'
    throw pinwheelError('DIRECTORY_OCCUPIED', { directory: to, next })
  }
  for (let tries = 1; ; tries++) {
    const before = await taken(disk, directory)
    try {
      await copyAll(options, disk)
      return await readFacts(disk, to)
    } catch (error) {
      for (const name of await listIfThere(disk, to)) await disk.remove(join(to, name))
      const isSame = before === (await taken(disk, directory))
      if (tries === TRIES || isSame || !mayBeTaken(error)) throw error
    }
  }
}

async function copyAll(options: BackupOptions, disk: Disk): Promise<void> {
  const { directory, to, clock } = options
  const madeAt = clock.now()
  await disk.makeDirectory(to)
  const base = await copySnapshot(disk, directory, to)
  const statesUntil = await endOf(disk, join(directory, 'state'))
  const log = await copyLog(options, disk, base)
  const states = await copyStates(disk, directory, to, statesUntil)
  await copyLetters(disk, directory, to, log.positions)
  await copyModels(disk, directory, to)
  await writeFacts<BackupFacts>(disk, to, {
    madeAt,
    ...log,
    states,
    snapshot: base?.number ?? null,
  })
}

/** The states of commanded actors, up to entry `until`. */
async function copyStates(disk: Disk, directory: string, to: string, until: number) {
  const [from, folder] = [join(directory, 'state'), join(to, 'state')]
  await disk.makeDirectory(folder)
  const copy = new FrameCopy(disk, folder)
  try {
    const states = await readStates(disk, from, (frame) => copy.write(frame), until)
    await copy.finish(states.entries)
    return states
  } finally {
    await copy.close()
  }
}

/** Those of entries that the copy has: another entry may get the position of one beyond. */
async function copyLetters(
  disk: Disk,
  directory: string,
  to: string,
  positions: readonly number[],
): Promise<void> {
  const name = 'dead-letters.json'
  const letters = await readChecked(disk, directory, name, (fact) => fact as DeadLetter[])
  if (!letters) return
  const kept = letters.filter(({ partition, position }) => position < (positions[partition] ?? 0))
  await writeChecked(disk, to, name, kept)
}

/** What changes when a server takes something away. */
async function taken(disk: Disk, directory: string): Promise<string> {
  const snapshots = await listIfThere(disk, join(directory, 'snapshots'))
  const begins = await readChecked(disk, join(directory, 'log'), 'begins.json', (fact) => fact)
  return JSON.stringify([snapshots, begins])
}

function mayBeTaken(error: unknown): boolean {
  const code = errorCode(error) ?? (error as { code?: string }).code
  return ['ENOENT', 'LOG_DAMAGED', 'LOG_DROPPED', 'BASE_DAMAGED'].includes(String(code))
}
