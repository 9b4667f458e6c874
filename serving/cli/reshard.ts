/** `pinwheel reshard`: gives a cluster, whose hosts have ended, another number of partitions. */
import { reshardCluster } from '../../actors/index.ts'
import { pinwheelError, systemClock } from '../../base/index.ts'
import { type ClusterFlags, clusterServers, streamWanted } from './cluster-copies.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = ClusterFlags & {
  partitions: string
  to: string
  data?: string[]
  withoutBases?: true
  json?: true
}

export const addReshard: AddCommand = (program, context) => {
  program
    .command('reshard')
    .description('Give a cluster, whose hosts have ended, another number of partitions.')
    .requiredOption('--partitions <N>', 'how many it is to have')
    .option('--nats <URL>', 'its stream, nats://host:port; PINWHEEL_NATS_URL by default')
    .option('--postgres <CONNECTION>', 'its documents; PINWHEEL_POSTGRES by default')
    .requiredOption('--to <FOLDER>', 'for a backup and the copies: empty, or of a run before')
    .option('--data <DIR...>', 'directories of rankers, whose base snapshots go on')
    .option('--without-bases', 'rankers lose what the stream has dropped')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nEnd the API, then hosts in order. A run that was interrupted is finished by the same\n' +
        'command; until then hosts refuse the cluster. FOLDER/backup is the cluster as it was.\n' +
        'Then set PINWHEEL_PARTITIONS to N for hosts, rankers and the API, and start them.\n\n' +
        'Examples:\n' +
        '  pinwheel reshard --nats nats://127.0.0.1:4222 --partitions 64 --to ./reshard\n' +
        '  pinwheel reshard --nats nats://127.0.0.1:4222 --partitions 64 --to ./reshard ' +
        '--data ./ranker',
    )
    .action((flags: Flags) => reshard(flags, context))
}

async function reshard(flags: Flags, context: CommandContext): Promise<void> {
  const { to, data = [], withoutBases, json } = flags
  const servers = clusterServers(flags, context, { partitions: flags.partitions })
  if (!servers) {
    const problems = 'reshard needs --nats URL or PINWHEEL_NATS_URL: it is of clusters.'
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  const { url, documents } = servers
  const progress = new Progress('copied', 'messages', systemClock)
  const done = await reshardCluster({
    ...{ url, documents, to, clock: systemClock, stream: streamWanted(servers) },
    ...{ directories: data, withoutBases: withoutBases === true },
    onStep: (step) => progress.say(`reshard: ${step}`),
    onStored: (messages, all) => progress.update(messages, all),
  })
  progress.finish(done.last - done.first + 1)
  if (json) return printResult(done, true)
  const { cluster, from, first, last, entries, bases, backup } = done
  printResult(
    {
      cluster,
      partitions: `${from} before, ${done.to} now`,
      entries,
      'messages of the log': `${first} to ${last}`,
      'base snapshots that go on': bases,
      'the cluster as it was': backup,
      next: `set PINWHEEL_PARTITIONS to ${done.to} for all of its processes`,
    },
    false,
  )
}
