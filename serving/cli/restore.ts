/** `pinwheel restore`: makes a data directory what a backup has, and compares the two. */
import { restore } from '../../actors/index.ts'
import { systemClock } from '../../base/index.ts'
import type { AddCommand } from './command.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = { from: string; data: string; replace?: true; erasures?: string; json?: true }

export const addRestore: AddCommand = (program) => {
  program
    .command('restore')
    .description('Make a data directory what a backup has.')
    .requiredOption('--from <FOLDER>', 'a finished backup')
    .requiredOption('--data <DIR>', 'data directory; no server may have it')
    .option('--replace', 'move aside what the directory holds, to before-… in it')
    .option('--erasures <FILE>', 'erasures.json of elsewhere; that of DIR is applied anyway')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nThe copy is read whole and compared with what the backup says of itself before it takes\n' +
        'its place. Users who were erased after the backup was made are erased in it again.\n\nExample:\n  pinwheel restore --from ./backups/monday --data ./data --replace',
    )
    .action(async ({ from, data, replace, erasures, json }: Flags) => {
      const progress = new Progress('compared', 'entries', systemClock)
      const { madeAt, entries, erasedAgain, setAside, ...facts } = await restore({
        from,
        directory: data,
        replace: replace === true,
        ...(erasures !== undefined && { erasures }),
        clock: systemClock,
        onProgress: (done) => progress.update(done),
      })
      progress.finish(entries)
      if (json) return printResult({ data, madeAt, entries, erasedAgain, setAside, ...facts }, true)
      printResult(
        {
          restored: data,
          'as of': new Date(madeAt).toISOString(),
          entries,
          'users erased again': erasedAgain.users,
          'what it held is in': setAside,
        },
        false,
      )
    })
}
