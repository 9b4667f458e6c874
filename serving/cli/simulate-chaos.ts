/**
 * `pinwheel simulate chaos`: a host under faults, seed after seed: the embedded one, or with
 * `--placement dapr` several behind sidecars. A failure tells all that is needed to see it again.
 */
import { type Command, Option } from 'commander'
import { pinwheelError, systemClock } from '../../base/index.ts'
import {
  type ChaosReport,
  chaosFailures,
  corpus,
  type Hunt,
  hunt,
  mutants,
  processChaosDefaults,
  runChaos,
  runSeed,
  SEEDS_FOR_COVERAGE,
  SEEDS_FOR_MUTANT,
  type SeedResult,
  seedDefaults,
} from '../../simulator/index.ts'
import type { CommandContext } from './command.ts'
import { commit } from './commit.ts'
import { wholeNumber } from './numbers.ts'
import { printResult, printTable } from './print.ts'
import { Progress } from './progress.ts'
import { type Tick, withReport } from './report-file.ts'
import { reportFile, reportOption } from './report-option.ts'
import { runDapr } from './simulate-chaos-dapr.ts'
import { runProcess } from './simulate-chaos-process.ts'
import { ChaosDraft } from './simulate-chaos-report.ts'

type Flags = {
  target: 'simulated' | 'process'
  placement: 'embedded' | 'dapr'
  rounds: number
  seeds: number
  seed: number
  mutants?: true
  report?: string
  json?: true
}

export function addChaos(simulate: Command, { finish }: CommandContext): void {
  simulate
    .command('chaos')
    .exitOverride()
    .description('Run a host under faults, and judge it by its laws.')
    .addOption(
      new Option('--target <T>', 'a simulated host, or a real server in a process of its own')
        .choices(['simulated', 'process'])
        .default('simulated'),
    )
    .addOption(
      new Option('--placement <P>', 'of actors').choices(['embedded', 'dapr']).default('embedded'),
    )
    .option('--seeds <N>', 'runs; a single one prints its trace', wholeNumber, 1_000)
    .option('--seed <FIRST>', 'seed of the first run; the others follow', wholeNumber, 0)
    .option('--rounds <N>', 'faults around a real server', wholeNumber, processChaosDefaults.rounds)
    .option('--mutants', 'also plant bugs, and see that each law finds its own')
    .addOption(reportOption())
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate chaos --seeds 100000\n' +
        '  pinwheel simulate chaos --mutants\n  pinwheel simulate chaos --seeds 1 --seed 582\n' +
        '  pinwheel simulate chaos --placement dapr --seeds 5000 --report chaos.html\n' +
        '  pinwheel simulate chaos --target process --rounds 36 --report process.html',
    )
    .action(async (flags: Flags) => {
      checkFlags(flags)
      if (!(await runnerOf(flags)(flags))) finish(1)
    })
}

