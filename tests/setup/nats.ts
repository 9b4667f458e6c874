/**
 * A real NATS server with JetStream for tests: on a free loopback port, in a folder of its own. It
 * can be killed, paused and started again over the same files.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { systemClock } from '../../base/index.ts'
import { freePorts, isProgram, type Program, startProgram, tailOf } from './dapr.ts'

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
    const until = systemClock.monotonic() + 20_000
    while (!(await greets(port))) {
      const { child, log } = this.#server
      if (child.exitCode !== null || systemClock.monotonic() > until) {
        throw new Error(`NATS does not answer (exit code ${child.exitCode}):\n${tailOf(log)}`)
      }
      await systemClock.sleep(20)
    }
  }

  /** SIGKILL: nothing more is flushed. */
  async kill(): Promise<void> {
    const child = this.#server?.child
    if (!child || child.exitCode !== null) return
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await ended
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

/** Whether the server says INFO to whoever connects. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 })
    const end = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.once('data', (bytes) => end(bytes.toString().startsWith('INFO')))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}
