import type { Logger } from '../../../base/index.ts'
import type { EventLog } from '../../log/index.ts'
import type { Manifest } from '../../snapshots/snapshots.ts'

export type DropOptions = {
  readonly log: EventLog
  readonly kept: readonly Manifest[]
  /** Entries before a position that tell what is a resend. */
  readonly window: number
  /** Positions from which on something else has to be read, by partition. */
  readonly needed: readonly number[] | undefined
  /** Bytes of log that stay in any case; undefined: all of it. */
  readonly logBytes: number | undefined
  readonly logger: Logger
}

/** What neither base snapshot needs of the log goes, beyond what is to be kept of it. */
export async function dropNeedless(options: DropOptions): Promise<void> {
  const { log, kept, window, needed, logBytes, logger } = options
  if (logBytes === undefined || kept.length < 2) return
  const below = Array.from({ length: log.partitions }, (_, p) => {
    const folded = Math.min(...kept.map(({ positions }) => positions[p]!)) - window
    return Math.min(folded, needed?.[p] ?? folded)
  })
  const before = log.begins()
  await log.drop(below, logBytes / log.partitions)
  const begins = log.begins()
  if (begins.every((first, p) => first <= before[p]!)) return
  logger.info({ begins }, 'segments that no base snapshot needs were dropped')
}
