/** `pinwheel simulate replay`: synthetic events through actors, graph and counters at full rate. */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { BlockHost } from '../../actors/index.ts'
import { type Config, createLogger, pinwheelError, systemClock } from '../../base/index.ts'
import {
  circleWorldDefaults,
  EventStream,
  planCircles,
  type ReplaySample,
  replaySections,
  type StreamName,
  type StreamSizes,
  streamIdentity,
  streamShapes,
} from '../../simulator/index.ts'
import { type ReplaySecond, replayStream } from '../jobs/replay.ts'
import { workersFor } from '../jobs/start-runtime.ts'
import { openWorld } from '../jobs/worlds.ts'
import type { CommandContext } from './command.ts'
import { LiveView, type Reading } from './live-view.ts'
import { numberFrom, wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { replayDurable } from './replay-durable.ts'
import { resultOf } from './replay-result.ts'
import { withReport } from './report-file.ts'
import { reportFile, reportHead, reportOption } from './report-option.ts'
import { stopOnSignals } from './signals.ts'

export type ReplayFlags = {
  readonly events: number
  readonly from: number
  readonly seed: number
  readonly users: number
  readonly workload: StreamName
  readonly durable?: true
  readonly resume?: true
  readonly keepEvery: number
  readonly mergeShare: number
  readonly report?: string
  readonly json?: true
}

/** The mix of a log that keeps some impressions: an event of eight is a save. */
const WORKLOAD: StreamName = 'feed'
/** Every person of them has a number of 32 bits, and every pin. */
const USERS_MAX = 500_000_000

export function addReplay(simulate: Command, context: CommandContext): void {
  const workloads = Object.keys(streamShapes)
  simulate
    .command('replay')
    .exitOverride()
    .description('Replay synthetic events at full rate through actors, graph and counters.')
    .option('--events <N>', 'events to replay', wholeNumber, 1_000_000)
    .option('--from <N>', 'number of the first event', wholeNumber, 0)
    .option('--seed <N>', 'seed of the world', wholeNumber, circleWorldDefaults.seed)
    .option('--users <N>', 'people, at least', wholeNumber, circleWorldDefaults.users)
    .addOption(
      new Option('--workload <NAME>', 'what people do and when')
        .choices(workloads)
        .default(WORKLOAD),
    )
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
      '\nPins and boards follow from people: in a grown world 7.4 pins and 1.4 boards for each.\n' +
        'A world is grown once and then kept; see `simulate world`.\n' +
        '\nExamples:\n  pinwheel simulate replay --events 1e7\n' +
        '  pinwheel simulate replay --events 1e9 --users 1e7 --data ./run\n' +
        '  pinwheel simulate replay --events 1e9 --users 1e7 --data ./run --resume',
    )
    .action(async ({ workers, data, ...flags }: ReplayFlags & Record<string, unknown>) => {
      const config = context.config({
        ...(workers !== undefined && { workers }),
        ...(data !== undefined && { data }),
      })
      check(flags, config)
      const cache = context.environment('PINWHEEL_CACHE')
      if (!(await reported(config, flags, cache))) context.finish(1)
    })
}

/** REPLAY_INVALID for what no replay can be. */
function check({ users, from, events, mergeShare, durable, resume }: ReplayFlags, config: Config) {
  if (users < 1 || users > USERS_MAX) throw invalid('users', users, `1 to ${USERS_MAX}`)
  if (mergeShare > 0.25) throw invalid('merge share', mergeShare, '.01 to .25')
  if (from + events > 2 ** 52) throw invalid('events', from + events, 'numbers below 2^52')
  if (durable && resume) throw invalid('resume', 1, 'no log beside it')
  if (resume && config.data === undefined) throw invalid('resume', 1, 'a folder, --data')
}

const invalid = (what: string, value: number, expected: string) =>
  pinwheelError('REPLAY_INVALID', { what, value, expected })

