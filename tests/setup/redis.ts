/**
 * A real Redis for tests: on a free loopback port, in a folder of its own, with an append-only file
 * that is flushed at every write.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import {
  freePorts,
  greets,
  isProgram,
  type Program,
  startProgram,
  untilAnswers,
} from './program.ts'

export const installHint = 'deploy/install/redis.sh installs it'

export function findRedis(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'redis-server')).find(isProgram)
}

export class Redis {
  readonly folder = mkdtempSync(join(tmpdir(), 'pinwheel-redis-'))
  readonly port: number
  readonly #server: Program

  private constructor(program: string, port: number) {
    this.port = port
    const words = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', this.folder, '--save', '']
    const kept = ['--appendonly', 'yes', '--appendfsync', 'always']
    this.#server = startProgram(program, [...words, ...kept], {
      folder: this.folder,
      name: 'redis',
    })
  }

  /** Resolves when it answers. */
  static async start(program: string): Promise<Redis> {
    const [port = 0] = await freePorts(1)
    const redis = new Redis(program, port)
    const hears = (said: string) => said.startsWith('+PONG')
    await untilAnswers(redis.#server, 'Redis', () => greets(port, { say: 'PING\r\n', hears }))
    return redis
  }

  /** host:port */
  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  async remove(): Promise<void> {
    await this.#server.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
