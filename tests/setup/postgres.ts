/**
 * A real PostgreSQL for tests: on a free loopback port, in a folder of its own. It can be killed
 * and started again over the same files.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../base/index.ts'
import { findPostgres as find } from '../../serving/cluster/find.ts'
import { makePostgresFiles, startPostgres } from '../../serving/cluster/postgres.ts'
import { freePorts, killed, ownEnvironment, type Program } from './program.ts'

export const installHint = 'deploy/install/postgresql.sh installs it'

/** The folder with `initdb` and `postgres`: Debian's newest, or one on the PATH. */
export function findPostgres(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return find(env)
}

export class Postgres {
  readonly folder = mkdtempSync(join(tmpdir(), 'pinwheel-postgres-'))
  readonly port: number
  readonly #programs: string
  #server: Program | undefined

  private constructor(programs: string, port: number) {
    this.#programs = programs
    this.port = port
  }

  /** Resolves when it takes connections. */
  static async start(programs: string): Promise<Postgres> {
    const [port = 0] = await freePorts(1)
    const postgres = new Postgres(programs, port)
    const names = { user: 'pinwheel', database: 'postgres' }
    await makePostgresFiles(programs, postgres.folder, names, ownEnvironment())
    await postgres.start()
    return postgres
  }

  /** What the component is told. */
  get connection(): string {
    return `host=127.0.0.1 port=${this.port} user=pinwheel dbname=postgres sslmode=disable`
  }

  async start(): Promise<void> {
    const { folder, port } = this
    this.#server = await startPostgres(this.#programs, { folder, port, env: ownEnvironment() })
  }

  /** SIGKILL: nothing more is flushed. */
  async kill(): Promise<void> {
    await killed(this.#server)
    this.#server = undefined
    // Its processes notice a moment later that it is gone; until then a new one does not begin.
    rmSync(join(this.folder, 'data/postmaster.pid'), { force: true })
    await systemClock.sleep(300)
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
