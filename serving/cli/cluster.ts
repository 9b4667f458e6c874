/** `pinwheel cluster`: the servers, sidecars and apps of a cluster on this machine. */
import { relative } from 'node:path'
import { createLogger, type LogLevel, pinwheelError, systemClock } from '../../base/index.ts'
import {
  type Cluster,
  type OptionalServer,
  optionalServers,
  programFailed,
  type ReadyLine,
  startCluster,
} from '../cluster/index.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { stopOnSignals } from './signals.ts'

type Flags = { readonly file: string; readonly data: string; readonly without: string }

export const addCluster: AddCommand = (program, context) => {
  program
    .command('cluster')
    .description('Start a cluster on this machine: servers that are missing, sidecars and apps.')
    .option('--file <FILE>', 'which apps, as `dapr run -f` reads it', 'dapr.yaml')
    .option('--data <DIR>', 'files of servers, and logs', './data/cluster')
    .option('--without <NAMES>', `less: of ${optionalServers.join(', ')}, with commas between`, '')
    .addHelpText(
      'after',
      '\nServers that listen already are used, and left running at the end. Logs lie in --data.\n' +
        '\nExamples:\n  pinwheel cluster\n  pinwheel cluster --without neo4j,redis',
    )
    .action((flags: Flags) => cluster(flags, context))
}

async function cluster(flags: Flags, context: CommandContext): Promise<void> {
  const without = optional(flags.without)
  const config = context.config({})
  const stop = stopOnSignals(createLogger(config.logLevel as LogLevel))
  const began = systemClock.monotonic()
  const { promise: broken, reject } = Promise.withResolvers<never>()
  broken.catch(() => {})
  let running: Cluster | undefined
  try {
    running = await startCluster({
      ...{ file: flags.file, data: flags.data, without },
      ...{ env: context.variables(), signal: stop.signal, onReady: say },
      onEnded: (program, how) => reject(programFailed(program, how)),
    })
    announce(running, (systemClock.monotonic() - began) / 1_000, context)
    await Promise.race([stop.asked, broken])
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    await running?.stop()
  }
}

/** CLUSTER_OPTIONS for a name that cannot be left out. */
function optional(names: string): OptionalServer[] {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((value) => {
      const known = optionalServers.find((name) => name === value)
      if (known !== undefined) return known
      const expected = `of ${optionalServers.join(', ')}`
      throw pinwheelError('CLUSTER_OPTIONS', { option: '--without', value, expected })
    })
}

function say({ name, state, pid, address, log }: ReadyLine): void {
  const process_ = pid === undefined ? '' : `pid ${pid}`
  const words = [name.padEnd(24), state.padEnd(10), process_.padEnd(12), address.padEnd(18)]
  const place = log === undefined ? '' : relative('.', log)
  process.stdout.write(`  ${[...words, place].join(' ').trimEnd()}\n`)
}

function announce(
  { apps, variables }: Cluster,
  seconds: number,
  { environment }: CommandContext,
): void {
  const apis = apps.filter(({ entry }) => entry.command.includes('serve'))
  const served = apis.map(({ entry }) => `http://127.0.0.1:${entry['appPort']}`)
  const lines = served.map(
    (address) => `  Feed     ${address}/\n  API      ${address}/openapi.json\n`,
  )
  const sidecar = apps[0] && `  Sidecar  http://127.0.0.1:${apps[0].httpPort}/v1.0\n`
  // Not what was said to us: a password may be in it.
  const own = Object.entries(variables).filter(([name]) => environment(name) === undefined)
  const told = own.map(([name, value]) => `  export ${name}='${value}'\n`)
  const heading = told.length > 0 ? '\n  Sidecars were told these; dapr run needs them, too:\n' : ''
  process.stdout.write(
    `\n  The cluster is up after ${seconds.toFixed(1)} s.\n\n${lines.join('')}${sidecar ?? ''}` +
      `${heading}${told.join('')}\n  Ctrl-C stops what this started.\n`,
  )
}
