/** `pinwheel simulate`: here `replay`, synthetic events through the real actors, graph and log. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, createLogger, systemClock } from '../../base/index.ts'
import {
  type ReplaySample,
  replayDefaults,
  replayEvents,
  replaySections,
} from '../../simulator/index.ts'
import { ingestAll } from '../jobs/ingest-all.ts'
import { startRuntime } from '../jobs/start-runtime.ts'
import type { AddCommand } from './command.ts'
import { LiveView } from './live-view.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { withReport } from './report-file.ts'
import { reportFile, reportHead, reportOption } from './report-option.ts'
import { addChaos } from './simulate-chaos.ts'
import { addCluster } from './simulate-cluster.ts'
import { addLadder } from './simulate-ladder.ts'
import { addLive } from './simulate-live.ts'
import { addWorld } from './simulate-world.ts'

type ReplayFlags = {
  events: number
  seed: number
  users: number
  pins: number
  report?: string
  json?: true
}

export const addSimulate: AddCommand = (program, context) => {
  const simulate = program.command('simulate').description('Run the simulator.').exitOverride()
  simulate
    .command('replay')
    .exitOverride()
    .description('Replay synthetic events at full rate through log, actors and graph.')
    .option('--events <N>', 'events to replay', wholeNumber, 1_000_000)
    .option('--seed <N>', 'seed of the workload', wholeNumber, replayDefaults.seed)
    .option('--users <N>', 'users in the workload', wholeNumber, replayDefaults.users)
    .option('--pins <N>', 'pins in the workload', wholeNumber, replayDefaults.pins)
    .option('--workers <N>', 'threads for actors')
    .addOption(reportOption())
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate replay --events 1000000\n' +
        '  pinwheel simulate replay --events 1000000 --workers 1 --json\n' +
        '  pinwheel simulate replay --events 10000000 --report replay.html',
    )
    .action(async ({ workers, ...flags }: ReplayFlags & { workers?: string }) => {
      await replay(context.config(workers === undefined ? {} : { workers }), flags)
    })
  addChaos(simulate, context)
  addCluster(simulate, context)
  addWorld(simulate, context)
  addLadder(simulate)
  addLive(simulate, context)
}

async function replay(config: Config, flags: ReplayFlags): Promise<void> {
  const { events, seed, users, pins } = flags
  const title = `Replay of ${events.toLocaleString('en')} events`
  const head = reportHead({ title, kind: 'replay', seed, options: { events, users, pins } })
  const samples: ReplaySample[] = []
  let sums: Parameters<typeof replaySections>[1] = {}
  const draft = () => ({ ...head, sections: replaySections(samples, sums) })
  await withReport(reportFile(flags.report), draft, async (tick) => {
    const onSample = (sample: ReplaySample) => {
      samples.push(sample)
      void tick()
    }
    const { options, ...result } = await replayed(config, flags, onSample)
    sums = result
    printResult({ ...result, options }, flags.json === true)
  })
}

async function replayed(
  config: Config,
  flags: ReplayFlags,
  onSample: (sample: ReplaySample) => void,
) {
  const directory = mkdtempSync(join(tmpdir(), 'pinwheel-replay-'))
  const how = { purpose: 'bulk', bulk: true } as const
  const runtime = await startRuntime(config, directory, createLogger('warn'), how)
  try {
    const { events, seed, users, pins } = flags
    const options = { seed, users, pins }
    const view = new LiveView({
      label: 'replay',
      unit: 'events',
      total: events,
      clock: systemClock,
    })
    const started = systemClock.monotonic()
    const onProgress = (count: number) => {
      if (!view.update(count, resident)) return
      const second = (systemClock.monotonic() - started) / 1000
      onSample({ second, events: count, bytes: process.memoryUsage.rss() })
    }
    const source = replayEvents(options, { from: 0, to: events })
    const done = await ingestAll(runtime, source, onProgress)
    const appliedSeconds = (systemClock.monotonic() - started) / 1000
    await runtime.buildEpoch()
    const seconds = (systemClock.monotonic() - started) / 1000
    view.finish(done, resident())
    const stats = await runtime.stats()
    const sum = (of: (s: (typeof stats)[number]) => number) => stats.reduce((n, s) => n + of(s), 0)
    const turns = sum((s) => s.turns)
    return {
      events: done,
      /** Durable, applied to user and pin actors, and in the walkable graph. */
      seconds,
      eventsPerSecond: Math.round(done / seconds),
      eventsPerSecondApplied: Math.round(done / appliedSeconds),
      turnsPerSecond: Math.round(turns / seconds),
      turns,
      users: sum((s) => s.users),
      pins: sum((s) => s.pins),
      edges: sum((s) => s.edges),
      fsyncs: runtime.log.stats.fsyncs,
      logBytes: runtime.log.stats.bytes,
      residentBytes: process.memoryUsage.rss(),
      digest: await runtime.digest(),
      deadLetters: runtime.deadLetters.length,
      seed,
      options: { ...options, workers: runtime.workers, partitions: runtime.log.partitions },
    }
  } finally {
    await runtime.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Of this process, as the view shows it. */
const resident = () => [
  { name: 'memory', value: Math.round(process.memoryUsage.rss() / 2 ** 20), unit: 'MiB' },
]
