/**
 * A real Redis for tests: on a free loopback port, in a folder of its own, with an append-only file
 * that is flushed at every write.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { systemClock } from '../../base/index.ts'
import { freePorts, isProgram, type Program, startProgram, tailOf } from './dapr.ts'

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
    const until = systemClock.monotonic() + 20_000
    while (!(await answers(port))) {
      const { child, log } = redis.#server
      if (child.exitCode !== null || systemClock.monotonic() > until) {
        throw new Error(`Redis does not answer (exit code ${child.exitCode}):\n${tailOf(log)}`)
      }
      await systemClock.sleep(20)
    }
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

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 })
    const end = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (bytes) => end(bytes.toString().startsWith('+PONG')))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}
