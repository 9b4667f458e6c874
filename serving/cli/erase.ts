/** `pinwheel erase`: forgets a user in a data directory at rest, and shows that they are gone. */
import { type EraseReport, erase } from '../../actors/index.ts'
import { createLogger, idProblem, pinwheelError, systemClock } from '../../base/index.ts'
import { startRuntime } from '../jobs/start-runtime.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { whileItRuns } from './locked.ts'
import { printResult } from './print.ts'

type Flags = { user: string; data: string; json?: true }

export const addErase: AddCommand = (program, context) => {
  program
    .command('erase')
    .description('Forget a user: log, state, boards, edges; and prove it.')
    .requiredOption('--user <ID>', 'id of the user')
    .requiredOption('--data <DIR>', 'data directory; no server may have it')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nIt cannot be undone. DIR/erasures.json keeps a hash of the id: restore applies it to every\n' +
        'backup from before. The exit code is 1 where the user is still found.\n\n' +
        'Example:\n  pinwheel erase --user 17 --data ./data',
    )
    .action(async ({ user, data, json }: Flags) => {
      const entry = JSON.stringify({ kind: 'delete-user', id: user, time: systemClock.now() })
      const instead = `POST /v1/events {"entries":[${entry}]} takes them out of every feed. Erase later.`
      const report = await whileItRuns(instead, () => run(user, data, context))
      if (json) printResult(report, true)
      else print(user, report)
      if (!report.isGone) context.finish(1)
    })
}

type Report = EraseReport & { readonly isKnown: boolean; readonly isGone: boolean }

async function run(user: string, directory: string, context: CommandContext): Promise<Report> {
  const problem = idProblem(user)
  if (problem) throw pinwheelError('CONFIG_INVALID', { problems: `The id must be ${problem}.` })
  const config = context.config({ data: directory })
  const report = await erase({ user, directory, clock: systemClock })
  // What a server would answer of them from now on.
  const options = { purpose: 'bulk', bulk: true } as const
  const runtime = await startRuntime(config, directory, createLogger('warn'), options)
  const isKnown = runtime.names.user.find(user) >= 0
  await runtime.stop()
  const { entries, snapshotsThatNameThem } = report.proof
  return { ...report, isKnown, isGone: !isKnown && entries === 0 && snapshotsThatNameThem === 0 }
}

function print(user: string, report: Report): void {
  const { entries, segments, snapshots, deadLetters, leftovers, proof, elsewhere } = report
  const traces = (proof.traces ?? []).map(({ file, count }) => `${file} (${count})`)
  printResult(
    {
      erased: user,
      'entries taken out of the log': entries,
      'segments written anew': segments,
      'base snapshots removed': snapshots.removed,
      'base snapshots written anew': snapshots.rewritten,
      'dead letters removed': deadLetters,
      'copies of damaged segments removed': leftovers,
      proof: {
        'entries of theirs in the log': proof.entries,
        'base snapshots that name them': proof.snapshotsThatNameThem,
        'known to a server': report.isKnown ? 'yes' : 'no',
        'files with the bytes of the id': proof.traces ? traces.length : 'the id is too short',
      },
      ...(traces.length > 0 && { 'within longer ids, or in what others wrote': traces }),
      ...(elsewhere.length > 0 && { 'not reached: remove these': elsewhere }),
    },
    false,
  )
}
