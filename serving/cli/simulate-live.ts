/**
 * `pinwheel simulate live`: open-loop load on a running server, by people who look at what it
 * answers. Here stand the words and the lines; the load itself is `simulator/workload/live`.
 */
import { type Command, Option } from 'commander'
import { createLogger, pinwheelError, systemClock } from '../../base/index.ts'
import { type GenerationName, generationNames } from '../../ranking/index.ts'
import {
  type ArrivalLaw,
  arrivalLaws,
  demoDefaults,
  demoWorldOptions,
  type KneeStep,
  kneeSection,
  type LiveOptions,
  type LivePorts,
  type LiveResult,
  liveDefaults,
  liveSections,
  runKnee,
  runLive,
  type Second,
  worldPeople,
} from '../../simulator/index.ts'
import { isLoopback } from '../http/access.ts'
import { HttpClient } from '../load/http-client.ts'
import { LiveTarget } from '../load/live-target.ts'
import type { CommandContext } from './command.ts'
import { LiveLine } from './live-line.ts'
import { above0, count, ramp, share } from './live-numbers.ts'
import { numberFrom, wholeNumber } from './numbers.ts'
import { printResult, printTable } from './print.ts'
import { withReport } from './report-file.ts'
import { reportFile, reportHead, reportOption } from './report-option.ts'
import { stopOnSignals } from './signals.ts'

type Flags = {
  readonly target: string
  readonly rate?: number
  readonly ramp?: readonly [number, number]
  readonly knee?: true
  readonly slo: number
  readonly rateMax: number
  readonly errors: number
  readonly arrivals: ArrivalLaw
  readonly seconds: number
  readonly requests?: number
  readonly warmUp: number
  readonly freshness: number
  readonly pace: number
  readonly connections: number
  readonly timeout: number
  readonly generation?: GenerationName
  readonly seed: number
  readonly worldSeed: number
  readonly users: number
  readonly pins: number
  readonly allowRemote?: true
  readonly report?: string
  readonly json?: true
}

const defaults = { rate: 100, slo: 200, rateMax: 20_000, errors: 0.01, timeout: 10_000 }
/** Probes, and the check before the load, have connections beside those of people. */
const CONNECTIONS_BESIDE = 2

export function addLive(simulate: Command, context: CommandContext): void {
  simulate
    .command('live')
    .exitOverride()
    .description('Load a running server, in an open loop, with people who act on its answers.')
    .requiredOption('--target <URL>', 'the server, like http://127.0.0.1:8080')
    .option('--rate <R>', `requests a second (default: ${defaults.rate})`, above0)
    .option('--ramp <A:B>', 'from A to B requests a second over the time', ramp)
    .option('--knee', 'find the highest rate that holds, from --rate upwards')
    .option('--slo <MS>', 'with --knee: p99 that is still good', above0, defaults.slo)
    .option('--rate-max <R>', 'with --knee: no rate above this', above0, defaults.rateMax)
    .option('--errors <SHARE>', 'of requests that may fail, like .1%', share, defaults.errors)
    .addOption(
      new Option('--arrivals <LAW>', 'of arrivals').choices(arrivalLaws).default('poisson'),
    )
    .option('--seconds <S>', 'to measure (of each step)', above0, liveDefaults.seconds)
    .option('--requests <N>', 'at most so many are measured', count)
    .option('--warm-up <S>', 'not measured', numberFrom(0), liveDefaults.warmUpSeconds)
    .option('--freshness <N>', 'probes a second', numberFrom(0), liveDefaults.probesPerSecond)
    .option('--pace <X>', 'people act so many times as fast', above0, liveDefaults.pace)
    .option('--connections <N>', 'requests at one time', count, liveDefaults.outstandingMax)
    .option('--timeout <MS>', 'of a request', above0, defaults.timeout)
    .addOption(
      new Option('--generation <NAME>', 'of the feeds that are asked for').choices(generationNames),
    )
    .option('--seed <N>', 'of arrivals and of what people do', wholeNumber, 1)
    .option('--world-seed <N>', 'of the world that it serves', wholeNumber, demoDefaults.seed)
    .option('--users <N>', 'in that world', count, demoDefaults.users)
    .option('--pins <N>', 'in that world', count, demoDefaults.pins)
    .option('--allow-remote', 'the target may be another machine')
    .addOption(reportOption())
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate live --target http://127.0.0.1:8080 --rate 200\n' +
        '  pinwheel simulate live --target http://127.0.0.1:8080 --ramp 10:500 --seconds 60\n' +
        '  pinwheel simulate live --target http://127.0.0.1:8080 --knee --slo 150 --errors .1%',
    )
    .action(async (flags: Flags) => {
      const target = openTarget(flags, context.config({}).key)
      try {
        const isGood = flags.knee ? await knee(flags, target) : await load(flags, target)
        if (!isGood) context.finish(1)
      } finally {
        target.close()
      }
    })
}

