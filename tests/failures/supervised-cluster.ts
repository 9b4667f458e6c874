/**
 * A whole cluster on this machine, each of its programs under supervision: placement, NATS that
 * flushes before it acknowledges, PostgreSQL, Redis, two hosts of shards, two rankers and two APIs,
 * each of these with its sidecar, and relays between them. NATS has a small disk of its own where
 * one may be mounted.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../../base/index.ts'
import { type ServerName, type ServerStart, serverKinds } from '../../serving/cluster/servers.ts'
import { fill } from '../../simulator/faults/process/tight-disk.ts'
import { clustered, daprdArguments, findDapr } from '../setup/dapr.ts'
import { memoryDisk, mountMemory, unmount } from '../setup/memory-disk.ts'
import { findNats } from '../setup/nats.ts'
import { findPostgres } from '../setup/postgres.ts'
import { freePorts, ownEnvironment, startProgram } from '../setup/program.ts'
import { findRedis } from '../setup/redis.ts'
import type { Fault } from './schedule.ts'
import { Supervised } from './supervised.ts'
import { Ways } from './ways.ts'

const EACH = 2
const STREAM_MB = 400
/** NATS gives streams three quarters of its disk. */
const DISK_MB = 600
export const PARTITIONS = 4
/** Printed beside what was found: as the local cluster starts NATS (`serverKinds`). */
export const SYNC_INTERVAL = 'always'

