/**
 * `pinwheel simulate ladder`: generations judged in parallel worlds, seed after seed. A seed's
 * result is a file; a run that was ended goes on with the seeds that are missing.
 */
import { spawn } from 'node:child_process'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { Option } from 'commander'
import { pinwheelError, systemClock } from '../../base/index.ts'
import {
  type ArmName,
  armNames,
  judgeSteps,
  type LadderPreset,
  type LadderResult,
  ladderPresets,
  PRIMARY,
  presetHash,
  runLadderSeed,
  summarise,
} from '../../simulator/index.ts'
import { commit } from './commit.ts'
import { wholeNumber } from './numbers.ts'
import { printResult, printTable } from './print.ts'
import { Progress } from './progress.ts'

type Flags = {
  readonly preset: keyof typeof ladderPresets
  readonly seeds: number
  readonly seed: number
  readonly arms: string
  readonly out?: string
  readonly workers: number
  readonly json?: true
}

const presetNames = Object.keys(ladderPresets) as (keyof typeof ladderPresets)[]

export function addLadder(simulate: Command): void {
  simulate
    .command('ladder')
    .exitOverride()
    .description('Judge the generations in worlds whose truth is known.')
    .addOption(new Option('--preset <NAME>', 'of the world').choices(presetNames).default('small'))
    .option('--seeds <N>', 'worlds', wholeNumber, 20)
    .option('--seed <FIRST>', 'seed of the first world; the others follow', wholeNumber, 1)
    .option('--arms <NAMES>', 'with commas', armNames.join(','))
    .option('--out <DIR>', 'keeps the result of each seed, and takes up those that are there')
    .option(
      '--workers <N>',
      'worlds at a time, each a process; more than 1 needs --out',
      wholeNumber,
      1,
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate ladder --seeds 20 --out ladder --workers 2\n' +
        '  pinwheel simulate ladder --preset tiny --seeds 2 --arms popularity,deep,oracle --json',
    )
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  const preset = ladderPresets[flags.preset]
  const arms = flags.arms.split(',')
  check(flags, arms)
  const progress = new Progress('ladder', 'worlds', systemClock)
  const seeds = Array.from({ length: flags.seeds }, (_, n) => flags.seed + n)
  if (flags.workers > 1) await runElsewhere(flags, seeds, progress)
  const results: LadderResult[] = []
  for (const seed of seeds) {
    results.push(await seedResult({ preset, seed, arms: arms as ArmName[] }, flags.out, progress))
    progress.update(results.length, flags.seeds)
  }
  progress.finish(results.length)
  const steps = judgeSteps(results, preset.steps)
  const summary = summarise(results, PRIMARY)
  const told = {
    preset: flags.preset,
    hash: presetHash(preset),
    commit: commit(),
    seed: flags.seed,
    seeds: results.length,
    primary: PRIMARY,
  }
  if (flags.json) printResult({ ...told, steps, arms: summary, results }, true)
  else {
    printArms(summary)
    printSteps(steps)
    printResult(told, false)
  }
}

/** CONFIG_INVALID */
function check(flags: Flags, arms: readonly string[]): void {
  const unknown = arms.filter((arm) => !armNames.includes(arm as ArmName))
  const problems: string[] = []
  if (unknown.length > 0) {
    problems.push(`--arms has ${unknown.join(', ')}; arms are ${armNames.join(', ')}`)
  }
  if (flags.seeds < 1) problems.push('--seeds is 0; a ladder has a world')
  if (flags.workers < 1) problems.push('--workers is 0; somebody must run the worlds')
  if (flags.workers > 1 && flags.out === undefined) {
    problems.push('--workers above 1 needs --out DIR, where they leave what they found')
  }
  if (problems.length > 0) throw pinwheelError('CONFIG_INVALID', { problems: problems.join('; ') })
}

