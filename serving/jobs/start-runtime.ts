/** The embedded host with the configured sizes. */
import { Runtime, type RuntimeOptions } from '../../actors/index.ts'
import { type Config, type Logger, systemClock } from '../../base/index.ts'

export function startRuntime(
  config: Config,
  directory: string,
  logger: Logger,
  more: Pick<RuntimeOptions, 'bulk' | 'onRecovered'> = {},
): Promise<Runtime> {
  const { workers, partitions, usersMax, pinsMax, boardsMax, tagsMax, kinds } = config
  return Runtime.start({
    directory,
    workers,
    partitions,
    usersMax,
    pinsMax,
    boardsMax,
    tagsMax,
    kinds,
    clock: systemClock,
    logger,
    ...more,
  })
}
