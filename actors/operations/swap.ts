/**
 * Puts a data directory's new contents in place of its old ones, inside the directory (it may be
 * where a disk is mounted, which cannot be renamed): the new lie whole in DIR/restored-WHEN, the
 * old go to DIR/before-WHEN. Each thing is renamed by itself; a process that ends in between leaves
 * what the next start finishes.
 */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type EpochMs, pinwheelError } from '../../base/index.ts'
import { type Disk, listIfThere } from '../log/index.ts'

/** What a data directory is made of: new contents have each, so that what lacks was moved. */
const ofDirectory = ['log', 'state', 'snapshots', 'models', 'dead-letters.json'] as const
/** What a ranker of a cluster keeps. */
export const ofRanker = ['models', 'ranker'] as const
const dataNames = [...ofDirectory, 'ranker'] as const
const STAGED = /^restored-(.+)$/
const ASIDE = /^before-/

export type Rename = (from: string, to: string) => Promise<void>

/** Contents of a directory that a swap would move aside. */
export async function heldData(
  disk: Disk,
  directory: string,
  of: readonly string[] = ofDirectory,
): Promise<string[]> {
  const names = await listIfThere(disk, directory)
  return of.filter((name) => names.includes(name))
}

/** Former contents that lie in the directory. */
export async function setAside(disk: Disk, directory: string): Promise<string[]> {
  return (await listIfThere(disk, directory)).filter((name) => ASIDE.test(name))
}

/** Makes `staging`, a folder in the directory, what the directory holds; where the old went. */
export async function swap(
  disk: Disk,
  directory: string,
  { staging, at, move = rename }: { staging: string; at: EpochMs; move?: Rename | undefined },
): Promise<string | undefined> {
  const when = new Date(at).toISOString().replace(/[:.]/g, '-')
  await move(staging, join(directory, `restored-${when}`))
  await disk.flushDirectory(directory)
  return finishSwap(disk, directory, move)
}

/** Goes on with a swap that was begun, if one was; where the old contents went. */
export async function finishSwap(
  disk: Disk,
  directory: string,
  move: Rename = rename,
): Promise<string | undefined> {
  const names = await listIfThere(disk, directory)
  const name = names.find((name) => STAGED.test(name))
  if (name === undefined) return undefined
  const staged = join(directory, name)
  const aside = join(directory, name.replace('restored-', 'before-'))
  const waiting = await disk.list(staged)
  for (const part of dataNames) {
    if (!waiting.includes(part)) continue
    if (names.includes(part)) {
      await disk.makeDirectory(aside)
      await move(join(directory, part), join(aside, part))
      await disk.flushDirectory(aside)
    }
    await move(join(staged, part), join(directory, part))
    await disk.flushDirectory(directory)
  }
  await disk.remove(join(directory, 'derived'))
  await disk.remove(staged)
  await disk.flushDirectory(directory)
  return (await listIfThere(disk, aside)).length > 0 ? aside : undefined
}

/** Whether a swap was begun and not finished. */
export async function isSwapping(disk: Disk, directory: string): Promise<boolean> {
  return (await listIfThere(disk, directory)).some((name) => STAGED.test(name))
}

/** DIRECTORY_INVALID for a directory of which a part is new and a part old. */
export async function mustNotBeSwapping(disk: Disk, directory: string): Promise<void> {
  if (!(await isSwapping(disk, directory))) return
  const reason = 'a restore was interrupted. The next start, or restore, finishes it'
  throw pinwheelError('DIRECTORY_INVALID', { directory, reason })
}
