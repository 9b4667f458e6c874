/**
 * `pinwheel simulate ladder`: generations judged in worlds whose truth is known, seed after seed.
 * `pinwheel simulate falsify`: whether their gains go where what makes them is taken away.
 */
import type { Command } from 'commander'
import { Option } from 'commander'
import { pinwheelError, systemClock } from '../../base/index.ts'
import {
  type ArmName,
  armNames,
  armsOf,
  costSections,
  type FalsificationRow,
  falsificationSection,
  falsifications,
  judgeFalsification,
  judgeRates,
  judgeSteps,
  type LadderResult,
  ladderPresets,
  ladderSections,
  leaks,
  PRIMARY,
  presetHash,
  presetWithout,
  type Section,
  sumFacts,
  summarise,
  switchNames,
  type WorldSwitches,
  worldSection,
} from '../../simulator/index.ts'
import { type LadderDesign, ladderDesigns, seedResult } from '../jobs/ladder-seeds.ts'
import { runWorkers } from '../jobs/ladder-workers.ts'
import type { CommandContext } from './command.ts'
import { commit } from './commit.ts'
import { costsOf } from './ladder-costs.ts'
import { printArms, printCosts, printFalsifications, printSteps } from './ladder-tables.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'
import { type Tick, withReport } from './report-file.ts'
import { reportFile, reportHead, reportOption } from './report-option.ts'
import { printVerdicts } from './world-tables.ts'

/** Which seeds of which worlds, and who runs them. */
type SeedFlags = {
  readonly preset: keyof typeof ladderPresets
  readonly seeds: number
  readonly seed: number
  readonly out?: string
  readonly workers: number
}
type FalsifyFlags = SeedFlags & { readonly report?: string; readonly json?: true }
type Flags = FalsifyFlags & {
  readonly arms: string
  readonly without: string
  readonly design: LadderDesign
  readonly live: readonly string[]
}

const presetNames = Object.keys(ladderPresets) as (keyof typeof ladderPresets)[]

export function addLadder(simulate: Command, { finish }: CommandContext): void {
  seedOptions(simulate.command('ladder'))
    .description('Judge the generations in worlds whose truth is known.')
    .option('--arms <NAMES>', 'with commas', armNames.join(','))
    .option('--without <NAMES>', `what worlds lack: of ${switchNames.join(',')}`, '')
    .addOption(
      new Option('--design <NAME>', 'a world for each arm, or one for all')
        .choices(ladderDesigns)
        .default('parallel'),
    )
    .option('--live <ARM=FILE...>', 'what `simulate live --generation ARM --json` printed', [])
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate ladder --seeds 20 --out ladder --workers 2\n' +
        '  pinwheel simulate ladder --preset tiny --seeds 2 --arms popularity,deep,oracle --json',
    )
    .action(runLadder)
  seedOptions(simulate.command('falsify'))
    .description('Take causes out of the worlds of the ladder, and see whether gains go with them.')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate falsify --preset tiny --seeds 20 --out ladder --workers 2',
    )
    .action(async (flags: FalsifyFlags) => {
      if (!(await runFalsify(flags))) finish(1)
    })
}

function seedOptions(command: Command): Command {
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

async function runLadder(flags: Flags): Promise<void> {
  const { without, arms } = checked(flags)
  const costs = costsOf(flags.live)
  const preset = presetWithout(ladderPresets[flags.preset], without)
  const results: LadderResult[] = []
  const judged = () => ({
    steps: judgeSteps(results, preset.steps),
    arms: results.length > 0 ? summarise(results, PRIMARY) : [],
  })
  const told = () => ({
    preset: flags.preset,
    design: flags.design,
    without: flags.without || 'nothing',
    hash: presetHash(preset),
    commit: commit(),
    seed: flags.seed,
    seeds: results.length,
    primary: PRIMARY,
    aboveTheOracle: leaks(results).join(', ') || 'none',
    unevenArms: results.filter(({ ratio }) => ratio?.isMismatch).length,
  })
  const draft = (): Section[] => {
    const { steps, arms } = judged()
    const rates = judgeRates(results)
    const world = rates.length > 0 ? [worldSection('The world', rates)] : []
    const judgedOf = [...ladderSections(steps, arms), ...costSections(costs)]
    return [...judgedOf, ...world, sumFacts('The run', told())]
  }
  await reported(flags, { title: 'The ladder', kind: 'ladder', draft }, async (tick) => {
    await runSeeds({ ...flags, without, arms }, (result) => {
      results.push(result)
      results.sort((a, b) => a.seed - b.seed)
      return tick()
    })
  })
  const { steps, arms: summary } = judged()
  const rates = judgeRates(results)
  if (flags.json) printResult({ ...told(), steps, arms: summary, rates, costs, results }, true)
  else {
    printArms(summary)
    printSteps(steps)
    printCosts(costs)
    printVerdicts('the world', rates)
    printResult(told(), false)
  }
}

/** False where a gain stayed. */
async function runFalsify(flags: FalsifyFlags): Promise<boolean> {
  checked(flags)
  if (flags.seeds < 2) {
    throw pinwheelError('CONFIG_INVALID', {
      problems: '--seeds is 1; an interval needs two worlds',
    })
  }
  const rows: FalsificationRow[] = []
  const draft = () => (rows.length > 0 ? [falsificationSection(rows)] : [])
  const title = 'Causes taken out of the world'
  await reported(flags, { title, kind: 'falsification', draft }, async (tick) => {
    for (const of of falsifications) {
      const results: LadderResult[] = []
      const { without } = of
      const asked = { ...flags, without, arms: armsOf(of), design: 'parallel' as const }
      await runSeeds(asked, (result) => {
        results.push(result)
        return tick()
      })
      rows.push(...judgeFalsification(of, results))
    }
  })
  const { preset, seed, seeds } = flags
  const told = {
    preset,
    commit: commit(),
    seed,
    seeds,
    holding: rows.filter((r) => r.holds).length,
  }
  if (flags.json) printResult({ ...told, rows }, true)
  else {
    printFalsifications(rows)
    printResult({ ...told, of: rows.length }, false)
  }
  return told.holding === rows.length
}

type Reported = {
  readonly title: string
  readonly kind: string
  readonly draft: () => Section[]
}

function reported(
  { preset, seed, seeds, report }: FalsifyFlags,
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
async function runSeeds(asked: Asked, hear: (result: LadderResult) => unknown): Promise<void> {
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
function checked(flags: FalsifyFlags & Partial<Pick<Flags, 'arms' | 'without' | 'design'>>) {
  const { seeds, workers, out, design } = flags
  const arms = listOf(flags.arms)
  const without = listOf(flags.without)
  const problems: string[] = []
  const known = (what: string, given: string[], names: readonly string[]) => {
    const unknown = given.filter((name) => !names.includes(name))
    const has = `${what} has ${unknown.join(', ')}`
    if (unknown.length > 0) problems.push(`${has}; expected of ${names.join(', ')}`)
  }
  known('--arms', arms, armNames)
  known('--without', without, switchNames)
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

const listOf = (text = '') => text.split(',').filter((name) => name !== '')
