/** What a host keeps in its data directory, opened and closed together. */
import { type EventLog, lockDirectory, openFileLog, realDisk } from '../../log/index.ts'
import { finishOperations } from '../../operations/finish.ts'
import { Snapshots } from '../../snapshots/snapshots.ts'
import { DeadLetters } from './dead-letters.ts'
import type { RuntimeOptions } from './runtime-options.ts'
import { StateLog } from './state-log.ts'

export type DataFiles = {
  readonly log: EventLog
  readonly states: StateLog
  readonly snapshots: Snapshots
  readonly letters: DeadLetters
  /** Why nothing can be kept any more, once that is so. */
  readonly failure: () => string | undefined
  /** Flushes and closes them, and gives the directory back. */
  readonly close: () => Promise<void>
}

/** Locks the directory and opens what is in it. LOG_DAMAGED, DIRECTORY_INVALID and the like. */
export async function openDataFiles(options: RuntimeOptions): Promise<DataFiles> {
  const { directory, partitions, files, logger } = options
  const disk = files?.disk ?? realDisk
  const leave: (() => unknown)[] = [await (options.ports?.lock ?? lockDirectory)(directory)]
  const close = async () => {
    for (const step of leave.splice(0).reverse()) await step()
  }
  let failure: string | undefined
  const onFailure = (reason: string) => {
    failure ??= reason
    options.onLogFailure?.(reason)
  }
  try {
    await finishOperations(directory, options.clock, files)
    const log = await openFileLog({ directory, partitions, ...files, onFailure })
    leave.push(() => log.close())
    const states = await StateLog.open(directory, { disk, onFailure })
    leave.push(() => states.close())
    const snapshots = await Snapshots.open(disk, directory)
    const letters = await DeadLetters.open(disk, directory, (error) => {
      logger.error({ error }, 'dead letters could not be kept; they are only in memory')
    })
    leave.push(() => letters.kept())
    return { log, states, snapshots, letters, failure: () => failure, close }
  } catch (error) {
    await close()
    throw error
  }
}
