/**
 * A real Redis for tests: on a free loopback port, in a folder of its own, with an append-only file
 * that is flushed at every write.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRedis as find } from '../../serving/cluster/find.ts'
import { startRedis } from '../../serving/cluster/redis.ts'
import { freePorts, ownEnvironment, type Program } from './program.ts'

export const installHint = 'deploy/install/redis.sh installs it'

export function findRedis(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return find(env)
}

export class Redis {
  readonly folder: string
  readonly port: number
  readonly #server: Program

  private constructor(folder: string, port: number, server: Program) {
    this.folder = folder
    this.port = port
    this.#server = server
  }

  /** Resolves when it answers. */
  static async start(program: string): Promise<Redis> {
    const folder = mkdtempSync(join(tmpdir(), 'pinwheel-redis-'))
    const [port = 0] = await freePorts(1)
    return new Redis(
      folder,
      port,
      await startRedis(program, { folder, port, env: ownEnvironment() }),
    )
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
