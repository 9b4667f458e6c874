/** `pinwheel jobs`: work that is done beside a server, on a schedule that the operator has. */
import { availableParallelism } from 'node:os'
import { systemClock } from '../../base/index.ts'
import { nightly, nightlyDefaults } from '../jobs/nightly.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = { data: string; days: number; chunkUsers: number; kinds?: string; json?: true }

export const addJobs: AddCommand = (program, context) => {
  const jobs = program.command('jobs').description('Work beside a server.').exitOverride()
  jobs
    .command('nightly')
    .exitOverride()
    .description('Make the lists of generation "collaborative" for users who were active lately.')
    .requiredOption('--data <DIR>', 'data directory; a server may be using it')
    .option('--days <N>', 'users active within so many', wholeNumber, nightlyDefaults.days)
    .option('--chunk-users <N>', 'users of a file', wholeNumber, nightlyDefaults.chunkUsers)
    .option('--kinds <K>', 'kinds of event beside ours: NAME=WEIGHT,…')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel jobs nightly --data ./data\n' +
        '  pinwheel train --data ./data && pinwheel jobs nightly --data ./data --days 7 --json',
    )
    .action(async (flags: Flags) => {
      if (flags.chunkUsers < 1) {
        program.error('error: --chunk-users must be 1 or more', { exitCode: 2 })
      }
      printResult(await runNightly(flags, context), flags.json === true)
    })
}

async function runNightly({ data, days, chunkUsers, kinds }: Flags, { config }: CommandContext) {
  const settings = config({ data, ...(kinds !== undefined && { kinds }) })
  const reading = new Progress('read', 'entries', systemClock)
  const making = new Progress('lists', 'lists', systemClock)
  const report = await nightly({
    directory: data,
    days,
    chunkUsers,
    threads: availableParallelism(),
    clock: systemClock,
    kinds: settings.kinds,
    pinsMax: settings.pinsMax,
    boardsMax: settings.boardsMax,
    cpuUs: () => {
      const { user, system } = process.cpuUsage()
      return user + system
    },
    onFold: (entries) => reading.update(entries),
    onList: (done, total) => making.update(done, total),
  })
  making.finish(report.lists)
  return report
}
