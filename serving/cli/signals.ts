/** How commands that go on until told otherwise end. */
import type { Logger } from '../../base/index.ts'

/** The first signal asks for an orderly end, the second ends at once. */
export function stopOnSignals(logger: Logger) {
  const controller = new AbortController()
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const now = () => {
    controller.abort(new Error('the server is stopping'))
    resolve()
  }
  const onSignal = (signal: string) => {
    if (controller.signal.aborted) process.exit(130)
    logger.info({ signal }, 'stopping; once more ends at once')
    now()
  }
  process.on('SIGINT', () => onSignal('SIGINT'))
  process.on('SIGTERM', () => onSignal('SIGTERM'))
  return { signal: controller.signal, asked, now }
}
