/**
 * A real Redis for tests: on a free loopback port, in a folder of its own, with an append-only file
 * that is flushed at every write; or without one, so that after a death it has what it saved last.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRedis as find } from '../../serving/cluster/find.ts'
import { greetRedis, startRedis } from '../../serving/cluster/redis.ts'
import {
  freePorts,
  greets,
  killed,
  ownEnvironment,
  type Program,
  startProgram,
  untilAnswers,
} from './program.ts'

export const installHint = 'deploy/install/redis.sh installs it'

export function findRedis(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return find(env)
}

export class Redis {
  readonly folder = mkdtempSync(join(tmpdir(), 'pinwheel-redis-'))
  readonly port: number
  readonly #program: string
  readonly #forgets: boolean
  #server: Program | undefined

  private constructor(program: string, port: number, forgets: boolean) {
    this.#program = program
    this.port = port
    this.#forgets = forgets
  }

  /** Resolves when it answers. */
  static async start(program: string, { forgets = false } = {}): Promise<Redis> {
    const [port = 0] = await freePorts(1)
    const redis = new Redis(program, port, forgets)
    await redis.start()
    return redis
  }

  /** host:port */
  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const { folder, port } = this
    if (!this.#forgets) {
      this.#server = await startRedis(this.#program, { folder, port, env: ownEnvironment() })
      return
    }
    const words = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '']
    this.#server = startProgram(this.#program, words, { name: 'redis', folder })
    await untilAnswers(this.#server, 'redis', () => greetRedis(port))
  }

  /** Writes all it has to its file, which it begins with. */
  async save(): Promise<void> {
    const isSaved = await greets(this.port, {
      say: 'SAVE\r\n',
      hears: (said) => said.startsWith('+OK'),
    })
    if (!isSaved) throw new Error('Redis did not save')
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await killed(this.#server)
    this.#server = undefined
  }

  async remove(): Promise<void> {
    await this.#server?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
