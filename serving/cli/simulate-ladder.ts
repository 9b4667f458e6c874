/** `pinwheel simulate ladder`: generations judged in worlds whose truth is known. */
import { type Command, Option } from 'commander'
import {
  armNames,
  costSections,
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
  worldSection,
} from '../../simulator/index.ts'
import { ladderDesigns } from '../jobs/ladder-seeds.ts'
import { commit } from './commit.ts'
import { costsOf } from './ladder-costs.ts'
import {
  type ArmFlags,
  checked,
  reported,
  runSeeds,
  type SeedFlags,
  seedOptions,
} from './ladder-run.ts'
import { printArms, printCosts, printSteps } from './ladder-tables.ts'
import { printResult } from './print.ts'
import { printVerdicts } from './world-tables.ts'

type Flags = SeedFlags & ArmFlags & { readonly live: readonly string[] }

export function addLadder(simulate: Command): void {
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
    const world = rates.length > 0 ? [worldSection('Is the world believable', rates)] : []
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
