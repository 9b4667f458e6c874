/**
 * A real PostgreSQL for tests: on a free loopback port, in a folder of its own. It can be killed
 * and started again over the same files.
 */
import { execFileSync } from 'node:child_process'
import { chownSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { systemClock } from '../../base/index.ts'
import {
  freePorts,
  greets,
  isProgram,
  killed,
  type Program,
  startProgram,
  untilAnswers,
} from './program.ts'

export const installHint = 'deploy/install/postgresql.sh installs it'

/** The folder with `initdb` and `postgres`: Debian's newest, or one on the PATH. */
export function findPostgres(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const debian = globSync('/usr/lib/postgresql/*/bin').sort().reverse()
  const folders = [...debian, ...(env['PATH'] ?? '').split(delimiter)]
  return folders.find((folder) => {
    return isProgram(join(folder, 'initdb')) && isProgram(join(folder, 'postgres'))
  })
}

/** A request for TLS, which it answers once it takes connections. */
const greeting = { say: Buffer.from('0000000804d2162f', 'hex'), hears: () => true }

/** It refuses to run as root; root runs it as the user that came with it. */
export function account(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

export class Postgres {
  readonly folder = mkdtempSync(join(tmpdir(), 'pinwheel-postgres-'))
  readonly port: number
  readonly #programs: string
  readonly #account = account()
  #server: Program | undefined

  private constructor(programs: string, port: number) {
    this.#programs = programs
    this.port = port
  }

  /** Resolves when it takes connections. */
  static async start(programs: string): Promise<Postgres> {
    const [port = 0] = await freePorts(1)
    const postgres = new Postgres(programs, port)
    const { uid, gid } = postgres.#account
    if (uid !== undefined) chownSync(postgres.folder, uid, gid!)
    const words = ['-D', join(postgres.folder, 'data'), '-U', 'pinwheel', '--auth=trust']
    const given = { ...postgres.#account, stdio: 'ignore', cwd: postgres.folder } as const
    execFileSync(join(programs, 'initdb'), [...words, '--locale=C', '-E', 'UTF8'], given)
    await postgres.start()
    return postgres
  }

  /** What the component is told. */
  get connection(): string {
    return `host=127.0.0.1 port=${this.port} user=pinwheel dbname=postgres sslmode=disable`
  }

  async start(): Promise<void> {
    const { folder, port } = this
    const words = ['-D', join(folder, 'data'), '-p', `${port}`, '-h', '127.0.0.1', '-k', folder]
    const given = { folder, name: 'postgres', ...this.#account }
    this.#server = startProgram(join(this.#programs, 'postgres'), words, given)
    await untilAnswers(this.#server, 'PostgreSQL', () => greets(port, greeting))
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
