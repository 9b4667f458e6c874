/** `pinwheel simulate replay`: synthetic events through actors, graph and counters at full rate. */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { BlockHost, percentile, type WorkerStats } from '../../actors/index.ts'
import { type Config, createLogger, pinwheelError, systemClock } from '../../base/index.ts'
import {
  ReplayFrames,
  type ReplayOptions,
  type ReplaySample,
  replayDefaults,
  replaySections,
} from '../../simulator/index.ts'
import { type ReplayRun, type ReplaySecond, replayFrames } from '../jobs/replay.ts'
import { workersFor } from '../jobs/start-runtime.ts'
import type { CommandContext } from './command.ts'
import { numberFrom, wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { replayDurable } from './replay-durable.ts'
import { withReport } from './report-file.ts'
import { reportFile, reportHead, reportOption } from './report-option.ts'
import { stopOnSignals } from './signals.ts'

export type ReplayFlags = {
  readonly events: number
  readonly from: number
  readonly seed: number
  readonly users: number
  readonly pins: number
  readonly boards?: number
  readonly durable?: true
  readonly resume?: true
  readonly keepEvery: number
  readonly mergeShare: number
  readonly report?: string
  readonly json?: true
}

/** Events of a frame, and of a block. */
const FRAME_EVENTS = 4096
/** Bytes of a pin in the feature table that events touch. */
const FEATURE_BYTES = 64

export function addReplay(simulate: Command, context: CommandContext): void {
  simulate
    .command('replay')
    .exitOverride()
    .description('Replay synthetic events at full rate through actors, graph and counters.')
    .option('--events <N>', 'events to replay', wholeNumber, 1_000_000)
    .option('--from <N>', 'number of the first event', wholeNumber, 0)
    .option('--seed <N>', 'seed of the workload', wholeNumber, replayDefaults.seed)
    .option('--users <N>', 'users in the workload', wholeNumber, replayDefaults.users)
    .option('--pins <N>', 'pins in the workload', wholeNumber, replayDefaults.pins)
    .option('--boards <N>', 'boards in the workload; by default three a user', wholeNumber)
    .option('--workers <N>', 'threads for actors; by default one a core')
    .option('--merge-share <S>', 'fresh edges that make a merge due', numberFrom(0.01), 0.1)
    .option('--durable', 'through the log, in a temporary directory')
    .option('--data <DIR>', 'folder for snapshots of the run')
    .option('--keep-every <N>', 'events between two snapshots', wholeNumber, 20_000_000)
    .option('--resume', 'go on from the newest snapshot in --data')
    .addOption(reportOption())
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate replay --events 1e7\n' +
        '  pinwheel simulate replay --events 1e9 --users 1e7 --pins 5e7 --data ./run\n' +
        '  pinwheel simulate replay --events 1e9 --users 1e7 --pins 5e7 --data ./run --resume',
    )
    .action(async ({ workers, data, ...flags }: ReplayFlags & Record<string, unknown>) => {
      const config = context.config({
        ...(workers !== undefined && { workers }),
        ...(data !== undefined && { data }),
      })
      if (!(await reported(config, flags))) context.finish(1)
    })
}

/** Whether all of it was replayed. */
async function reported(config: Config, flags: ReplayFlags): Promise<boolean> {
  const options = optionsOf(flags)
  const { events, from } = flags
  const { seed, users, pins, boards } = options
  const title = `Replay of ${events.toLocaleString('en')} events`
  const about = { events, from, users, pins, boards }
  const head = reportHead({ title, kind: 'replay', seed, options: about })
  const samples: ReplaySample[] = []
  let sums: Parameters<typeof replaySections>[1] = {}
  const draft = () => ({ ...head, sections: replaySections(samples, sums) })
  return withReport(reportFile(flags.report), draft, async (tick) => {
    const onSample = (sample: ReplaySample) => {
      samples.push(sample)
      void tick()
    }
    const result = await (flags.durable
      ? replayDurable(config, options, flags)
      : replay(config, options, { ...flags, onSample }))
    sums = Object.fromEntries(
      Object.entries(result).filter(([, value]) => ['number', 'string'].includes(typeof value)),
    ) as typeof sums
    printResult(result, flags.json === true)
    return !('partial' in result)
  })
}

type Sampled = ReplayFlags & { readonly onSample: (sample: ReplaySample) => void }

/** REPLAY_INVALID for what no replay can be. */
function optionsOf(flags: ReplayFlags): ReplayOptions {
  const { seed, users, pins, boards = 3 * users, from, events } = flags
  const invalid = (what: string, value: number, expected: string) =>
    pinwheelError('REPLAY_INVALID', { what, value, expected })
  for (const [what, value] of [['users', users] as const, ['pins', pins] as const]) {
    if (value < 1 || value > 2 ** 31) throw invalid(what, value, '1 to 2,147,483,648')
  }
  if (boards + users >= 2 ** 32) throw invalid('boards', boards, 'with users fewer than 2^32')
  if (flags.mergeShare > 0.25) throw invalid('merge share', flags.mergeShare, '.01 to .25')
  if (from + events > 2 ** 52) throw invalid('events', from + events, 'numbers below 2^52')
  if (flags.durable && flags.resume) throw invalid('resume', 1, 'no log beside it')
  return { ...replayDefaults, seed, users, pins, boards }
}

