/**
 * A real NATS server with JetStream for tests: on a free loopback port, in a folder of its own. It
 * can be killed, paused and started again over the same files.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import {
  freePorts,
  greets,
  isProgram,
  killed,
  type Program,
  startProgram,
  untilAnswers,
} from './program.ts'

export const installHint = 'deploy/install/nats.sh installs it'

/** The server: the project's cache or the PATH. */
export function findNats(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const cache = env['PINWHEEL_CACHE'] ?? join(env['HOME'] ?? '', '.cache/pinwheel')
  const path = (env['PATH'] ?? '').split(delimiter)
  const folders = [join(cache, 'nats/bin'), ...path]
  return folders.map((folder) => join(folder, 'nats-server')).find(isProgram)
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

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const { folder, port } = this
    const store = ['--jetstream', '--store_dir', join(folder, 'store')]
    const words = ['--addr', '127.0.0.1', '--port', `${port}`, ...store, ...this.#words]
    this.#server = startProgram(this.#program, words, { folder, name: 'nats' })
    const hears = (said: string) => said.startsWith('INFO')
    await untilAnswers(this.#server, 'NATS', () => greets(port, { hears }))
  }

  /** SIGKILL: nothing more is flushed. */
  async kill(): Promise<void> {
    await killed(this.#server)
    this.#server = undefined
  }

  pause(): void {
    this.#server?.child.kill('SIGSTOP')
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
