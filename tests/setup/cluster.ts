/**
 * A cluster on this machine: real NATS and PostgreSQL, hosts in processes of their own and their
 * real sidecars.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JetStreamLog } from '../../actors/ingest/index.ts'
import { type Clock, hashId } from '../../base/index.ts'
import { clustered, type Dapr, findDapr, startDapr } from './dapr.ts'
import { findNats, Nats } from './nats.ts'
import { findPostgres, Postgres } from './postgres.ts'
import { freePorts } from './program.ts'
import { findRedis, Redis } from './redis.ts'

export const PARTITIONS = 4
export const STREAM_MB = 1_000

/** What a process of a cluster does: an API answers over HTTP. */
export type Role = 'shards' | 'ranker' | 'api'
export type Host = {
  readonly child: ChildProcess
  readonly sidecar: Dapr
  /** Of its application: that of an API is for everybody. */
  readonly port: number
}

export type Cluster = {
  readonly hosts: readonly Host[]
  /** Rankers and APIs. */
  readonly others: readonly Host[]
  readonly log: JetStreamLog
  readonly broker: Nats
  readonly database: Postgres
  /** Where APIs keep feeds, if it is there. */
  readonly feeds: Redis | undefined
  /** The folder with psql. */
  readonly programs: string
  /** Another host, with variables of its own, among `hosts` where it has shards. */
  add(role?: Role, env?: Readonly<Record<string, string>>): Promise<Host>
  stop(): Promise<void>
}

/** The partition of a user. */
export const partitionOf = (user: string) => hashId(user) % PARTITIONS

/** What a cluster needs, for `describeWith`. */
export function clusterServers() {
  const servers = { dapr: findDapr(), nats: findNats(), postgres: findPostgres() } as const
  const names = Object.keys(servers) as (keyof typeof servers)[]
  const missing = names.find((name) => !servers[name])
  const hint = 'deploy/install has what installs it'
  return { server: missing ?? 'nats', found: missing ? undefined : true, hint } as const
}

/** What hosts find when they start. */
export type Servers = Pick<Cluster, 'broker' | 'database'>

export type ClusterStart = {
  /** Has the servers before there is a host. */
  readonly fill?: (servers: Servers) => Promise<void>
  /** Where documents are, in place of PostgreSQL. */
  readonly documents?: Redis
}

/** Hosts with the role `shards`, each beside its own sidecar. */
export async function startCluster(
  count: number,
  clock: Clock,
  { fill = async () => {}, documents }: ClusterStart = {},
): Promise<Cluster> {
  const [dapr, nats, postgres] = [findDapr(), findNats(), findPostgres()]
  if (!dapr || !nats || !postgres) throw new Error('needs Dapr, NATS and PostgreSQL')
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-bench-'))
  const broker = await Nats.start(nats)
  const database = await Postgres.start(postgres)
  const redis = findRedis()
  const feeds = redis === undefined ? undefined : await Redis.start(redis)
  const hosts: Host[] = []
  const others: Host[] = []
  const add = async (role: Role = 'shards', env = {}) => {
    const given = {
      env,
      programs: dapr,
      folder,
      url: broker.url,
      store: documents?.address ?? database.connection,
      components: documents ? ['components/alternatives', 'components/policies'] : clustered,
      role,
      feeds: feeds?.address ?? '',
    }
    const host = await startHost(given, hosts[0]?.sidecar.placementPort)
    const list = role === 'shards' ? hosts : others
    list.push(host)
    return host
  }
  let log: JetStreamLog | undefined
  const stop = async () => {
    await log?.close().catch(() => {})
    for (const { child } of [...hosts, ...others]) child.kill('SIGKILL')
    for (const { sidecar } of [...hosts, ...others].toReversed()) await sidecar.stop()
    await broker.remove()
    await database.remove()
    await feeds?.remove()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await fill({ broker, database })
    for (let n = 0; n < count; n++) await add()
    const bounds = { partitions: PARTITIONS, bytesMax: STREAM_MB * 1e6, queueBytesMax: 2 ** 26 }
    log = await JetStreamLog.open({ url: broker.url, clock, ...bounds })
    return { hosts, others, log, broker, database, feeds, programs: postgres, add, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startHost(
  given: Readonly<Record<'programs' | 'folder' | 'url' | 'store' | 'feeds', string>> & {
    readonly role: Role
    readonly components: readonly string[]
    readonly env: Readonly<Record<string, string>>
  },
  placementPort: number | undefined,
): Promise<Host> {
  const { programs, folder, url, store, feeds, role } = given
  const [appPort = 0, httpPort = 0] = await freePorts(2)
  const env = {
    ...process.env,
    DAPR_HTTP_PORT: `${httpPort}`,
    PINWHEEL_PARTITIONS: `${PARTITIONS}`,
    PINWHEEL_STREAM_MB: `${STREAM_MB}`,
    PINWHEEL_LOG_LEVEL: 'error',
    ...given.env,
  }
  const common = ['--port', `${appPort}`, '--nats', url]
  const words = role === 'api' ? ['serve', ...common] : ['host', ...common, '--role', role]
  const child = spawn(process.execPath, ['serving/pinwheel.mjs', ...words], {
    env,
    stdio: 'ignore',
  })
  const sidecar = await startDapr({
    ...{
      programs,
      folder,
      appPort,
      httpPort,
      components: [...given.components, ...(role === 'api' ? ['components/feeds'] : [])],
    },
    appId: `pinwheel-${role}`,
    ...(role === 'api' && { healthPath: '/livez' }),
    // Of the two who keep documents or feeds in Redis a host has one.
    env: { PINWHEEL_POSTGRES: store, PINWHEEL_REDIS: role === 'api' ? feeds : store },
    ...(placementPort !== undefined && { placementPort }),
  })
  return { child, sidecar, port: appPort }
}
