/**
 * What the host of jobs does in a cluster: it trains the rankers that are missing or old from the
 * stream, into the directory of models that hosts which rank look at (`ranker.ts`).
 */
import { logSize, type ReadableLog } from '../../actors/index.ts'
import { type Clock, type DeclaredKinds, errorCode, type Logger } from '../../base/index.ts'
import { latestManifest, modelsDirectory } from '../../ranking/index.ts'
import { modelKinds, trainKind } from './ranker.ts'

export type TrainingJobOptions = {
  readonly directory: string
  readonly kinds: DeclaredKinds
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** A ranker that is older is trained anew, where the log has grown by a tenth. */
  readonly everyMs?: number
}

export const trainingJobDefaults = Object.freeze({
  everyMs: 24 * 3_600_000,
  growth: 1.1,
  /** Between two looks, and from one to the next while the log cannot teach. */
  lookMs: 5_000,
  lookMsMax: 600_000,
})

/** Resolves when it is aborted. */
export async function keepRankersTrained(
  log: ReadableLog,
  options: TrainingJobOptions,
): Promise<void> {
  const { clock, logger, signal } = options
  const { lookMs, lookMsMax } = trainingJobDefaults
  for (let wait: number = lookMs; !signal.aborted; ) {
    try {
      await trainDue(log, options)
      wait = lookMs
    } catch (error) {
      if (signal.aborted) return
      const reason = error instanceof Error ? error.message : String(error)
      if (errorCode(error) === 'TRAINING_DATA') logger.info({ reason }, 'no ranker was trained yet')
      else logger.error({ reason }, 'a ranker could not be trained; it is tried again')
      wait = Math.min(2 * wait, lookMsMax)
    }
    await clock.sleep(wait, signal).catch(() => {})
  }
}

/** TRAINING_DATA. */
async function trainDue(log: ReadableLog, options: TrainingJobOptions): Promise<void> {
  const { directory, clock, everyMs = trainingJobDefaults.everyMs } = options
  for (const kind of modelKinds) {
    const newest = await latestManifest(modelsDirectory(directory, kind))
    if (newest && clock.now() - newest.trainedAt < everyMs) continue
    const size = await logSize(log)
    if (newest && size.entries < newest.entries * trainingJobDefaults.growth) continue
    await trainKind(kind, { log, size, ...options })
  }
}
