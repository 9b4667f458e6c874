/** What an operation left unfinished that was ended: the next start does the rest. */
import type { Disk } from '../log/index.ts'
import { finishSwap } from './swap.ts'

/** For whoever has the directory's lock, before anything in it is opened. */
export async function finishOperations(disk: Disk, directory: string): Promise<void> {
  await finishSwap(disk, directory)
}
