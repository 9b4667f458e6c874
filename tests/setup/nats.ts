/**
 * A real NATS server with JetStream for tests: on a free loopback port, in a folder of its own. It
 * can be killed, paused and started again over the same files. Or three that know each other.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../base/index.ts'
import { findNats as find } from '../../serving/cluster/find.ts'
import { startNats } from '../../serving/cluster/nats.ts'
import { freePorts, killed, ownEnvironment, type Program } from './program.ts'

export const installHint = 'deploy/install/nats.sh installs it'

/** The server: the project's cache or the PATH. */
export function findNats(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return find(env)
}

export class Nats {
  readonly folder = mkdtempSync(join(tmpdir(), 'pinwheel-nats-'))
  readonly port: number
  readonly #program: string
  readonly #words: readonly string[]
  #server: Program | undefined

  private constructor(program: string, port: number, words: readonly string[]) {
    this.#program = program
    this.port = port
    this.#words = words
  }

  /** Resolves when it answers; `words` are further options. */
  static async start(program: string, words: readonly string[] = []): Promise<Nats> {
    const [port = 0] = await freePorts(1)
    const nats = new Nats(program, port, words)
    await nats.start()
    return nats
  }

  /** Three servers, so that a stream may have a copy on each; by their names, n0 to n2. */
  static async three(program: string): Promise<Readonly<Record<string, Nats>>> {
    const ports = await freePorts(6)
    const routes = ports.splice(3).map((port) => `nats://127.0.0.1:${port}`)
    const servers = ports.map((port, n) => {
      const own = ['--server_name', `n${n}`, '--cluster_name', 'tests', '--cluster', routes[n]!]
      return new Nats(program, port, [...own, '--routes', routes.join(',')])
    })
    await Promise.all(servers.map((nats) => nats.start()))
    return Object.fromEntries(servers.map((nats, n) => [`n${n}`, nats]))
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const { folder, port } = this
    const given = { folder, port, env: ownEnvironment() }
    this.#server = await startNats(this.#program, given, this.#words)
  }

  /** SIGKILL: nothing more is flushed. */
  async kill(): Promise<void> {
    await killed(this.#server)
    this.#server = undefined
  }

  /** Resolves when it stands still: a signal is heard a moment later. */
  async pause(): Promise<void> {
    const { pid } = this.#server?.child ?? {}
    if (pid === undefined) return
    process.kill(pid, 'SIGSTOP')
    while (!/^\d+ \(.*\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) {
      await systemClock.sleep(5)
    }
  }

  goOn(): void {
    this.#server?.child.kill('SIGCONT')
  }

  async remove(): Promise<void> {
    this.goOn()
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
