/** `pinwheel serve`: the server over a data directory, or over a demo world made on the spot. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Recommender, type Runtime } from '../../actors/index.ts'
import {
  type Config,
  createLogger,
  type LogLevel,
  maskedConfig,
  pinwheelError,
  Random,
  systemClock,
} from '../../base/index.ts'
import { ListBook, listsFolder, type Manifest, type ModelKind } from '../../ranking/index.ts'
import { fillWithDemo } from '../jobs/demo.ts'
import { keepFittedFresh } from '../jobs/fitted.ts'
import { keepRankerFresh } from '../jobs/ranker.ts'
import { checkRules, keepRulesFresh } from '../jobs/rules.ts'
import { startRuntime } from '../jobs/start-runtime.ts'
import type { AddCommand } from './command.ts'
import { openDoor, warmUp } from './http-door.ts'
import { Progress } from './progress.ts'
import { serveCluster } from './serve-cluster.ts'
import { stopOnSignals } from './signals.ts'

export const addServe: AddCommand = (program, context) => {
  program
    .command('serve')
    .description('Serve recommendations over HTTP, with a feed page.')
    .option('--port <N>', 'port to listen on')
    .option('--host <H>', 'address to listen on')
    .option('--data <DIR>', 'data directory; without it a demo world in a temporary one')
    .option('--nats <URL>', 'over a cluster: its stream, nats://host:port; needs a Dapr sidecar')
    .option('--workers <N>', 'threads for actors, walks and ranking')
    .option('--kinds <K>', 'kinds of event beside ours: NAME=WEIGHT,… (a save weighs 1)')
    .option('--rules <FILE>', 'rules of slates; by default rules.json in the data directory')
    .option('--open', 'listen beyond loopback without a key')
    .option('--accept-data-loss', 'go on without entries that are damaged in the log')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel serve\n  pinwheel serve --data ./data --port 9000\n' +
        '  PINWHEEL_KEY=… pinwheel serve --data ./data --host 0.0.0.0',
    )
    .action(async ({ acceptDataLoss, nats, ...flags }: Record<string, unknown>) => {
      const config = context.config({ ...flags, ...(nats !== undefined && { natsUrl: nats }) })
      if (config.natsUrl === undefined) return serve(config, acceptDataLoss === true)
      if (config.data === undefined) return serveCluster(config, context.environment)
      const problems = 'serve has its log in --data or in the stream of --nats, not in both.'
      throw pinwheelError('CONFIG_INVALID', { problems })
    })
}

const WARM_UP_USERS = 40
/** For what was asked and taken in before the end; then threads are ended where they are. */
const DRAIN_MS = 8_000
/** After a failed flush the process ends within this, whatever waits. */
const LAST_MOMENT_MS = 2_000

async function serve(config: Config, acceptLoss: boolean): Promise<void> {
  const logger = createLogger(config.logLevel as LogLevel)
  logger.debug(maskedConfig(config), 'configuration')
  const stop = stopOnSignals(logger)
  const demo = config.data === undefined
  const directory = config.data ?? mkdtempSync(join(tmpdir(), 'pinwheel-demo-'))
  const leave: (() => unknown)[] = []
  let broken: string | undefined
  if (demo) leave.push(() => rmSync(directory, { recursive: true, force: true }))
  const rules = { named: config.rules, directory }
  try {
    await checkRules(rules)
    const reading = new Progress('reading', 'entries', systemClock)
    const runtime = await startRuntime(config, directory, logger, {
      onRecovered: (entries) => reading.update(entries),
      purpose: 'requests',
      bulk: demo,
      acceptLoss,
      onLogFailure: (reason) => {
        logger.error({ reason }, 'the log could not be flushed; what the disk has is unknown')
        // Never tried again: the next start reads what is there. Requests under way get a moment.
        broken = reason
        stop.now()
        void systemClock.sleep(LAST_MOMENT_MS).then(() => process.exit(1))
      },
    })
    leave.push(() => stopWithin(runtime, DRAIN_MS))
    if (!demo && runtime.entries > 0) reading.finish(runtime.entries)
    const bar = new Progress('demo world', 'entries', systemClock)
    const picture = demo ? await fillWithDemo(runtime, bar, systemClock.now()) : undefined
    const folder = listsFolder(directory)
    const lists = await ListBook.open({ folder, clock: systemClock, logger })
    leave.push(() => lists.flush())
    const manifests = new Map<ModelKind, Manifest>()
    const recommender = new Recommender({
      manifests: () => manifests.values(),
      lists,
      runtime,
      clock: systemClock,
      deadlineMs: config.requestDeadlineMs,
      random: new Random(systemClock.now()),
    })
    leave.push(() => recommender.close())
    await recommender.refresh()
    await warmUp(recommender, WARM_UP_USERS)
    const job = { directory, clock: systemClock, logger, signal: stop.signal }
    // What was answered to warm up is nothing that anybody was served.
    await keepRulesFresh(runtime, { ...rules, ...job })
    const server = await openDoor(config, { recommender, logger, ...(picture && { picture }) })
    leave.push(() => server.close())
    const address = await server.listen({ host: config.host, port: config.port })
    announce(address, runtime, demo)
    void keepFittedFresh(runtime, job)
    const onServed = (made: Manifest) => manifests.set(made.kind ?? 'light', made)
    void keepRankerFresh(runtime, { ...job, onServed })
    await stop.asked
    if (broken !== undefined) throw pinwheelError('LOG_WRITE_FAILED', { reason: broken })
  } finally {
    for (const step of leave.reverse()) await step()
  }
}

/** Everything is in the log: what hangs does not hold up the end. */
async function stopWithin(runtime: Runtime, ms: number): Promise<void> {
  const late = new AbortController()
  const stopped = new AbortController()
  systemClock.sleep(ms, stopped.signal).then(
    () => late.abort(),
    () => {},
  )
  await runtime.stop(late.signal)
  stopped.abort()
}

function announce(address: string, runtime: Runtime, demo: boolean): void {
  const world = demo ? 'a demo world (nothing is kept)' : 'your data'
  const { user, pin } = runtime.names
  process.stdout.write(
    `\n  Pinwheel serves ${world}: ${user.size.toLocaleString('en')} users, ` +
      `${pin.size.toLocaleString('en')} pins.\n\n` +
      `  Feed   ${address}/\n  API    ${address}/openapi.json\n\n  Ctrl-C stops it.\n`,
  )
}
