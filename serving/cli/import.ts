/**
 * `pinwheel import`: data files into a data directory, through the same log and actors that serve.
 */
import { createLogger, limits, pinwheelError, systemClock } from '../../base/index.ts'
import {
  checkFormat,
  type Door,
  type FormatName,
  formatNames,
  type ImportReport,
  readEntries,
} from '../../ranking/index.ts'
import { BATCH_ENTRIES } from '../jobs/ingest-all.ts'
import { startRuntime } from '../jobs/start-runtime.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = {
  format: string
  data?: string
  dryRun?: true
  workers?: string
  kinds?: string
  json?: true
}

export const addImport: AddCommand = (program, context) => {
  program
    .command('import')
    .description('Read data files into a data directory.')
    .argument('<path...>', 'files, gzip or plain')
    .requiredOption('--format <F>', `one of ${formatNames.join(', ')}`)
    .option('--data <DIR>', 'data directory')
    .option('--workers <N>', 'threads for actors')
    .option('--kinds <K>', 'kinds of event beside ours: NAME=WEIGHT,…')
    .option('--dry-run', 'read and check, write nothing')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel import --format lightgcn train.txt.gz --data ./data\n' +
        '  pinwheel import --format jsonl events.jsonl --dry-run',
    )
    .action(async (paths: string[], { json, ...flags }: Flags) => {
      const { report, ...result } = await run(paths, flags, context)
      printResult({ ...report?.toJson(), ...result }, json === true)
    })
}

async function run(paths: readonly string[], flags: Flags, context: CommandContext) {
  const format = checkFormat(flags.format)
  const { data, workers, kinds } = flags
  const config = context.config({
    ...(data !== undefined && { data }),
    ...(workers !== undefined && { workers }),
    ...(kinds !== undefined && { kinds }),
  })
  const timeMax = systemClock.now() + limits.futureMsMax
  const source = { paths, format, door: { kinds: config.kinds, timeMax } }
  const progress = new Progress('import', 'entries', systemClock)
  if (flags.dryRun) {
    let report: ImportReport | undefined
    for await (const batch of readEntries(paths, format, source.door)) {
      report = batch.report
      progress.update(report.kept)
    }
    progress.finish(report?.kept ?? 0)
    return { report, dryRun: true }
  }
  if (data === undefined) {
    throw pinwheelError('CONFIG_INVALID', { problems: 'import needs --data DIR, or --dry-run.' })
  }
  const runtime = await startRuntime(config, data, createLogger('warn'), {
    purpose: 'bulk',
    bulk: true,
  })
  try {
    const resentBefore = runtime.resends
    const started = systemClock.monotonic()
    const report = await pump(source, progress, runtime)
    await runtime.settled()
    await runtime.buildEpoch()
    const seconds = (systemClock.monotonic() - started) / 1000
    const kept = report?.kept ?? 0
    progress.finish(kept)
    return {
      report,
      /** Durable in the log, applied to actors, in the walkable graph. */
      seconds,
      entriesPerSecond: Math.round(kept / seconds),
      resent: runtime.resends - resentBefore,
      edges: (await runtime.stats())[0]!.edges,
      fsyncs: runtime.log.stats.fsyncs,
    }
  } finally {
    await runtime.stop()
  }
}

type Source = {
  readonly paths: readonly string[]
  readonly format: FormatName
  readonly door: Door
}

async function pump(
  { paths, format, door }: Source,
  progress: Progress,
  runtime: Awaited<ReturnType<typeof startRuntime>>,
): Promise<ImportReport | undefined> {
  let report: ImportReport | undefined
  let before: Promise<unknown> = Promise.resolve()
  for await (const batch of readEntries(paths, format, door)) {
    report = batch.report
    for (let from = 0; from < batch.entries.length; from += BATCH_ENTRIES) {
      const now = runtime.ingest(batch.entries.slice(from, from + BATCH_ENTRIES))
      // Observed with the next batch; until then a rejection must not count as unhandled.
      now.catch(() => {})
      await before
      before = now
    }
    progress.update(report.kept)
  }
  await before
  return report
}
