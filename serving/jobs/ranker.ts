/**
 * Sees to it that trained rankers serve, one of each kind: the newest of the registry, else one
 * trained from the log in a thread of its own. What cannot be trained leaves a lower rung in
 * charge, and says so.
 */
import { type ReadableLog, type Runtime, trainFromLog } from '../../actors/index.ts'
import { type Clock, errorCode, type Logger } from '../../base/index.ts'
import {
  deepFeatureNames,
  featureNames,
  latestManifest,
  type Manifest,
  type ModelKind,
  modelsDirectory,
  openDeep,
  readModel,
  saveModel,
} from '../../ranking/index.ts'

/** A host whose log teaches a ranker and that can put one in charge. */
export type RankedHost = Pick<Runtime, 'names' | 'entries' | 'kinds' | 'useModel' | 'useDeep'> & {
  readonly log: ReadableLog
}

export type RankerOptions = {
  readonly directory: string
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Hears what serves now. */
  readonly onServed?: (manifest: Manifest) => void
}

/** The small ranker first: it is there in a moment. */
const kinds: readonly ModelKind[] = ['light', 'deep']

export async function keepRankerFresh(host: RankedHost, options: RankerOptions): Promise<void> {
  const { logger, signal } = options
  // What is there serves at once: a training reads the whole log.
  const missing: ModelKind[] = []
  for (const kind of kinds) if (!(await useKept(host, kind, options))) missing.push(kind)
  for (const kind of missing) {
    try {
      await trainAndUse(host, kind, options)
    } catch (error) {
      if (signal.aborted) return
      const reason = error instanceof Error ? error.message : String(error)
      if (errorCode(error) === 'TRAINING_DATA') {
        logger.info({ kind, reason }, 'no ranker was trained; a lower rung answers')
      } else logger.error({ kind, reason }, 'the ranker could not be made; a lower rung answers')
    }
  }
}

/** A damaged or unfit file is reported and a new model is trained. */
async function useKept(
  host: RankedHost,
  kind: ModelKind,
  { directory, logger, onServed }: RankerOptions,
): Promise<boolean> {
  try {
    const manifest = await latestManifest(modelsDirectory(directory, kind))
    if (!manifest) return false
    await use(host, directory, manifest)
    onServed?.(manifest)
    return true
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    logger.warn({ kind, reason }, 'the kept model is not used; a new one is trained')
    return false
  }
}

async function use(host: RankedHost, data: string, manifest: Manifest): Promise<void> {
  const { kind = 'light' } = manifest
  const directory = modelsDirectory(data, kind)
  if (kind === 'light') await host.useModel(await readModel(directory, manifest))
  else await host.useDeep(await openDeep(directory, manifest, host.names.pin))
}

async function trainAndUse(
  host: RankedHost,
  kind: ModelKind,
  options: RankerOptions,
): Promise<void> {
  const { clock, logger, signal, directory } = options
  const started = clock.monotonic()
  const { kinds } = host
  const { pin, board } = host.names
  const size = { entries: host.entries, pins: pin.size, boards: board.size }
  const asked = { model: kind, size, kinds }
  const trained = await trainFromLog(host.log, asked, signal)
  const { bytes, version, metrics, range, features } = trained
  const manifest = await saveModel(modelsDirectory(directory, kind), bytes, {
    version,
    kind,
    metrics,
    range,
    features,
    inputs: kind === 'deep' ? deepFeatureNames : featureNames,
    entries: size.entries,
    trainedAt: clock.now(),
  })
  await use(host, directory, manifest)
  options.onServed?.(manifest)
  const seconds = Math.round((clock.monotonic() - started) / 100) / 10
  logger.info({ kind, version, seconds, ...metrics }, 'a trained ranker serves now')
}
