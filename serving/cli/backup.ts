/** `pinwheel backup`: a consistent copy of a data directory, or of a cluster, while it works. */
import { backup } from '../../actors/index.ts'
import { pinwheelError, systemClock } from '../../base/index.ts'
import { backUpCluster, type ClusterFlags, clusterServers } from './cluster-copies.ts'
import type { AddCommand } from './command.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = ClusterFlags & { data?: string; to: string; json?: true }

export const addBackup: AddCommand = (program, context) => {
  program
    .command('backup')
    .description('Copy a data directory or a cluster, consistent, while servers use it.')
    .option('--data <DIR>', 'data directory; of a cluster that of a ranker, for its models')
    .option('--nats <URL>', 'a cluster: its stream, nats://host:port')
    .option('--postgres <CONNECTION>', 'its documents; PINWHEEL_POSTGRES by default')
    .requiredOption('--to <FOLDER>', 'where the backup goes: empty, or not there yet')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nIt has every entry that was acknowledged before it began. That of a data directory is one\n' +
        'itself; its erasures.json stays out of it: keep that file apart, restore applies it.\n\n' +
        'Examples:\n  pinwheel backup --data ./data --to ./backups/monday\n' +
        '  pinwheel backup --nats nats://127.0.0.1:4222 --to ./backups/monday',
    )
    .action(async (flags: Flags) => {
      const servers = clusterServers(flags, context)
      return servers ? backUpCluster(servers, flags) : backUpDirectory(flags)
    })
}

async function backUpDirectory({ data, to, json }: Flags): Promise<void> {
  if (data === undefined) throw needsSource('backup')
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
}

export function needsSource(command: string) {
  const problems = `${command} needs --data DIR, or --nats URL for a cluster.`
  return pinwheelError('CONFIG_INVALID', { problems })
}
