/**
 * Sees to it that trained rankers serve, one of each kind: the newest of the registry, else one
 * trained from the log in a thread of its own, or by the host of jobs (`train-rankers.ts`). What
 * cannot be trained leaves a lower rung in charge, and says so.
 */
import { type LogSize, type ReadableLog, type Runtime, trainFromLog } from '../../actors/index.ts'
import { type Clock, type DeclaredKinds, errorCode, type Logger } from '../../base/index.ts'
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
import { keepNewest } from './look-again.ts'

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
export const modelKinds: readonly ModelKind[] = ['light', 'deep']

/** Between two looks at the registry. */
export const modelsEveryMs = 2_000

/** Puts in charge what another process trains: what is there first, then whatever appears. */
export async function watchRankers(host: RankedHost, options: RankerOptions): Promise<void> {
  const { directory, clock, logger, signal, onServed } = options
  for (const kind of modelKinds) {
    await keepNewest({
      ...{ clock, signal, everyMs: modelsEveryMs },
      latest: () => latestManifest(modelsDirectory(directory, kind)),
      use: async (manifest) => {
        await use(host, directory, manifest)
        onServed?.(manifest)
        const { version } = manifest
        logger.info({ kind, version }, 'a ranker that was trained elsewhere serves now')
      },
      onRefused: (reason) => {
        logger.error({ kind, reason }, 'a trained ranker is not used; the former one stays')
      },
    })
  }
}

export async function keepRankerFresh(host: RankedHost, options: RankerOptions): Promise<void> {
  const { logger, signal } = options
  // What is there serves at once: a training reads the whole log.
  const missing: ModelKind[] = []
  for (const kind of modelKinds) if (!(await useKept(host, kind, options))) missing.push(kind)
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
  const { pin, board } = host.names
  const size = { entries: host.entries, pins: pin.size, boards: board.size }
  const { log, kinds } = host
  const manifest = await trainKind(kind, { log, size, kinds, ...options })
  await use(host, options.directory, manifest)
  options.onServed?.(manifest)
}

/** Trains one, and keeps it among the models of the directory. TRAINING_DATA. */
export async function trainKind(
  kind: ModelKind,
  options: Omit<RankerOptions, 'onServed'> & {
    readonly log: ReadableLog
    readonly size: LogSize
    readonly kinds: DeclaredKinds
  },
): Promise<Manifest> {
  const { log, size, kinds, clock, logger, signal, directory } = options
  const started = clock.monotonic()
  const trained = await trainFromLog(log, { model: kind, size, kinds }, signal)
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
  const seconds = Math.round((clock.monotonic() - started) / 100) / 10
  logger.info({ kind, version, seconds, ...metrics }, 'a ranker is trained')
  return manifest
}
