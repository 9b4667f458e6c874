/**
 * `pinwheel simulate falsify`: whether gains of the ladder go where what makes them is taken away.
 */
import type { Command } from 'commander'
import { pinwheelError } from '../../base/index.ts'
import {
  armsOf,
  type FalsificationRow,
  falsificationSection,
  falsifications,
  judgeFalsification,
  type LadderResult,
} from '../../simulator/index.ts'
import type { CommandContext } from './command.ts'
import { commit } from './commit.ts'
import {
  checked,
  listOf,
  reported,
  runSeeds,
  type SeedFlags,
  seedOptions,
  unknownOf,
} from './ladder-run.ts'
import { printFalsifications } from './ladder-tables.ts'
import { printResult } from './print.ts'

type Flags = SeedFlags & { readonly only: string }

const causes = falsifications.map(({ cause }) => cause)

export function addFalsify(simulate: Command, { finish }: CommandContext): void {
  seedOptions(simulate.command('falsify'))
    .description('Take causes out of the worlds of the ladder, and see whether gains go with them.')
    .option('--only <CAUSES>', 'with commas', causes.join(','))
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate falsify --preset tiny --seeds 20 --out ladder --workers 2',
    )
    .action(async (flags: Flags) => {
      if (!(await runFalsify(flags))) finish(1)
    })
}

/** False where a gain stayed. */
async function runFalsify(flags: Flags): Promise<boolean> {
  checked(flags)
  const only = listOf(flags.only)
  const problems = [
    unknownOf('--only', only, causes),
    only.length === 0 && '--only has none',
    flags.seeds < 2 && '--seeds is 1; an interval needs two worlds',
  ].filter(Boolean)
  if (problems.length > 0) throw pinwheelError('CONFIG_INVALID', { problems: problems.join('; ') })
  const rows: FalsificationRow[] = []
  const draft = () => (rows.length > 0 ? [falsificationSection(rows)] : [])
  const title = 'Causes taken out of the world'
  await reported(flags, { title, kind: 'falsification', draft }, async (tick) => {
    for (const of of falsifications.filter(({ cause }) => only.includes(cause))) {
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