/** Whether all of it was replayed. */
async function reported(
  config: Config,
  flags: ReplayFlags,
  cache: string | undefined,
): Promise<boolean> {
  const { events, from, users, seed, workload } = flags
  const title = `Replay of ${events.toLocaleString('en')} events`
  const head = reportHead({
    title,
    kind: 'replay',
    seed,
    options: { events, from, users, workload },
  })
  const samples: ReplaySample[] = []
  let sums: Parameters<typeof replaySections>[1] = {}
  const draft = () => ({ ...head, sections: replaySections(samples, sums) })
  return withReport(reportFile(flags.report), draft, async (tick) => {
    const onSample = (sample: ReplaySample) => {
      samples.push(sample)
      void tick()
    }
    const threads = availableParallelism()
    const world = await openWorld(planCircles({ seed, users }), { threads, cache })
    const stream = new EventStream(world, { name: workload })
    const result = await (flags.durable
      ? replayDurable(config, stream, flags)
      : replay(config, stream, { ...flags, onSample }))
    sums = Object.fromEntries(
      Object.entries(result).filter(([, value]) => ['number', 'string'].includes(typeof value)),
    ) as typeof sums
    printResult(result, flags.json === true)
    return !('partial' in result)
  })
}

type Sampled = ReplayFlags & { readonly onSample: (sample: ReplaySample) => void }

/** REPLAY_INVALID where there are more of something than numbers. */
function sizesOf(stream: EventStream, end: number): StreamSizes {
  const sizes = stream.sizes(end)
  const { users, pins, boards } = sizes
  if (Math.max(pins, boards + users) >= 2 ** 32) {
    throw invalid('events', end, 'pins, boards and users below 2^32')
  }
  return sizes
}

async function replay(config: Config, stream: EventStream, flags: Sampled) {
  const { events, from } = flags
  const to = from + events
  const isKept = config.data !== undefined
  const logger = createLogger('warn')
  const { signal } = stopOnSignals(logger)
  const cores = availableParallelism()
  const workers = config.workers === 0 ? workersFor('requests') : config.workers
  if (workers > cores) logger.warn({ workers, cores }, 'there are more workers than cores')
  const sizes = sizesOf(stream, to)
  const identity = { ...streamIdentity(stream), boards: sizes.boards, first: from }
  const directory = config.data ?? mkdtempSync(join(tmpdir(), 'pinwheel-replay-'))
  const host = await BlockHost.start({
    ...{ directory, workers, ...sizes, clock: systemClock, identity },
    ...(config.stateMb > 0 && { stateBytesMax: config.stateMb * 1e6 }),
    freshShare: flags.mergeShare,
    resumes: flags.resume === true,
  })
  let isDone = false
  try {
    const begin = from + host.records
    const view = new LiveView({
      label: 'replay',
      unit: 'events',
      total: to - begin,
      clock: systemClock,
    })
    const started = systemClock.monotonic()
    const run = await replayStream(host, {
      ...{ stream, from: begin, to, clock: systemClock, signal },
      keepEvery: isKept ? flags.keepEvery : Number.POSITIVE_INFINITY,
      onSecond: (second) => {
        view.update(second.events - begin, () => readings(second))
        const { events: done, residentBytes: bytes } = second
        flags.onSample({ second: (systemClock.monotonic() - started) / 1000, events: done, bytes })
      },
    })
    view.finish(run.end - begin)
    const result = await resultOf(host, run, { begin, pins: sizes.pins, clock: systemClock })
    isDone = run.end === to
    const all = { ...result, seed: flags.seed, options: { ...identity, workers } }
    return isDone ? all : { partial: true, ...all }
  } finally {
    await host.stop(!isDone)
    if (!isKept) rmSync(directory, { recursive: true, force: true })
  }
}

function readings({ turnsPerSecond, stats, residentBytes, lag }: ReplaySecond): Reading[] {
  const sum = (of: (s: (typeof stats)[number]) => number) => stats.reduce((n, s) => n + of(s), 0)
  return [
    { name: 'turns', value: turnsPerSecond, unit: '/s' },
    { name: 'edges', value: sum((s) => s.edges), unit: '' },
    { name: 'merges', value: Math.max(0, ...stats.map((s) => s.epoch)), unit: '' },
    { name: 'memory', value: residentBytes / 1e9, unit: 'GB' },
    { name: 'lag', value: lag, unit: '' },
  ]
}
