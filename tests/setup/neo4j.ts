/**
 * A real Neo4j for tests: the installation's server on a free loopback port, with authentication,
 * in a folder of its own. `node tests/setup/neo4j.ts` starts one until Ctrl-C, to measure on.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNeo4j as find } from '../../serving/cluster/find.ts'
import { makeNeo4jHome, neo4jAdmin, startNeo4j } from '../../serving/cluster/neo4j.ts'
import { freePorts, killed, ownEnvironment, type Program } from './program.ts'

export const installHint = 'deploy/install/neo4j.sh installs it'
export const user = 'neo4j'
export const password = 'only-for-tests'

/** The folder with `neo4j` and `neo4j-admin` that the install script fills. */
export function findNeo4j(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return find(env)
}

/** A database folder; its server can be killed and started again, its files replaced. */
export class Neo4j {
  readonly home = mkdtempSync(join(tmpdir(), 'pinwheel-neo4j-'))
  readonly port: number
  readonly #programs: string
  #server: Program | undefined

  private constructor(programs: string, port: number) {
    this.#programs = programs
    this.port = port
  }

  static async create(programs: string): Promise<Neo4j> {
    const [port = 0] = await freePorts(1)
    const neo4j = new Neo4j(programs, port)
    await makeNeo4jHome(programs, neo4j.home, { port, password, env: ownEnvironment() })
    return neo4j
  }

  get url(): string {
    return `bolt://127.0.0.1:${this.port}`
  }

  /** Runs `neo4j-admin`; the server must not run. */
  async admin(words: readonly string[]): Promise<void> {
    await neo4jAdmin(this.#programs, this.home, words, ownEnvironment())
  }

  /** Resolves when Bolt answers. Java's first compiler alone starts sooner and ends slower. */
  async start(java: 'quick to start' | 'fast' = 'quick to start'): Promise<void> {
    const quick = { JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1' }
    const env = ownEnvironment(java === 'fast' ? {} : quick)
    const given = { folder: this.home, port: this.port, env, name: 'console' }
    this.#server = await startNeo4j(this.#programs, given)
  }

  /** SIGKILL: nothing is flushed, as when the power fails for this process alone. */
  async kill(): Promise<void> {
    await killed(this.#server)
    this.#server = undefined
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    this.#server = undefined
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.home, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const programs = findNeo4j()
  if (!programs) throw new Error(installHint)
  const neo4j = await Neo4j.create(programs)
  await neo4j.start('fast')
  console.log(`export PINWHEEL_NEO4J_URL=${neo4j.url} PINWHEEL_NEO4J_PASSWORD=${password}`)
  console.log(`export NEO4J_HOME=${neo4j.home} PATH=$PATH:${programs}`)
  process.once('SIGINT', () => void neo4j.remove())
}
