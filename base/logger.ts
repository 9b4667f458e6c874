/**
 * The program's log: JSON lines on standard error (standard output belongs to results). Secrets are
 * redacted by name. The sole importer of pino.
 */
import pino from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface Logger {
  debug(fields: object, sentence: string): void
  info(fields: object, sentence: string): void
  warn(fields: object, sentence: string): void
  error(fields: object, sentence: string): void
}

/** Writes to standard error, synchronously, so that the last line before an exit is not lost. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['key', '*.key', 'authorization', '*.authorization'],
        censor: '***',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}

const nothing = () => {}
/** For tests and libraries: says nothing. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
