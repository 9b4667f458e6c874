/**
 * Makes a data directory what a backup has. The backup is copied into the directory, the copy read
 * whole and compared with what the backup says of itself; only then does it take the place of what
 * was there, which is moved aside.
 */
import { join } from 'node:path'
import { type Clock, pinwheelError } from '../../base/index.ts'
import { listModels, readModel } from '../../ranking/index.ts'
import { writeChecked } from '../log/checked-file.ts'
import { partitionDirectory, readPartitionCount } from '../log/file-log.ts'
import { type Disk, LogFollower, listIfThere, lockDirectory, realDisk } from '../log/index.ts'
import { listSnapshots } from '../snapshots/snapshots.ts'
import { type BackupFacts, readFacts, readStates } from './backup-facts.ts'
import { copyFile, copyFolder, copyModels } from './copying.ts'
import { eraseUsers } from './erase.ts'
import { type Erasure, merged, readErasures, readErasuresFile, writeErasures } from './erasures.ts'
import { readSnapshot } from './snapshot-copy.ts'
import { finishSwap, heldData, type Rename, swap } from './swap.ts'

export type RestoreOptions = {
  /** A finished backup. */
  readonly from: string
  readonly directory: string
  /** Moves aside what the directory holds. */
  readonly replace?: boolean
  /** A list of erasures from elsewhere; those of the directory are applied anyway. */
  readonly erasures?: string
  readonly clock: Clock
  readonly disk?: Disk
  readonly move?: Rename
  /** Hears how many entries of the copy are compared. */
  readonly onProgress?: (entries: number) => void
}

export type Restored = BackupFacts & {
  /** Where what the directory held is now. */
  readonly setAside?: string
  /** Users who were erased after the backup was begun, and entries of theirs in it. */
  readonly erasedAgain: { readonly users: number; readonly entries: number }
}

/** DIRECTORY_INVALID, DIRECTORY_LOCKED, DIRECTORY_OCCUPIED, RESTORE_DIFFERS, LOG_NEWER. */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { from, directory, clock, disk = realDisk, move } = options
  const facts = await readFacts(disk, from)
  const unlock = await lockDirectory(directory)
  try {
    await finishSwap(disk, directory, move)
    const held = await heldData(disk, directory)
    if (held.length > 0 && !options.replace) {
      const next = `It holds ${held.join(', ')}; --replace moves them aside`
      throw pinwheelError('DIRECTORY_OCCUPIED', { directory, next })
    }
    const staging = join(directory, 'restoring')
    // What a restore left that was ended.
    await disk.remove(staging)
    try {
      await copyBackup(disk, from, staging)
      await compare(options, disk, staging, facts)
    } catch (error) {
      await disk.remove(staging)
      throw error
    }
    const { list, ...erasedAgain } = await forget(options, disk, staging, facts)
    const aside = await swap(disk, directory, { staging, at: clock.now(), move })
    if (list.length > 0) await writeErasures(disk, directory, list)
    return { ...facts, erasedAgain, ...(aside !== undefined && { setAside: aside }) }
  } finally {
    unlock()
  }
}

/**
 * Erases those in the copy who were erased after the backup was begun. Until the copy is in its
 * place they are noted as not done, for a start that finds this interrupted; `list` is for then.
 */
async function forget(
  { directory, erasures, clock }: RestoreOptions,
  disk: Disk,
  copy: string,
  { madeAt }: BackupFacts,
): Promise<Restored['erasedAgain'] & { readonly list: readonly Erasure[] }> {
  const more = erasures === undefined ? [] : await readErasuresFile(disk, erasures)
  const list = merged(more, await readErasures(disk, directory))
  const since = list.filter(({ isDone, at }) => !isDone || at >= madeAt)
  if (list.length > 0) {
    const pending = since.map((erasure) => ({ ...erasure, isDone: false }))
    await writeErasures(disk, directory, merged(list, pending))
  }
  const done = list.map((one) => (one.isDone ? one : { ...one, at: clock.now(), isDone: true }))
  if (since.length === 0) return { users: 0, entries: 0, list: done }
  const { entries } = await eraseUsers(disk, copy, since)
  return { users: since.length, entries, list: done }
}

async function copyBackup(disk: Disk, from: string, to: string): Promise<void> {
  const segments = (name: string) => name.endsWith('.seg')
  const [log, copied] = [join(from, 'log'), join(to, 'log')]
  await disk.makeDirectory(to)
  await copyFolder(disk, log, copied, (name) => name.endsWith('.json'))
  const partitions = (await readPartitionCount(disk, copied)) ?? 0
  for (let p = 0; p < partitions; p++) {
    const [folder, target] = [partitionDirectory(log, p), partitionDirectory(copied, p)]
    await copyFolder(disk, folder, target, segments)
  }
  await copyFolder(disk, join(from, 'state'), join(to, 'state'), segments)
  await disk.makeDirectory(join(to, 'snapshots'))
  for (const { name, folder } of await listSnapshots(disk, from)) {
    await copyFolder(disk, folder, join(to, 'snapshots', name), () => true)
  }
  await copyModels(disk, from, to)
  const letters = 'dead-letters.json'
  if ((await listIfThere(disk, from)).includes(letters)) {
    await copyFile(disk, join(from, letters), join(to, letters))
  } else await writeChecked(disk, to, letters, [])
  await disk.flushDirectory(to)
}

/** RESTORE_DIFFERS unless the copy is what the backup was when it was finished. */
async function compare(
  { from, directory, onProgress }: RestoreOptions,
  disk: Disk,
  copy: string,
  facts: BackupFacts,
): Promise<void> {
  const differs = (reason: string, cause?: unknown) =>
    pinwheelError('RESTORE_DIFFERS', { from, directory, reason }, cause)
  let found: Omit<BackupFacts, 'format' | 'madeAt'>
  try {
    found = await read(disk, copy, onProgress)
  } catch (error) {
    throw differs(error instanceof Error ? error.message : String(error), error)
  }
  for (const [what, value] of Object.entries(found)) {
    const wanted = JSON.stringify(facts[what as keyof typeof found])
    const has = JSON.stringify(value)
    if (has !== wanted) throw differs(`its ${what} are ${has} instead of ${wanted}`)
  }
}

/** Every frame, section and model of a copy. */
async function read(disk: Disk, copy: string, onProgress?: (entries: number) => void) {
  const log = await LogFollower.open({ directory: copy, disk, owner: () => undefined })
  let entries = 0
  for await (const { count } of log.read()) {
    entries += count
    onProgress?.(entries)
  }
  const states = await readStates(disk, join(copy, 'state'), async () => {})
  const listed = await listSnapshots(disk, copy)
  for (const { folder, manifest } of listed) {
    if (manifest) await readSnapshot(disk, folder, manifest)
  }
  const models = join(copy, 'models')
  for (const manifest of await listModels(models)) await readModel(models, manifest)
  return { ...log.cursor, entries, states, snapshot: listed.at(-1)?.manifest?.number ?? null }
}
