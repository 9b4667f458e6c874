/** `pinwheel doctor`: looks at a data directory, says what is wrong and what to do. */
import { type Examination, examine } from '../../actors/index.ts'
import type { AddCommand } from './command.ts'
import { printResult } from './print.ts'

type Flags = { data: string; json?: true }

export const addDoctor: AddCommand = (program, { finish }) => {
  program
    .command('doctor')
    .description('Look at everything in a data directory; say what is wrong and what to do.')
    .requiredOption('--data <DIR>', 'data directory; a server may be using it')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nIt changes nothing. It reads every frame and section, so it takes as long as the disk.\n' +
        'The exit code is 1 where there is a problem.\n\nExample:\n  pinwheel doctor --data ./data',
    )
    .action(async ({ data, json }: Flags) => {
      const examination = await examine({ directory: data })
      if (json) printResult(examination, true)
      else print(examination)
      finish(examination.isWell ? 0 : 1)
    })
}

function print({ findings, isWell }: Examination): void {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.map(({ verdict, check, says, next }) => {
    const line = `${verdict.padEnd(7)}  ${check.padEnd(width)}  ${says}\n`
    return next === undefined ? line : `${line}${' '.repeat(width + 11)}→ ${next}\n`
  })
  const warnings = findings.filter(({ verdict }) => verdict === 'warning').length
  const problems = findings.filter(({ verdict }) => verdict === 'problem').length
  const end =
    isWell && warnings === 0 ? 'All is well.' : `${problems} problems, ${warnings} warnings.`
  process.stdout.write(`${lines.join('')}\n${end}\n`)
}
