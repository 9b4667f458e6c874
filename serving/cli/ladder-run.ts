/** What commands that run worlds of the ladder have in common: seeds, workers, a report. */
import { type Command, Option } from 'commander'
import { pinwheelError, systemClock } from '../../base/index.ts'
import {
  type ArmName,
  armNames,
  type LadderResult,
  ladderPresets,
  presetWithout,
  type Section,
  switchNames,
  type WorldSwitches,
} from '../../simulator/index.ts'
import { type LadderDesign, seedResult } from '../jobs/ladder-seeds.ts'
import { runWorkers } from '../jobs/ladder-workers.ts'
import { wholeNumber } from './numbers.ts'
import { Progress } from './progress.ts'
import { type Tick, withReport } from './report-file.ts'
import { reportFile, reportHead, reportOption } from './report-option.ts'

/** Which seeds of which worlds, and who runs them. */
export type SeedFlags = {
  readonly preset: keyof typeof ladderPresets
  readonly seeds: number
  readonly seed: number
  readonly out?: string
  readonly workers: number
  readonly report?: string
  readonly json?: true
}

export type ArmFlags = {
  readonly arms: string
  readonly without: string
  readonly design: LadderDesign
}

const presetNames = Object.keys(ladderPresets) as (keyof typeof ladderPresets)[]

export function seedOptions(command: Command): Command {
  return command
    .exitOverride()
    .addOption(new Option('--preset <NAME>', 'of the world').choices(presetNames).default('small'))
    .option('--seeds <N>', 'worlds', wholeNumber, 20)
    .option('--seed <FIRST>', 'seed of the first world; the others follow', wholeNumber, 1)
    .option('--out <DIR>', 'keeps the result of each seed, and takes up those that are there')
    .option('--workers <N>', 'worlds at a time, each a process; above 1 with --out', wholeNumber, 1)
    .addOption(reportOption())
    .option('--json', 'print one JSON document')
}

type Reported = {
  readonly title: string
  readonly kind: string
  readonly draft: () => Section[]
}

export function reported(
  { preset, seed, seeds, report }: SeedFlags,
  { title, kind, draft }: Reported,
  run: (tick: Tick) => Promise<void>,
): Promise<void> {
  const head = reportHead({ title, kind, seed, options: { preset, seeds } })
  return withReport(reportFile(report), () => ({ ...head, sections: draft() }), run)
}

type Asked = SeedFlags & {
  readonly design: LadderDesign
  readonly without: readonly (keyof WorldSwitches)[]
  readonly arms: readonly ArmName[]
}

/** Hears of every seed when it has ended: in order, unless several run at a time. */
export async function runSeeds(
  asked: Asked,
  hear: (result: LadderResult) => unknown,
): Promise<void> {
  const { seed: first, seeds: count, out, workers, design, without, arms } = asked
  const progress = new Progress('ladder', 'worlds', systemClock)
  const say = (line: string) => progress.say(line)
  const seeds = Array.from({ length: count }, (_, n) => first + n)
  const preset = presetWithout(ladderPresets[asked.preset], without)
  const kept = out === undefined ? {} : { out }
  let done = 0
  const onDone = async (place: number) => {
    const seed = seeds[place]!
    await hear(await seedResult({ preset, design, seed, arms, say, ...kept }))
    progress.update(++done, count)
  }
  if (workers > 1) {
    const of = ['--preset', asked.preset, '--design', design, '--arms', arms.join(',')]
    const all = [...of, '--without', without.join(','), '--out', out!, '--seeds', '1', '--json']
    const commands = seeds.map((seed) => [...all, '--seed', `${seed}`])
    await runWorkers({ workers, commands, say, onDone })
  } else for (const place of seeds.keys()) await onDone(place)
  progress.finish(count)
}

/** CONFIG_INVALID with everything that is wrong. */
export function checked(flags: SeedFlags & Partial<ArmFlags>) {
  const { seeds, workers, out, design } = flags
  const arms = listOf(flags.arms)
  const without = listOf(flags.without)
  const problems: string[] = []
  const lists = { '--arms': [arms, armNames], '--without': [without, switchNames] } as const
  for (const [option, [given, names]] of Object.entries(lists)) {
    const unknown = unknownOf(option, given, names)
    if (unknown) problems.push(unknown)
  }
  if (flags.arms !== undefined && arms.length === 0) problems.push('--arms has none')
  if (new Set(arms).size < arms.length) problems.push('--arms has one twice')
  if (design === 'shared' && arms.length < 2) problems.push('arms that share a world are two')
  if (seeds < 1) problems.push('--seeds is 0; a ladder has a world')
  if (workers < 1) problems.push('--workers is 0; somebody must run the worlds')
  if (workers > 1 && out === undefined) {
    problems.push('--workers above 1 needs --out DIR, where they leave what they found')
  }
  if (problems.length > 0) throw pinwheelError('CONFIG_INVALID', { problems: problems.join('; ') })
  return { arms: arms as ArmName[], without: without as (keyof WorldSwitches)[] }
}

export const listOf = (text = '') => text.split(',').filter((name) => name !== '')

/** What is wrong with names that an option was given, if something is. */
export function unknownOf(option: string, given: readonly string[], names: readonly string[]) {
  const unknown = given.filter((name) => !names.includes(name))
  if (unknown.length === 0) return undefined
  return `${option} has ${unknown.join(', ')}; expected of ${names.join(', ')}`
}
