/** `pinwheel host`: the actors behind a Dapr sidecar; what dapr.yaml starts. */
import { InvalidArgumentError, Option } from 'commander'
import { DaprHost, type HostRole, hostRoles } from '../../actors/index.ts'
import {
  createLogger,
  type Logger,
  type LogLevel,
  pinwheelError,
  systemClock,
} from '../../base/index.ts'
import type { Manifest, ModelKind } from '../../ranking/index.ts'
import { keepFittedFresh } from '../jobs/fitted.ts'
import { keepRankerFresh, type RankerOptions, watchRankers } from '../jobs/ranker.ts'
import { keepRulesFresh } from '../jobs/rules.ts'
import { keepRankersTrained } from '../jobs/train-rankers.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { daprOf } from './dapr-place.ts'
import { stopOnSignals } from './signals.ts'
import { streamOf } from './stream-of.ts'

type Flags = {
  port: number
  data?: string
  daprPort?: number
  nats?: string
  role?: HostRole
  watchModels?: true
}

export const addHost: AddCommand = (program, context) => {
  program
    .command('host')
    .description('Host the actors behind a Dapr sidecar (pinwheel cluster starts this).')
    .requiredOption('--port <N>', 'port for the sidecar to call', portNumber)
    .option('--data <DIR>', 'directory of the log, and of models; without either only shards')
    .option('--nats <URL>', 'the log is the stream of a cluster: nats://host:port')
    .addOption(new Option('--role <ROLE>', 'do this alone').choices(hostRoles))
    .option('--watch-models', 'rankers are trained by a host of the role jobs, into the same DIR')
    .option('--dapr-port <N>', 'port of the sidecar; DAPR_HTTP_PORT by default', portNumber)
    .addHelpText(
      'after',
      '\nExamples:\n  DAPR_HTTP_PORT=3500 pinwheel host --port 6101 --data ./data\n' +
        '  pinwheel host --port 6101 --dapr-port 3500 --nats nats://127.0.0.1:4222 --role shards',
    )
    .action((flags: Flags) => host(flags, context))
}

/** For what was folded to be written, and calls to end. */
const DRAIN_MS = 30_000

async function host(flags: Flags, context: CommandContext): Promise<void> {
  const { daprPort, token } = daprOf('host', flags.daprPort, context.environment)
  const appToken = context.environment('APP_API_TOKEN')
  const { data, nats, role, watchModels } = flags
  if (role === 'jobs' && data === undefined) {
    const problems = 'a host of jobs leaves models in a directory. Say which with --data.'
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  const config = context.config({
    ...(data !== undefined && { data }),
    ...(nats !== undefined && { natsUrl: nats }),
  })
  const logger = createLogger(config.logLevel as LogLevel)
  const stop = stopOnSignals(logger)
  const { partitions, usersMax, pinsMax, boardsMax, tagsMax, kinds } = config
  const sizes = { usersMax, pinsMax, boardsMax, tagsMax }
  const running = await DaprHost.open({
    ...{ partitions, ...sizes, kinds, clock: systemClock, logger },
    ...(config.natsUrl !== undefined && { stream: streamOf(config, config.natsUrl) }),
    ...(data !== undefined && { directory: data }),
    ...(role && { roles: [role] }),
    snapshotBytes: config.snapshotMb * 1e6,
    ...(token !== undefined && { sidecarToken: token }),
    ...(appToken !== undefined && { appToken }),
  })
  const { signal } = stop
  const options = { directory: data ?? '.', clock: systemClock, logger, signal }
  try {
    // Before anybody can ask.
    if (running.ranker) await keepRulesFresh(running.ranker, { named: config.rules, ...options })
    await running.serve(flags.port)
    await Promise.race([running.connect(daprPort), stop.asked])
    const log = config.natsUrl === undefined ? (data ?? 'none') : `stream of ${config.cluster}`
    logger.info({ port: flags.port, daprPort, log, role }, 'the host is ready')
    if (data !== undefined && !signal.aborted) {
      if (running.ranker) keepModels(running.ranker, { ...options, watches: watchModels === true })
      if (role === 'jobs' && running.log) {
        void keepRankersTrained(running.log, { ...options, kinds })
      }
    }
    await Promise.race([
      stop.asked,
      running.sidecarGone().then(() => {
        if (!signal.aborted) throw pinwheelError('SIDECAR_MISSING', { address: `port ${daprPort}` })
      }),
    ])
  } finally {
    await stopInTime(running, logger)
  }
}

function keepModels(
  ranker: NonNullable<DaprHost['ranker']>,
  { watches, ...options }: RankerOptions & { readonly watches: boolean },
): void {
  const manifests = new Map<ModelKind, Manifest>()
  ranker.manifests = () => manifests.values()
  const onServed = (made: Manifest) => manifests.set(made.kind ?? 'light', made)
  void keepFittedFresh(ranker, options)
  void (watches ? watchRankers : keepRankerFresh)(ranker, { ...options, onServed })
}

/** A sidecar or a stream that went first would be waited for without end. */
async function stopInTime(running: DaprHost, logger: Logger): Promise<void> {
  const done = new AbortController()
  systemClock.sleep(DRAIN_MS, done.signal).then(
    () => {
      logger.warn({ ms: DRAIN_MS }, 'not all is written in time; whoever has it then reads the log')
      process.exit(1)
    },
    () => {},
  )
  await running.stop()
  done.abort('stopped')
}

function portNumber(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65536) return port
  throw new InvalidArgumentError('It must be a port from 1 to 65535.')
}
