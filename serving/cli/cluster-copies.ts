/** `pinwheel backup`, `restore` and `reshard` where the source, or the target, is a cluster. */
import { backupCluster, type DocumentArchive, restoreCluster } from '../../actors/index.ts'
import { type Config, systemClock } from '../../base/index.ts'
import { defaultPostgres, postgresDocuments } from '../cluster/index.ts'
import type { CommandContext } from './command.ts'
import { printResult } from './print.ts'
import { streamOf } from './stream-of.ts'

/** The servers of a cluster, as flags and environment name them. */
export type ClusterServers = {
  readonly url: string
  readonly config: Config
  readonly documents: DocumentArchive
}

export type ClusterFlags = { readonly nats?: string; readonly postgres?: string }

/** Undefined where no stream is named; `settings` stand for those of the environment. */
export function clusterServers(
  { nats, postgres }: ClusterFlags,
  context: CommandContext,
  settings: Readonly<Record<string, unknown>> = {},
): ClusterServers | undefined {
  const config = context.config({ ...settings, ...(nats !== undefined && { natsUrl: nats }) })
  const url = config.natsUrl
  if (url === undefined) return undefined
  const connection = postgres ?? context.environment('PINWHEEL_POSTGRES') ?? defaultPostgres
  return { url, config, documents: postgresDocuments(connection, context.variables()) }
}

/** The stream of a cluster, as its hosts are to have it. */
export function streamWanted({ config, url }: ClusterServers) {
  const { url: _url, ...stream } = streamOf(config, url)
  return { ...stream, partitions: config.partitions }
}

type Common = { readonly data?: string; readonly json?: true }

const directoryOf = (data: string | undefined) => (data === undefined ? {} : { directory: data })

export async function backUpCluster(
  { url, config, documents }: ClusterServers,
  { data, to, json }: Common & { readonly to: string },
): Promise<void> {
  const { cluster } = config
  const place = { ...directoryOf(data), to, clock: systemClock }
  const facts = await backupCluster({ url, cluster, documents, ...place })
  printResult(json ? { to, ...facts } : { backup: to, ...inWords(facts) }, json === true)
}

export async function restoreClusterTo(
  servers: ClusterServers,
  { data, from, replace, json }: Common & { readonly from: string; readonly replace?: true },
): Promise<void> {
  const { url, documents } = servers
  const restored = await restoreCluster({
    ...{ from, url, documents, ...directoryOf(data), replace: replace === true },
    stream: streamWanted(servers),
    clock: systemClock,
  })
  if (json) return printResult({ from, ...restored }, true)
  const { setAside, ...facts } = restored
  printResult({ restored: from, ...inWords(facts), 'what DIR held is in': setAside }, false)
}

type Facts = Awaited<ReturnType<typeof backupCluster>>

function inWords({ cluster, madeAt, log, documents, snapshot }: Facts) {
  return {
    cluster,
    begun: new Date(madeAt).toISOString(),
    entries: log.partitions.reduce((sum, { entries }) => sum + entries, 0),
    'messages of the log': `${log.first} to ${log.last}`,
    documents: documents.count,
    'base snapshot of a ranker': snapshot ?? 'none',
  }
}
