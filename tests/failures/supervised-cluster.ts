/**
 * A whole cluster on this machine, each of its programs under supervision: placement, NATS that
 * flushes before it acknowledges, PostgreSQL, Redis, two hosts of shards, two rankers and two APIs,
 * each of these with its sidecar.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../../base/index.ts'
import { type ServerName, type ServerStart, serverKinds } from '../../serving/cluster/servers.ts'
import { clustered, daprdArguments, findDapr } from '../setup/dapr.ts'
import { findNats } from '../setup/nats.ts'
import { findPostgres } from '../setup/postgres.ts'
import { freePorts, ownEnvironment, startProgram } from '../setup/program.ts'
import { findRedis } from '../setup/redis.ts'
import type { Fault } from './schedule.ts'
import { Supervised } from './supervised.ts'

const EACH = 2
const STREAM_MB = 1_000
export const PARTITIONS = 4
/** Printed beside what was found: as the local cluster starts NATS (`serverKinds`). */
export const SYNC_INTERVAL = 'always'

type Role = 'shards' | 'ranker' | 'api'
type Pair = { readonly app: Supervised; readonly sidecar: Supervised; readonly appPort: number }

/** Of each server that the schedules need, or its name where it is missing. */
function programs() {
  const found = { dapr: findDapr(), nats: findNats(), postgres: findPostgres(), redis: findRedis() }
  for (const [name, path] of Object.entries(found)) {
    if (path === undefined) throw new Error(`needs ${name}: deploy/install/ has what installs it`)
  }
  return found as Readonly<Record<keyof typeof found, string>>
}

export class SupervisedCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'pinwheel-failures-'))
  readonly #programs = programs()
  readonly #servers = new Map<string, Supervised>()
  readonly #pairs: Readonly<Record<Role, Pair[]>> = { shards: [], ranker: [], api: [] }

  /** Resolves when an API says that it is ready. */
  static async start(): Promise<SupervisedCluster> {
    const cluster = new SupervisedCluster()
    // PostgreSQL may run as another user.
    chmodSync(cluster.folder, 0o755)
    try {
      await cluster.#begin()
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  /** Ports of the APIs. */
  get apis(): number[] {
    return this.#pairs.api.map(({ appPort }) => appPort)
  }

  /** Begins a fault; what it gives ends it. */
  async inflict(fault: Fault, which: number): Promise<() => void> {
    const [what = '', ...of] = fault.split(' ')
    const victims = this.#victims(of.join(' '), which)
    if (what === 'roll') {
      for (const { app } of this.#pairs.shards) await app.replace()
      return () => {}
    }
    for (const victim of victims) what === 'pause' ? victim.pause() : victim.kill()
    return () => {
      for (const victim of victims) what === 'pause' ? victim.goOn() : victim.letGo()
    }
  }

  /** How often programs were started beyond the first time, by name. */
  get restarts(): Readonly<Record<string, number>> {
    const all = [
      ...this.#servers.values(),
      ...this.#all.flatMap(({ app, sidecar }) => [app, sidecar]),
    ]
    const counted = all.filter(({ starts }) => starts > 1)
    return Object.fromEntries(counted.map(({ name, starts }) => [name, starts - 1]))
  }

  async stop(): Promise<void> {
    for (const { app, sidecar } of this.#all) await Promise.all([app.stop(), sidecar.stop()])
    for (const server of this.#servers.values()) await server.stop()
    // PostgreSQL's processes notice a moment later that their parent is gone.
    await systemClock.sleep(500)
    rmSync(this.folder, { recursive: true, force: true })
  }

  get #all(): Pair[] {
    return Object.values(this.#pairs).flat()
  }

  #victims(of: string, which: number): Supervised[] {
    const server = this.#servers.get(of)
    if (server) return [server]
    if (of === 'sidecar') return [this.#pairs.shards[which]!.sidecar]
    const { app, sidecar } = this.#pairs[of.split(' ')[0] as Role][which]!
    return of.endsWith('and sidecar') ? [sidecar, app] : [app]
  }

  async #begin(): Promise<void> {
    const [natsPort = 0, sql = 0, cache = 0, placement = 0] = await freePorts(4)
    const connection = `host=127.0.0.1 port=${sql} user=pinwheel dbname=pinwheel sslmode=disable`
    const { nats, postgres, redis, dapr } = this.#programs
    const told = ownEnvironment({ PINWHEEL_POSTGRES: connection })
    this.#serve('nats', nats, { port: natsPort, env: told })
    this.#serve('postgres', postgres, { port: sql, env: told })
    this.#serve('redis', redis, { port: cache, env: told })
    this.#serve('placement', dapr, { port: placement, env: told })
    // A sidecar ends whose store is not there.
    for (const { up } of this.#servers.values()) await up
    const env = {
      PINWHEEL_NATS_URL: `nats://127.0.0.1:${natsPort}`,
      PINWHEEL_PARTITIONS: `${PARTITIONS}`,
      PINWHEEL_STREAM_MB: `${STREAM_MB}`,
      PINWHEEL_LOG_LEVEL: 'warn',
      PINWHEEL_POSTGRES: connection,
      PINWHEEL_REDIS: `127.0.0.1:${cache}`,
    }
    for (const role of ['shards', 'ranker', 'api'] as const) {
      for (let n = 0; n < EACH; n++)
        this.#pairs[role].push(await this.#pair(role, n, { env, placement }))
    }
    await this.#ready()
  }

  #serve(name: ServerName, program: string, given: Omit<ServerStart, 'folder'>): void {
    const folder = join(this.folder, name)
    mkdirSync(folder)
    const start = () => serverKinds[name].start(program, { ...given, folder }, {})
    this.#servers.set(name, new Supervised(name, start))
  }

  async #pair(
    role: Role,
    n: number,
    { env, placement }: { env: Readonly<Record<string, string>>; placement: number },
  ): Promise<Pair> {
    const [appPort = 0, http = 0, ...others] = await freePorts(4)
    const isApi = role === 'api'
    const words = isApi ? ['serve'] : ['host', '--role', role]
    const { folder } = this
    const all = [resolve('serving/pinwheel.mjs'), ...words, '--port', `${appPort}`]
    const app = new Supervised(`${role}-${n}`, () => {
      return startProgram(process.execPath, all, {
        ...{ folder, name: `${role}-${n}`, cwd: process.cwd() },
        env: { ...env, DAPR_HTTP_PORT: `${http}` },
      })
    })
    const components = [...clustered, ...(isApi ? ['components/feeds'] : [])]
    const healthPath = isApi ? '/livez' : '/healthz'
    const given = { programs: '', appId: `pinwheel-${role}`, appPort, components, healthPath }
    const daprd = daprdArguments(given, { http, placement, others })
    const name = `${role}-${n}-daprd`
    const sidecar = new Supervised(name, () => {
      return startProgram(join(this.#programs.dapr, 'daprd'), daprd, { folder, name, env })
    })
    return { app, sidecar, appPort }
  }

  async #ready(): Promise<void> {
    const late = systemClock.monotonic() + 60_000
    for (const port of this.apis) {
      for (;;) {
        const reply = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
        if (reply?.ok) break
        if (systemClock.monotonic() > late) {
          throw new Error(`the API is not ready; see ${this.folder} (${await reply?.text()})`)
        }
        await systemClock.sleep(100)
      }
    }
  }
}
