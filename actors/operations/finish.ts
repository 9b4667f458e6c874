/** What an operation left unfinished that was ended: the next start does the rest. */
import type { Clock } from '../../base/index.ts'
import type { Disk } from '../log/index.ts'
import { finishErasures } from './erase.ts'
import { finishSwap } from './swap.ts'

/** For whoever has the directory's lock, before anything in it is opened. */
export async function finishOperations(disk: Disk, directory: string, clock: Clock): Promise<void> {
  await finishSwap(disk, directory)
  await finishErasures(disk, directory, clock)
}
