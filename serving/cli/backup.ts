/** `pinwheel backup`: a consistent copy of a data directory, while a server uses it. */
import { backup } from '../../actors/index.ts'
import { systemClock } from '../../base/index.ts'
import type { AddCommand } from './command.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = { data: string; to: string; json?: true }

export const addBackup: AddCommand = (program) => {
  program
    .command('backup')
    .description('Copy a data directory, consistent, while a server uses it.')
    .requiredOption('--data <DIR>', 'data directory; a server may be using it')
    .requiredOption('--to <FOLDER>', 'where the backup goes: empty, or not there yet')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nIt has every entry that was acknowledged before it began, and is a data directory itself.\n' +
        'erasures.json stays out of it: keep that file apart, restore applies it.\n\n' +
        'Example:\n  pinwheel backup --data ./data --to ./backups/monday',
    )
    .action(async ({ data, to, json }: Flags) => {
      const progress = new Progress('backup', 'entries', systemClock)
      const facts = await backup({
        directory: data,
        to,
        clock: systemClock,
        onProgress: (entries) => progress.update(entries),
      })
      progress.finish(facts.entries)
      if (json) return printResult({ to, ...facts }, true)
      const { entries, states, snapshot, madeAt } = facts
      printResult(
        {
          backup: to,
          begun: new Date(madeAt).toISOString(),
          entries,
          'states of commanded actors': states.entries,
          'base snapshot': snapshot ?? 'none',
        },
        false,
      )
    })
}
