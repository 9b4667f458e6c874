/**
 * Sees to it that the newest fitted model of the data directory serves: at start, and again
 * whenever `pinwheel train` has left another. One that is refused is named once; the former one
 * goes on.
 */
import type { Runtime } from '../../actors/index.ts'
import { type Clock, type Logger, toWire } from '../../base/index.ts'
import { type FittedMemory, fittedFolder, latestFitted, openFitted } from '../../ranking/index.ts'

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
  /** What was tried last, whatever came of it. */
  let tried: string | undefined
  const tell = (key: string, reason: string) => {
    if (tried !== key)
      logger.error({ reason }, 'the fitted model is not used; the former one stays')
    tried = key
  }
  const look = async () => {
    const manifest = await latestFitted(folder)
    if (!manifest || manifest.version === tried) return
    const started = clock.monotonic()
    try {
      await host.useFitted(await openFitted(folder, manifest, host.names.pin))
    } catch (error) {
      return tell(manifest.version, toWire(error).message)
    }
    tried = manifest.version
    const { version, model, pins, bytes } = manifest
    const ms = Math.round(clock.monotonic() - started)
    logger.info({ version, model, pins, bytes, ms }, 'a fitted model serves generation 2')
  }
  const lookSafely = () =>
    look().catch((error: unknown) => {
      const { message } = toWire(error)
      tell(message, message)
    })
  let looking = true
  const stop = clock.every(everyMs, () => {
    if (looking) return
    looking = true
    void lookSafely().finally(() => {
      looking = false
    })
  })
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  await lookSafely()
  looking = false
}
