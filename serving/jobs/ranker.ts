/**
 * Sees to it that a trained ranker serves: the newest of the registry, else one trained from the
 * log in a thread of its own. What cannot be trained leaves the light rung in charge, and says so.
 */
import { join } from 'node:path'
import { type Runtime, trainFromLog } from '../../actors/index.ts'
import { type Clock, errorCode, type Logger } from '../../base/index.ts'
import { featureNames, latestModel, saveModel } from '../../ranking/index.ts'

/** A host whose log teaches a ranker and that can put one in charge. */
export type RankedHost = Pick<Runtime, 'log' | 'names' | 'entries' | 'kinds' | 'useModel'>

export type RankerOptions = {
  readonly directory: string
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

export async function keepRankerFresh(host: RankedHost, options: RankerOptions): Promise<void> {
  const { logger, signal } = options
  try {
    const kept = await useKept(host, options)
    if (!kept) await trainAndUse(host, options)
  } catch (error) {
    if (signal.aborted) return
    const reason = error instanceof Error ? error.message : String(error)
    if (errorCode(error) === 'TRAINING_DATA') {
      logger.info({ reason }, 'no ranker was trained; the light rung answers')
    } else logger.error({ reason }, 'the ranker could not be made; the light rung answers')
  }
}

/** A damaged or unfit file is reported and a new model is trained. */
async function useKept(host: RankedHost, options: RankerOptions): Promise<boolean> {
  try {
    const kept = await latestModel(join(options.directory, 'models'))
    if (!kept) return false
    await host.useModel(kept.bytes)
    return true
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    options.logger.warn({ reason }, 'the kept model is not used; a new one is trained')
    return false
  }
}

async function trainAndUse(host: RankedHost, options: RankerOptions): Promise<void> {
  const { clock, logger, signal, directory } = options
  const started = clock.monotonic()
  const { kinds } = host
  const { pin, board } = host.names
  const size = { entries: host.entries, pins: pin.size, boards: board.size }
  const { bytes, version, metrics, range } = await trainFromLog(host.log, { size, kinds }, signal)
  await saveModel(join(directory, 'models'), bytes, {
    version,
    metrics,
    range,
    inputs: featureNames,
    entries: size.entries,
    trainedAt: clock.now(),
  })
  await host.useModel(bytes)
  const seconds = Math.round((clock.monotonic() - started) / 100) / 10
  logger.info({ version, seconds, ...metrics }, 'a trained ranker serves now')
}