/** LIVE_OPTIONS, TARGET_REMOTE. */
function openTarget(flags: Flags, key: string | undefined): LiveTarget {
  const unfit = (option: string, value: string, expected: string) => {
    throw pinwheelError('LIVE_OPTIONS', { option, value, expected })
  }
  if (flags.knee && flags.ramp) unfit('--ramp', 'given', 'no --knee beside it')
  if (flags.rate !== undefined && flags.ramp) unfit('--ramp', 'given', 'no --rate beside it')
  if (flags.knee && flags.rateMax < rateOf(flags)) {
    unfit('--rate-max', String(flags.rateMax), `at least --rate, ${rateOf(flags)}`)
  }
  const address = URL.parse(flags.target)
  if (address?.protocol !== 'http:' || address.pathname !== '/') {
    throw pinwheelError('LIVE_OPTIONS', {
      option: '--target',
      value: flags.target,
      expected: 'an address like http://127.0.0.1:8080',
    })
  }
  if (!flags.allowRemote && !isLoopback(address.hostname)) {
    throw pinwheelError('TARGET_REMOTE', { host: address.hostname })
  }
  const client = new HttpClient({
    address,
    clock: systemClock,
    connectionsMax: flags.connections + CONNECTIONS_BESIDE,
    timeoutMs: flags.timeout,
    ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
  })
  return new LiveTarget(client, flags.generation)
}

const rateOf = ({ rate = defaults.rate }: Flags) => rate

/** Whether the run was whole and the error budget held. */
async function load(flags: Flags, target: LiveTarget): Promise<boolean> {
  const run = runName()
  const line = new LiveLine(process.stderr)
  const ports = await start({ flags, target, run, line })
  const [rate, toRate] = flags.ramp ?? [rateOf(flags), rateOf(flags)]
  const options = { ...runOptions(flags, run), rate, toRate }
  const seconds: Second[] = []
  let whole: LiveResult | undefined
  const head = headOf(flags, 'Load on a running server', options)
  const draft = () => {
    const parts = { seconds, errorBudget: flags.errors, ...(whole && { result: whole }) }
    const partial = whole?.reason === undefined ? {} : { partial: whole.reason }
    return { ...head, ...partial, sections: liveSections(parts) }
  }
  const result = await withReport(reportFile(flags.report), draft, async (tick) => {
    const onSecond = (second: Second) => {
      seconds.push(second)
      ports.onSecond?.(second)
      void tick()
    }
    whole = await runLive(options, { ...ports, onSecond })
    return whole
  })
  line.end()
  const withinBudget = result.errorShare <= flags.errors
  const told = { errorBudget: flags.errors, withinBudget, ...origin(flags, options) }
  if (flags.json) printResult({ ...result, ...told }, true)
  else {
    const { doubts: _doubts, ...client } = result.client
    printResult({ ...summaryOf(result), client, ...told }, false)
    tellDoubts(result)
  }
  return withinBudget && !result.partial
}

