/** `pinwheel serve` over a cluster: what `serve` does where the log is a stream. */
import { ClusterRecommender, DaprFeedCache, openEdgeLog, Sidecar } from '../../actors/index.ts'
import {
  type Config,
  createLogger,
  type LogLevel,
  pinwheelError,
  Random,
  systemClock,
} from '../../base/index.ts'
import { generationNames } from '../../ranking/index.ts'
import { daprOf } from './dapr-place.ts'
import { openDoor, warmUp } from './http-door.ts'
import { stopOnSignals } from './signals.ts'
import { streamOf } from './stream-of.ts'

const WARM_UP_USERS = 10
const LOOK_MS = 100

export async function serveCluster(
  config: Config,
  environment: (name: string) => string | undefined,
): Promise<void> {
  const { daprPort, token } = daprOf('serve', undefined, environment)
  const logger = createLogger(config.logLevel as LogLevel)
  const stop = stopOnSignals(logger)
  const { partitions, natsUrl = '' } = config
  const log = await openEdgeLog({
    ...streamOf(config, natsUrl),
    partitions,
    clock: systemClock,
  })
  const leave: (() => unknown)[] = [() => log.close()]
  try {
    const sidecar = new Sidecar(daprPort, { token })
    const recommender = new ClusterRecommender({
      log,
      invoke: ({ type, id, method }, body, ms) => sidecar.invoke(type, id, method, body, ms),
      clock: systemClock,
      deadlineMs: config.requestDeadlineMs,
      random: new Random(systemClock.now()),
      cache: new DaprFeedCache({
        ...{ daprPort, clock: systemClock, token },
        generations: generationNames,
      }),
    })
    leave.push(() => recommender.close())
    const server = await openDoor(config, { recommender, logger })
    leave.push(() => server.close())
    const address = await server.listen({ host: config.host, port: config.port })
    process.stdout.write(
      `\n  Pinwheel serves the cluster "${config.cluster}".\n\n` +
        `  Feed   ${address}/\n  API    ${address}/openapi.json\n\n  Ctrl-C stops it.\n`,
    )
    // The sidecar answers nobody before we listen.
    await ready(recommender, stop.signal)
    await warmUp(recommender, WARM_UP_USERS)
    logger.info({ daprPort }, 'the API of the cluster is ready')
    await Promise.race([stop.asked, sidecar.gone(systemClock, stop.signal)])
    if (!stop.signal.aborted)
      throw pinwheelError('SIDECAR_MISSING', { address: `port ${daprPort}` })
  } finally {
    stop.now()
    for (const step of leave.reverse()) await step()
  }
}

/** Resolves when a ranker has told what there is, or it is to stop. */
async function ready(recommender: ClusterRecommender, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !recommender.status().ready) {
    await systemClock.sleep(LOOK_MS, signal).catch(() => {})
  }
}
