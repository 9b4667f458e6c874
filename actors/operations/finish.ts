/** What an operation left unfinished that was ended: the next start does the rest. */
import type { Clock } from '../../base/index.ts'
import { type FileLogOptions, realDisk } from '../log/index.ts'
import { finishErasures } from './erase.ts'
import { finishSwap } from './swap.ts'

/**
 * For whoever has the directory's lock, before anything in it is opened; `files` says how the log
 * is opened then.
 */
export async function finishOperations(
  directory: string,
  clock: Clock,
  files: Partial<FileLogOptions> = {},
): Promise<void> {
  const { disk = realDisk } = files
  await finishSwap(disk, directory)
  await finishErasures(disk, directory, clock, files)
}
