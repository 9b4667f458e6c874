/**
 * `pinwheel simulate past`: fills a data directory with the past of a world of any size, as the
 * demo has it, for a server to be asked about it (`simulate live`).
 */
import type { Command } from 'commander'
import { createLogger, pinwheelError, systemClock } from '../../base/index.ts'
import { Demo, demoDefaults } from '../../simulator/index.ts'
import { demoUntil } from '../jobs/demo.ts'
import { ingestAll } from '../jobs/ingest-all.ts'
import { startRuntime } from '../jobs/start-runtime.ts'
import type { CommandContext } from './command.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = {
  readonly data: string
  readonly users: number
  readonly pins: number
  readonly events: number
  readonly seed: number
  readonly json?: true
}

export function addPast(simulate: Command, { config }: CommandContext): void {
  simulate
    .command('past')
    .exitOverride()
    .description('Fill a data directory with the past of a world, for a server to serve.')
    .requiredOption('--data <DIR>', 'data directory, empty or new')
    .option('--users <N>', 'people', wholeNumber, demoDefaults.users)
    .option('--pins <N>', 'pins', wholeNumber, demoDefaults.pins)
    .option('--events <N>', 'what people did', wholeNumber, demoDefaults.events)
    .option('--seed <N>', 'seed of the world', wholeNumber, demoDefaults.seed)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate past --users 50000 --pins 1000000 --events 3000000 --data big\n' +
        '  pinwheel serve --data big\n' +
        '  pinwheel simulate live --target http://127.0.0.1:8080 --users 50000 --pins 1000000',
    )
    .action(async (flags: Flags) => {
      printResult(await run(flags, config({ data: flags.data })), flags.json === true)
    })
}

async function run(
  { data, json: _json, ...size }: Flags,
  config: ReturnType<CommandContext['config']>,
) {
  const { users, pins, events } = size
  if (users < 1 || pins < 1 || events < 1) {
    const problems = `--users, --pins and --events are ${users}, ${pins}, ${events}; at least 1`
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  const purpose = { purpose: 'bulk', bulk: true } as const
  const runtime = await startRuntime(config, data, createLogger('warn'), purpose)
  try {
    if (runtime.log.positions().some((position) => position > 0)) {
      const problems = `--data ${data} has entries already; expected an empty directory`
      throw pinwheelError('CONFIG_INVALID', { problems })
    }
    const started = systemClock.monotonic()
    const demo = new Demo({ ...size, ...demoUntil(systemClock.now()) })
    const progress = new Progress('past', 'entries', systemClock)
    const entries = await ingestAll(runtime, demo.entries(), (n) => {
      progress.update(n, Math.max(n, demo.expected))
    })
    progress.finish(entries)
    await runtime.settled()
    const seconds = (systemClock.monotonic() - started) / 1000
    return { data, ...size, entries, edges: (await runtime.stats())[0]!.edges, seconds }
  } finally {
    await runtime.stop()
  }
}
