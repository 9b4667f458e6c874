/** `pinwheel restore`: makes a data directory or a cluster what a backup has; compares the two. */
import { restore } from '../../actors/index.ts'
import { pinwheelError, systemClock } from '../../base/index.ts'
import { needsSource } from './backup.ts'
import { type ClusterFlags, clusterServers, restoreClusterTo } from './cluster-copies.ts'
import type { AddCommand } from './command.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = ClusterFlags & {
  from: string
  data?: string
  replace?: true
  erasures?: string
  json?: true
}

export const addRestore: AddCommand = (program, context) => {
  program
    .command('restore')
    .description('Make a data directory or a cluster what a backup has.')
    .requiredOption('--from <FOLDER>', 'a finished backup')
    .option('--data <DIR>', 'data directory; no server may have it. Of a cluster that of a ranker')
    .option('--nats <URL>', 'a cluster without hosts: its stream, nats://host:port')
    .option('--postgres <CONNECTION>', 'its documents; PINWHEEL_POSTGRES by default')
    .option('--replace', 'move aside what DIR holds, to before-… in it; of servers it is lost')
    .option('--erasures <FILE>', 'erasures.json of elsewhere; that of DIR is applied anyway')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nWhat was copied is read whole and compared with what the backup says of itself. Users who\n' +
        'were erased from DIR after the backup was made are erased in it again; of a cluster send\n' +
        'their delete-user again.\n\n' +
        'Examples:\n  pinwheel restore --from ./backups/monday --data ./data --replace\n' +
        '  pinwheel restore --from ./backups/monday --nats nats://127.0.0.1:4222',
    )
    .action(async (flags: Flags) => {
      const servers = clusterServers(flags, context)
      if (!servers) return restoreDirectory(flags)
      if (flags.erasures === undefined) return restoreClusterTo(servers, flags)
      const problems = '--erasures is of data directories: send a cluster its delete-user again.'
      throw pinwheelError('CONFIG_INVALID', { problems })
    })
}

async function restoreDirectory({ from, data, replace, erasures, json }: Flags): Promise<void> {
  if (data === undefined) throw needsSource('restore')
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
}