/** Whether a rate held. */
async function knee(flags: Flags, target: LiveTarget): Promise<boolean> {
  const run = runName()
  const line = new LiveLine(process.stderr)
  const ports = await start({ flags, target, run, line })
  const options = runOptions(flags, run)
  const ask = {
    from: rateOf(flags),
    rateMax: flags.rateMax,
    sloMs: flags.slo,
    errorBudget: flags.errors,
  }
  const tried: KneeStep[] = []
  const head = headOf(flags, 'The knee of a running server', options)
  const draft = () => {
    const reason = tried.at(-1)?.result.reason
    const partial = reason === undefined ? {} : { partial: reason }
    return { ...head, ...partial, sections: [kneeSection(tried, flags.slo)] }
  }
  const { rate, held, broke, steps, end } = await withReport(
    reportFile(flags.report),
    draft,
    async (tick) => {
      const onStep = (step: KneeStep) => {
        const { rate, verdict, result } = step
        line.say(`${show(rate)} req/s: p99 ${result.latencyMs.p99} ms, ${verdict}`)
        tried.push(step)
        void tick()
      }
      return runKnee({ ...ask, onStep }, options, ports)
    },
  )
  const partial = end === 'ended' ? { partial: true, reason: steps.at(-1)?.result.reason } : {}
  const found = {
    ...(rate !== undefined && { kneeRequestsPerSecond: Math.round(rate * 10) / 10 }),
    ...(broke && { brokeAtRequestsPerSecond: Math.round(broke.rate * 10) / 10 }),
    end,
    ...partial,
  }
  const told = { ...found, ...origin(flags, { ...options, ...ask }) }
  if (flags.json) {
    const rows = steps.map((step) => ({ ...step, result: summaryOf(step.result) }))
    printResult({ ...told, steps: rows }, true)
  } else {
    printSteps(steps)
    process.stdout.write('\n')
    printResult(told, false)
    if (held) tellDoubts(held.result)
  }
  return rate !== undefined && end !== 'ended'
}

function headOf(flags: Flags, title: string, { run: _run, seed, ...options }: RunOptions) {
  const { target, users, pins } = flags
  return reportHead({
    title,
    kind: 'live',
    seed,
    options: { target, ...options, users, pins },
  })
}

/** Without what only programs read. */
function summaryOf({ perSecond: _perSecond, feed, events, ...result }: LiveResult) {
  const { buckets: _feeds, ...feedSummary } = feed
  const { buckets: _events, ...eventsSummary } = events
  return { ...result, feed: feedSummary, events: eventsSummary }
}

type Start = {
  readonly flags: Flags
  readonly target: LiveTarget
  readonly run: string
  readonly line: LiveLine
}

/** Checks the target, makes the world, and listens to Ctrl-C. */
async function start({ flags, target, run, line }: Start): Promise<LivePorts> {
  const { users, pins, worldSeed, seed } = flags
  await target.check('u0', flags.target)
  const world = demoWorldOptions({ seed: worldSeed, users, pins })
  const people = worldPeople({ world, seed, run })
  const { signal } = stopOnSignals(createLogger('warn'))
  signal.addEventListener('abort', () => line.say('ending; once more ends at once'), { once: true })
  const cpuMs = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  }
  return {
    target,
    people,
    clock: systemClock,
    signal,
    cpuMs,
    onSecond: (second) => line.second(second),
  }
}

/** Other in every run, so that events are new to a server that saw the last one. */
const runName = () => `live-${systemClock.now().toString(36)}`

function printSteps(steps: readonly KneeStep[]): void {
  printTable(
    ['requests/s', 'verdict', 'p50 ms', 'p99 ms', 'feed p99 ms', 'errors', 'core of the client'],
    steps.map(({ rate, verdict, result }) => [
      rate,
      verdict,
      result.latencyMs.p50,
      result.latencyMs.p99,
      result.feed.latencyMs.p99,
      result.errorShare,
      result.client.cpuShare ?? 0,
    ]),
  )
}

type RunOptions = Omit<LiveOptions, 'rate' | 'toRate'>
function runOptions(flags: Flags, run: string): RunOptions {
  return {
    seconds: flags.seconds,
    warmUpSeconds: flags.warmUp,
    arrivals: flags.arrivals,
    seed: flags.seed,
    run,
    pace: flags.pace,
    outstandingMax: flags.connections,
    probesPerSecond: flags.freshness,
    ...(flags.requests !== undefined && { requestsMax: flags.requests }),
  }
}

function origin(flags: Flags, { seed, ...options }: Readonly<Record<string, unknown>>) {
  const { target, users, pins, worldSeed, timeout, generation = 'of the server' } = flags
  const world = { seed: worldSeed, users, pins }
  return { seed, options: { target, generation, timeoutMs: timeout, ...options, world } }
}

function tellDoubts({ client, people }: LiveResult): void {
  for (const doubt of client.doubts) process.stderr.write(`not to be trusted: ${doubt}\n`)
  if (people.pinsUnknown > 0) {
    process.stderr.write(
      `${people.pinsUnknown} pins that were answered are none of the simulated world: people ` +
        'acted on them by habit. See --users, --pins and --world-seed.\n',
    )
  }
}

const show = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 })