async function replay(config: Config, options: ReplayOptions, flags: Sampled) {
  const { events, from } = flags
  const isKept = config.data !== undefined
  if (flags.resume && !isKept) {
    throw pinwheelError('REPLAY_INVALID', {
      what: 'resume',
      value: 1,
      expected: 'a folder, --data',
    })
  }
  const logger = createLogger('warn')
  const { signal } = stopOnSignals(logger)
  const cores = availableParallelism()
  const workers = config.workers === 0 ? workersFor('requests') : config.workers
  if (workers > cores) logger.warn({ workers, cores }, 'there are more workers than cores')
  const directory = config.data ?? mkdtempSync(join(tmpdir(), 'pinwheel-replay-'))
  const frames = new ReplayFrames(options, FRAME_EVENTS)
  const { users, pins, boards } = frames
  const host = await BlockHost.start({
    ...{ directory, workers, users, pins, boards, clock: systemClock },
    ...(config.stateMb > 0 && { stateBytesMax: config.stateMb * 1e6 }),
    freshShare: flags.mergeShare,
    identity: { ...options, first: from },
    resumes: flags.resume === true,
  })
  let isDone = false
  try {
    const begin = from + host.records
    const started = systemClock.monotonic()
    const run = await replayFrames(host, {
      ...{ frames, from: begin, to: from + events, clock: systemClock, signal },
      keepEvery: isKept ? flags.keepEvery : Number.POSITIVE_INFINITY,
      onSecond: (second) => {
        process.stderr.write(`${line(second, from + events)}\n`)
        const { events: done, residentBytes: bytes } = second
        flags.onSample({ second: since(started), events: done, bytes })
      },
    })
    const result = await report(host, run, { begin, options, workers })
    isDone = run.end === from + events
    return isDone ? result : { partial: true, ...result }
  } finally {
    await host.stop(!isDone)
    if (!isKept) rmSync(directory, { recursive: true, force: true })
  }
}

async function report(
  host: BlockHost,
  run: ReplayRun,
  { begin, options, workers }: { begin: number; options: ReplayOptions; workers: number },
) {
  const merging = systemClock.monotonic()
  await host.buildEpoch()
  const mergeSeconds = since(merging)
  const stats = await host.stats()
  const sum = (of: (s: WorkerStats) => number) => stats.reduce((n, s) => n + of(s), 0)
  const [users, pins, edges] = [sum((s) => s.users), sum((s) => s.pins), sum((s) => s.edges)]
  const digesting = systemClock.monotonic()
  const digest = await host.numbersDigest()
  const digestSeconds = since(digesting)
  const events = run.end - begin
  const seconds = run.seconds + mergeSeconds
  const rates = [...run.rates].sort((a, b) => a - b)
  const rate = (share: number) => rates[Math.floor(share * (rates.length - 1))] ?? 0
  const times = stats.map((s) => s.blockTimes)
  const each = (bytes: number, count: number) => round(bytes / Math.max(1, count))
  return {
    events,
    /** Applied to user and pin actors, and merged into the walkable graph. */
    seconds: round(seconds),
    eventsPerSecond: Math.round(events / seconds),
    eventsPerSecondApplied: Math.round(events / run.seconds),
    ratesPerSecond: { p1: rate(0.01), p50: rate(0.5), p99: rate(0.99) },
    turns: sum((s) => s.turns),
    turnsPerSecond: Math.round(sum((s) => s.turns) / seconds),
    sourceSeconds: round(run.sourceSeconds),
    mergeSeconds: round(mergeSeconds),
    digestSeconds: round(digestSeconds),
    digestShare: round(digestSeconds / seconds),
    blockMs: {
      p50: round(percentile(times, 0.5)),
      p99: round(percentile(times, 0.99)),
      max: round(percentile(times, 1)),
    },
    users,
    pins,
    edges,
    epochs: sum((s) => s.epoch),
    actionsPerUser: each(await host.keptActions(), users),
    bytesPerUser: each(
      sum((s) => s.userBytes),
      users,
    ),
    bytesPerPin: each(
      sum((s) => s.pinBytes),
      pins,
    ),
    bytesPerEdge: each(
      sum((s) => s.edgeBytes + s.epochBytes),
      edges,
    ),
    featureBytes: FEATURE_BYTES * options.pins,
    spilled: { evictions: sum((s) => s.evictions), activations: sum((s) => s.activations) },
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: round(cpuSeconds()),
    digest,
    seed: options.seed,
    options: { ...options, first: begin, workers },
  }
}

function line(second: ReplaySecond, total: number): string {
  const { events, eventsPerSecond, turnsPerSecond, stats, residentBytes, lag } = second
  const sum = (of: (s: WorkerStats) => number) => stats.reduce((n, s) => n + of(s), 0)
  const count = (value: number) => Math.round(value).toLocaleString('en')
  return [
    `${count(events)} of ${count(total)}`,
    `${count(eventsPerSecond)} events/s`,
    `${count(turnsPerSecond)} turns/s`,
    `${count(sum((s) => s.edges))} edges`,
    `${count(sum((s) => s.epoch))} merges`,
    `${count(residentBytes / 1e6)} MB`,
    `lag ${count(lag)}`,
  ].join('  ')
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const since = (ms: number) => (systemClock.monotonic() - ms) / 1000
const round = (value: number) => Math.round(value * 1000) / 1000