/** Leaves the results of all seeds in `--out`, made by processes of one world each. */
async function runElsewhere(
  { preset, arms, out, workers }: Flags,
  seeds: readonly number[],
  progress: Progress,
): Promise<void> {
  const waiting = [...seeds]
  let done = 0
  const work = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const one = ['--preset', preset, '--arms', arms, '--seed', `${seed}`, '--seeds', '1']
      await runOther([...one, '--out', out!, '--json'], progress)
      progress.update(++done, seeds.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, work))
}

/** Ends as the other process does; says what it says of its arms. */
async function runOther(flags: readonly string[], progress: Progress): Promise<void> {
  const program = fileURLToPath(new URL('../pinwheel.mjs', import.meta.url))
  const command = [program, 'simulate', 'ladder', ...flags]
  const other = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    other.once('error', reject)
    other.once('close', resolve)
  })
  const said: string[] = []
  for await (const line of createInterface({ input: other.stderr })) {
    if (line.startsWith('seed ')) progress.say(line)
    else if (!line.startsWith('ladder ')) said.push(line)
  }
  const code = await ended
  if (code !== 0) throw new Error(`a world's process ended with ${code}: ${said.join(' ')}`)
}

type Asked = {
  readonly preset: LadderPreset
  readonly seed: number
  readonly arms: readonly ArmName[]
}

async function seedResult(asked: Asked, out: string | undefined, progress: Progress) {
  const { preset, seed, arms } = asked
  const path = out && join(out, `${presetHash(preset)}-${seed}.json`)
  const kept = path ? await readResult(path) : undefined
  const missing = arms.filter((arm) => !kept?.arms[arm])
  if (kept && missing.length === 0) return kept
  const made = await runLadderSeed(preset, seed, missing, {
    clock: systemClock,
    cpuSeconds,
    onArm: (arm, { savesPerView, cpuSeconds: seconds }) => {
      const rate = `${(100 * savesPerView).toFixed(3)} % saved`
      progress.say(`seed ${seed}: ${arm}: ${rate}, ${seconds.toFixed(0)} CPU seconds`)
    },
  })
  const result = { ...made, arms: { ...kept?.arms, ...made.arms } }
  if (path && out) {
    await mkdir(out, { recursive: true })
    await writeFile(`${path}.new`, `${JSON.stringify(result)}\n`)
    await rename(`${path}.new`, path)
  }
  return result
}

/** A file that is missing or cannot be read is none: its seed runs again. */
async function readResult(path: string): Promise<LadderResult | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LadderResult
  } catch {
    return undefined
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const percent = (share: number) => `${(100 * share).toFixed(3)} %`

function printArms(summary: ReturnType<typeof summarise>): void {
  printTable(
    [
      ...['arm', 'saved', 'opened', 'outbound', 'hidden', 'regret closed', 'visit s', 'returned'],
      ...['coverage', 'Gini', 'distance', 'discovered', 'calibration', 'CPU s'],
    ],
    summary.map(({ arm, means, regretClosed }) => [
      arm,
      percent(means.savesPerView),
      percent(means.closeupsPerView),
      percent(means.outboundsPerView),
      percent(means.hidesPerView),
      regretClosed === undefined ? '' : regretClosed.toFixed(3),
      means.visitSeconds.toFixed(0),
      means.returned7.toFixed(3),
      means.coverage.toFixed(3),
      means.gini.toFixed(2),
      means.listDistance.toFixed(2),
      means.discovered.toFixed(2),
      means.calibration === null ? '' : means.calibration.toFixed(2),
      means.cpuSeconds.toFixed(1),
    ]),
  )
  process.stdout.write('\n')
}

function printSteps(steps: ReturnType<typeof judgeSteps>): void {
  if (steps.length === 0) return
  printTable(
    ['step', 'metric', 'difference', '95 % interval', 'p (Holm)', 'above'],
    steps.map(({ arm, over, metric, difference, relative, correctedP, isAbove }) => [
      `${arm} over ${over}`,
      metric,
      `${percent(difference.mean)} (${(100 * relative).toFixed(1)} %)`,
      difference.interval.map(percent).join(' to '),
      correctedP.toFixed(4),
      isAbove ? 'yes' : 'no',
    ]),
  )
  process.stdout.write('\n')
}