type Role = 'shards' | 'ranker' | 'api'
/** Where a host and its sidecar run, and what both are told. */
type Machine = {
  readonly role: Role
  readonly name: string
  /** Of its sidecar, for other sidecars. */
  readonly address: string
  readonly internal: number
  readonly placement: number
  readonly env: Readonly<Record<string, string>>
}
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
  readonly #ways = new Ways()
  /** To PostgreSQL, past all relays. */
  #connection = ''

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

  /** Whether this machine lets us do it: mounting a disk takes root. */
  may(fault: Fault): boolean {
    return !fault.startsWith('disk') || memoryDisk.found === true
  }

  /** Begins a fault; what it gives ends it. */
  async inflict(fault: Fault, which: number): Promise<() => void> {
    const [what = '', ...of] = fault.split(' ')
    const victims = this.#victims(of.join(' '), which)
    if (what === 'roll') {
      for (const { app } of this.#pairs.shards) await app.replace()
      return () => {}
    }
    if (what === 'cut') {
      const { name } = victims[0]!
      const { sidecar } = this.#all.find(({ app }) => app.name === name) ?? {}
      return this.#ways.cut(name, () => sidecar?.pid)
    }
    if (what === 'disk') {
      const makeRoom = fill(this.#disk)
      return () => {
        makeRoom()
        // It never writes again to a stream that it could not write to (nats-server 2.15.2), and
        // says so where Kubernetes asks it (deploy/kubernetes/small), which starts it again.
        for (const victim of victims) void victim.replace()
      }
    }
    for (const victim of victims) what === 'pause' ? victim.pause() : victim.kill()
    return () => {
      for (const victim of victims) what === 'pause' ? victim.goOn() : victim.letGo()
    }
  }

  /** What PostgreSQL answers, a row a line: for those who plant mistakes in its documents. */
  sql(statement: string): string {
    const words = ['--no-psqlrc', '-At', '-c', statement, this.#connection]
    return execFileSync(join(this.#programs.postgres, 'psql'), words, { encoding: 'utf8' })
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
    this.#ways.close()
    // PostgreSQL's processes notice a moment later that their parent is gone.
    await systemClock.sleep(500)
    if (memoryDisk.found) unmount(this.#disk)
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Of NATS. */
  get #disk(): string {
    return join(this.folder, 'nats')
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
    const connection = connectionTo(sql)
    this.#connection = connection
    const { nats, postgres, redis, dapr } = this.#programs
    const told = ownEnvironment({ PINWHEEL_POSTGRES: connection })
    this.#serve('nats', nats, { port: natsPort, env: told })
    this.#serve('postgres', postgres, { port: sql, env: told })
    this.#serve('redis', redis, { port: cache, env: told })
    this.#serve('placement', dapr, { port: placement, env: told })
    // A sidecar ends whose store is not there.
    for (const { up } of this.#servers.values()) await up
    const servers = { nats: natsPort, postgres: sql, redis: cache, placement }
    const machines: Machine[] = []
    for (const role of ['shards', 'ranker', 'api'] as const) {
      for (let n = 0; n < EACH; n++) machines.push(await this.#machine(role, n, servers))
    }
    // Behind all relays, which take any free port.
    for (const machine of machines) this.#pairs[machine.role].push(await this.#pair(machine))
    await this.#ready()
  }

  #serve(name: ServerName, program: string, given: Omit<ServerStart, 'folder'>): void {
    const folder = join(this.folder, name)
    mkdirSync(folder)
    if (name === 'nats' && memoryDisk.found) mountMemory(folder, DISK_MB)
    const start = () => serverKinds[name].start(program, { ...given, folder }, {})
    this.#servers.set(name, new Supervised(name, start))
  }

  /** A machine's ways to servers and from other sidecars. */
  async #machine(
    role: Role,
    n: number,
    servers: Readonly<Record<'nats' | 'postgres' | 'redis' | 'placement', number>>,
  ): Promise<Machine> {
    const name = `${role}-${n}`
    const to = (server: keyof typeof servers) => this.#ways.between(name, server, servers[server])
    // A daprd tells others of 127.0.0.1 (DAPR_HOST_IP) unless it listens there; the relay does.
    const address = `127.0.0.${2 + n + EACH * Object.keys(this.#pairs).indexOf(role)}`
    const env = {
      PINWHEEL_NATS_URL: `nats://127.0.0.1:${await to('nats')}`,
      PINWHEEL_PARTITIONS: `${PARTITIONS}`,
      PINWHEEL_STREAM_MB: `${STREAM_MB}`,
      PINWHEEL_LOG_LEVEL: 'warn',
      PINWHEEL_POSTGRES: connectionTo(await to('postgres')),
      PINWHEEL_REDIS: `127.0.0.1:${await to('redis')}`,
    }
    const internal = await this.#ways.into(name, address)
    return { role, name, address, internal, placement: await to('placement'), env }
  }

  async #pair({ role, name, address, internal, placement, env }: Machine): Promise<Pair> {
    const [appPort = 0, http = 0, grpc = 0] = await freePorts(3)
    const isApi = role === 'api'
    const words = isApi ? ['serve'] : ['host', '--role', role]
    const { folder } = this
    const all = [resolve('serving/pinwheel.mjs'), ...words, '--port', `${appPort}`]
    const app = new Supervised(name, () => {
      return startProgram(process.execPath, all, {
        ...{ folder, name, cwd: process.cwd() },
        env: { ...env, DAPR_HTTP_PORT: `${http}` },
      })
    })
    const components = [...clustered, ...(isApi ? ['components/feeds'] : [])]
    const healthPath = isApi ? '/livez' : '/healthz'
    const given = { programs: '', appId: `pinwheel-${role}`, appPort, components, healthPath }
    const daprd = [
      ...daprdArguments(given, { http, placement, others: [grpc, internal] }),
      ...['--dapr-internal-grpc-listen-address', address],
    ]
    const path = join(this.#programs.dapr, 'daprd')
    const sidecar = new Supervised(`${name}-daprd`, () => {
      return startProgram(path, daprd, { folder, name: `${name}-daprd`, env })
    })
    return { app, sidecar, appPort }
  }

  async #ready(): Promise<void> {
    const late = systemClock.monotonic() + 120_000
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

const connectionTo = (port: number) =>
  `host=127.0.0.1 port=${port} user=pinwheel dbname=pinwheel sslmode=disable`
