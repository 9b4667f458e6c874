/** `pinwheel host`: the actors behind a Dapr sidecar; what dapr.yaml starts. */
import { InvalidArgumentError } from 'commander'
import { DaprHost } from '../../actors/index.ts'
import { createLogger, type LogLevel, pinwheelError, systemClock } from '../../base/index.ts'
import { keepFittedFresh } from '../jobs/fitted.ts'
import { keepRankerFresh } from '../jobs/ranker.ts'
import { keepRulesFresh } from '../jobs/rules.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { stopOnSignals } from './signals.ts'

type Flags = { port: number; data?: string; daprPort?: number }

export const addHost: AddCommand = (program, context) => {
  program
    .command('host')
    .description('Host the actors behind a Dapr sidecar (dapr run -f . starts this).')
    .requiredOption('--port <N>', 'port for the sidecar to call', portNumber)
    .option('--data <DIR>', 'directory of the log; without it this host only holds shards')
    .option('--dapr-port <N>', 'port of the sidecar; DAPR_HTTP_PORT by default', portNumber)
    .addHelpText(
      'after',
      '\nExample:\n  DAPR_HTTP_PORT=3500 pinwheel host --port 6101 --data ./data',
    )
    .action((flags: Flags) => host(flags, context))
}

async function host(flags: Flags, context: CommandContext): Promise<void> {
  const daprPort = flags.daprPort ?? Number(context.environment('DAPR_HTTP_PORT') ?? Number.NaN)
  if (!Number.isInteger(daprPort)) {
    const problems = 'host needs --dapr-port N or DAPR_HTTP_PORT, as dapr run sets it.'
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  const config = context.config(flags.data === undefined ? {} : { data: flags.data })
  const logger = createLogger(config.logLevel as LogLevel)
  const stop = stopOnSignals(logger)
  const { partitions, usersMax, pinsMax, boardsMax, tagsMax, kinds } = config
  const sizes = { usersMax, pinsMax, boardsMax, tagsMax }
  const common = { partitions, ...sizes, kinds, clock: systemClock, logger }
  const running = await DaprHost.open(
    flags.data === undefined ? common : { ...common, directory: flags.data },
  )
  const { signal } = stop
  const options = { directory: flags.data ?? '.', clock: systemClock, logger, signal }
  try {
    // Before anybody can ask.
    if (running.ranker) await keepRulesFresh(running.ranker, { named: config.rules, ...options })
    await running.serve(flags.port)
    await Promise.race([running.connect(daprPort), stop.asked])
    logger.info({ port: flags.port, daprPort, log: flags.data ?? 'none' }, 'the host is ready')
    if (running.ranker && flags.data !== undefined && !signal.aborted) {
      void keepFittedFresh(running.ranker, options)
      void keepRankerFresh(running.ranker, options)
    }
    await stop.asked
  } finally {
    await running.stop()
  }
}

function portNumber(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65536) return port
  throw new InvalidArgumentError('It must be a port from 1 to 65535.')
}
