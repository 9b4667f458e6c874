import { type Clock, toWire } from '../../base/index.ts'

export type LookOptions = {
  readonly clock: Clock
  readonly everyMs: number
  readonly signal: AbortSignal
  /** Hears why a look failed. */
  readonly onFailed: (reason: string) => void
}

/** Looks now and then, one look at a time, until it is aborted. */
export function lookAgain(look: () => Promise<void>, options: LookOptions): void {
  const { clock, everyMs, signal, onFailed } = options
  let looking = false
  const stop = clock.every(everyMs, () => {
    if (looking) return
    looking = true
    look()
      .catch((error: unknown) => onFailed(toWire(error).message))
      .finally(() => {
        looking = false
      })
  })
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
}

export type NewestOptions<Made> = Omit<LookOptions, 'onFailed'> & {
  /** Undefined where there is none. */
  readonly latest: () => Promise<Made | undefined>
  readonly use: (made: Made) => Promise<void>
  /** Hears once why one is refused, or why nobody can tell which is the newest. */
  readonly onRefused: (reason: string) => void
}

/**
 * Uses the newest of what others make, and again whenever there is another. Resolves when what is
 * there at first is used, or refused.
 */
export async function keepNewest<Made extends { readonly version: string }>(
  options: NewestOptions<Made>,
): Promise<void> {
  const { latest, use, onRefused, ...looks } = options
  /** What was tried last, whatever came of it. */
  let tried: string | undefined
  const refuse = (key: string, reason: string) => {
    if (tried !== key) onRefused(reason)
    tried = key
  }
  const look = async () => {
    const made = await latest()
    if (!made || made.version === tried) return
    try {
      await use(made)
      tried = made.version
    } catch (error) {
      refuse(made.version, toWire(error).message)
    }
  }
  const onFailed = (reason: string) => refuse(reason, reason)
  await look().catch((error: unknown) => onFailed(toWire(error).message))
  lookAgain(look, { ...looks, onFailed })
}