/** CONFIG_INVALID for words that do not go together. */
function checkFlags({ target, placement, seeds, report, mutants }: Flags): void {
  const refuse = (problems: string) => {
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  if (target === 'process') {
    if (placement === 'dapr') refuse('--target process is of the embedded placement.')
    if (mutants) refuse('--mutants are planted in simulated hosts, not with --target process.')
  } else if (report !== undefined && seeds === 1) {
    refuse('A single seed prints its trace; --report needs --seeds of 2 or more.')
  }
}

function runnerOf({ target, placement, seeds }: Flags): (flags: Flags) => Promise<boolean> {
  if (target === 'process') return runProcess
  if (placement === 'dapr') return runDapr
  return seeds === 1 ? replaySeed : runSeeds
}

/** One seed, with everything that happened. */
async function replaySeed({ seed, json }: Flags): Promise<boolean> {
  const result = await runSeed({ ...seedDefaults, seed, keepsTrace: true })
  const { violations, entries, faults, sizes, trace } = result
  const { digest } = trace
  const told = { seed, commit: commit(), entries, faults, sizes, digest, violations }
  if (json) printResult({ ...told, trace: trace.lines() }, true)
  else {
    process.stdout.write(`${trace.lines().join('\n')}\n\n`)
    const broken = violations.map(({ law, problem }) => `${law}: ${problem}`)
    printResult({ ...told, violations: broken }, false)
  }
  return violations.length === 0
}

function runSeeds(flags: Flags): Promise<boolean> {
  const draft = new ChaosDraft(flags)
  return withReport(reportFile(flags.report), draft.report, (tick) => judge(flags, draft, tick))
}

async function judge(flags: Flags, draft: ChaosDraft, tick: Tick): Promise<boolean> {
  const { seed, json } = flags
  const started = systemClock.monotonic()
  const usedBefore = process.threadCpuUsage()
  const report = await chaos(flags, draft, tick)
  const seconds = (systemClock.monotonic() - started) / 1000
  const { user, system } = process.threadCpuUsage(usedBefore)
  const hunts = flags.mutants ? await huntAll(seed) : []
  const isCovered = report.missing.length === 0 || flags.seeds < SEEDS_FOR_COVERAGE
  const found = hunts.every(({ seeds }) => seeds !== undefined)
  const { failures, counts, missing, ...sums } = report
  const cpuSeconds = (user + system) / 1e6
  const rates = {
    seconds,
    seedsPerSecond: Math.round(report.seeds / seconds),
    /** What a core does that nobody else uses. */
    seedsPerCpuSecond: Math.round(report.seeds / cpuSeconds),
  }
  Object.assign(draft, { counts, hunts, sums: { ...sums, ...rates } })
  const told = { commit: commit(), ...sums, ...rates }
  if (json) {
    const failed = failures.map((failure) => failureOf(failure))
    printResult({ ...told, counts, missing, failures: failed, mutants: hunts }, true)
  } else {
    printTable(['met', 'times'], Object.entries(counts))
    process.stdout.write('\n')
    if (hunts.length > 0) printHunts(hunts)
    for (const failure of failures) printFailure(failure)
    printResult({ ...told, failures: failures.length, missing }, false)
  }
  return failures.length === 0 && isCovered && found
}

/** Seeds that once failed, then those asked for. */
async function chaos({ seed, seeds }: Flags, draft: ChaosDraft, tick: Tick): Promise<ChaosReport> {
  const progress = new Progress('chaos', 'seeds', systemClock)
  const count = corpus.length + seeds
  const report = await runChaos({
    seeds: (function* () {
      yield* corpus
      for (let n = 0; n < seeds; n++) yield seed + n
    })(),
    onSeed: async (done, result, counts) => {
      progress.update(done, count)
      if (result.violations.length > 0) draft.failures.push(...chaosFailures([result], againText))
      draft.counts = Object.fromEntries(counts)
      draft.seedsDone(done)
      await tick()
    },
  })
  progress.finish(count)
  return report
}

async function huntAll(seed: number): Promise<Hunt[]> {
  const progress = new Progress('mutants', 'bugs', systemClock)
  const hunts: Hunt[] = []
  for (const mutant of mutants) {
    hunts.push(await hunt(mutant, seed))
    progress.update(hunts.length, mutants.length)
  }
  progress.finish(hunts.length)
  return hunts
}

function printHunts(hunts: readonly Hunt[]): void {
  printTable(
    ['planted bug', 'law that finds it', 'seeds until then'],
    hunts.map(({ mutant, law, seeds }) => [
      mutant,
      law,
      seeds === undefined ? `not within ${SEEDS_FOR_MUTANT}` : String(seeds),
    ]),
  )
  process.stdout.write('\n')
}

const againText = (seed: number) => `pinwheel simulate chaos --seeds 1 --seed ${seed}`

function failureOf({ seed, violations, sizes, trace }: SeedResult) {
  const replay = againText(seed)
  return { seed, commit: commit(), options: sizes, violations, last: trace.lines(), replay }
}

function printFailure(result: SeedResult): void {
  const { seed, options, violations, last, replay } = failureOf(result)
  const broken = violations.slice(0, 10).map(({ law, problem }) => `  ${law}: ${problem}\n`)
  const text = [
    `seed ${seed} at ${commit()} with ${JSON.stringify(options)}\n`,
    ...broken,
    'the last events\n',
    ...last.map((line) => `${line}\n`),
    `again: ${replay}\n\n`,
  ]
  process.stdout.write(text.join(''))
}
