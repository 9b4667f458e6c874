/** `pinwheel simulate`: here `replay`, synthetic events through the real actors, graph and log. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, createLogger, systemClock } from '../../base/index.ts'
import { replayDefaults, replayEvents } from '../../simulator/index.ts'
import { ingestAll } from '../jobs/ingest-all.ts'
import { startRuntime } from '../jobs/start-runtime.ts'
import type { AddCommand } from './command.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'
import { addChaos } from './simulate-chaos.ts'
import { addLadder } from './simulate-ladder.ts'
import { addWorld } from './simulate-world.ts'

type ReplayFlags = { events: number; seed: number; users: number; pins: number; json?: true }

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
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate replay --events 1000000\n' +
        '  pinwheel simulate replay --events 1000000 --workers 1 --json',
    )
    .action(async ({ workers, ...flags }: ReplayFlags & { workers?: string }) => {
      const result = await replay(context.config(workers === undefined ? {} : { workers }), flags)
      printResult(result, flags.json === true)
    })
  addChaos(simulate, context)
  addWorld(simulate, context)
  addLadder(simulate)
}

async function replay(config: Config, flags: ReplayFlags) {
  const directory = mkdtempSync(join(tmpdir(), 'pinwheel-replay-'))
  const how = { purpose: 'bulk', bulk: true } as const
  const runtime = await startRuntime(config, directory, createLogger('warn'), how)
  try {
    const { events, seed, users, pins } = flags
    const options = { seed, users, pins }
    const progress = new Progress('replay', 'events', systemClock)
    const started = systemClock.monotonic()
    const done = await ingestAll(runtime, replayEvents(options, { from: 0, to: events }), (n) =>
      progress.update(n, events),
    )
    const appliedSeconds = (systemClock.monotonic() - started) / 1000
    await runtime.buildEpoch()
    const seconds = (systemClock.monotonic() - started) / 1000
    progress.finish(done)
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
