/** The embedded host with the configured sizes. */
import { availableParallelism } from 'node:os'
import { Runtime, type RuntimeOptions } from '../../actors/index.ts'
import { type Config, type Logger, systemClock } from '../../base/index.ts'

/** More threads than this are asked for by number alone: each has scratch memory of its own. */
const WORKERS_CHOSEN_MAX = 8

/**
 * Threads for actors where none are asked for. Requests wait for workers: one a core. In bulk the
 * main thread packs, appends and feeds without a pause and wants a core for itself.
 */
export function workersFor(purpose: 'requests' | 'bulk', cores = availableParallelism()): number {
  const free = purpose === 'requests' ? cores : cores - 1
  return Math.min(WORKERS_CHOSEN_MAX, Math.max(1, free))
}

export type StartOptions = Pick<RuntimeOptions, 'bulk' | 'onRecovered' | 'onLogFailure'> & {
  readonly purpose: 'requests' | 'bulk'
  /** Goes on without what is damaged in the log. */
  readonly acceptLoss?: boolean
}

export function startRuntime(
  config: Config,
  directory: string,
  logger: Logger,
  { purpose, acceptLoss = false, ...more }: StartOptions,
): Promise<Runtime> {
  const workers = config.workers === 0 ? workersFor(purpose) : config.workers
  const { partitions, usersMax, pinsMax, boardsMax, tagsMax, kinds } = config
  const { stateMb, snapshotMb, logMb } = config
  const acknowledge = config.acknowledge === 'written' ? 'written' : 'flushed'
  return Runtime.start({
    directory,
    workers,
    partitions,
    usersMax,
    pinsMax,
    boardsMax,
    tagsMax,
    kinds,
    files: {
      acknowledge,
      acceptLoss,
      onLoss: ({ partition, from, to }, file) => {
        const entries = to - from
        logger.warn({ file, partition, from, entries }, 'entries of the log are lost, as accepted')
      },
    },
    ...(stateMb > 0 && { stateBytesMax: stateMb * 1e6 }),
    ...(snapshotMb > 0 && { snapshotBytes: snapshotMb * 1e6 }),
    ...(logMb > 0 && { logBytes: logMb * 1e6 }),
    clock: systemClock,
    logger,
    ...more,
  })
}
