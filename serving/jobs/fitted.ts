/**
 * Sees to it that the newest fitted model of the data directory serves: at start, and again
 * whenever `pinwheel train` has left another. One that is refused is named once; the former one
 * goes on.
 */
import type { Runtime } from '../../actors/index.ts'
import type { Clock, Logger } from '../../base/index.ts'
import { type FittedMemory, fittedFolder, latestFitted, openFitted } from '../../ranking/index.ts'
import { keepNewest } from './look-again.ts'

export type FittedHost = Pick<Runtime, 'names'> & {
  useFitted(memory: FittedMemory): Promise<void>
}

export type FittedOptions = {
  readonly directory: string
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly everyMs?: number
}

export const fittedEveryMs = 2_000

/** Resolves when the newest that there is at start serves, or is refused. */
export async function keepFittedFresh(host: FittedHost, options: FittedOptions): Promise<void> {
  const { directory, clock, logger, signal, everyMs = fittedEveryMs } = options
  const folder = fittedFolder(directory)
  await keepNewest({
    ...{ clock, signal, everyMs },
    latest: () => latestFitted(folder),
    use: async (manifest) => {
      const started = clock.monotonic()
      await host.useFitted(await openFitted(folder, manifest, host.names.pin))
      const { version, model, pins, bytes } = manifest
      const ms = Math.round(clock.monotonic() - started)
      logger.info({ version, model, pins, bytes, ms }, 'a fitted model serves generation 2')
    },
    onRefused: (reason) => {
      logger.error({ reason }, 'the fitted model is not used; the former one stays')
    },
  })
}
