/**
 * A real Neo4j for tests: the installation's server on a free loopback port, with authentication,
 * in a folder of its own. `node tests/setup/neo4j.ts` starts one until Ctrl-C, to measure on.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { boltProblem } from '../../graph/neo4j/index.ts'
import { freePorts, killed, type Program, startProgram, untilAnswers } from './program.ts'

export const installHint = 'deploy/install/neo4j.sh installs it'
export const user = 'neo4j'
export const password = 'only-for-tests'

/** The folder with `neo4j` and `neo4j-admin` that the install script fills. */
export function findNeo4j(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const cache = env['PINWHEEL_CACHE'] ?? join(env['HOME'] ?? '', '.cache/pinwheel')
  const programs = join(cache, 'neo4j/bin')
  return existsSync(join(programs, 'neo4j')) ? programs : undefined
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
    for (const folder of ['conf', 'logs', 'data', 'run', 'import']) {
      mkdirSync(join(neo4j.home, folder))
    }
    writeFileSync(join(neo4j.home, 'conf/neo4j.conf'), configuration(port))
    await neo4j.admin(['dbms', 'set-initial-password', password])
    return neo4j
  }

  get url(): string {
    return `bolt://127.0.0.1:${this.port}`
  }

  /** Runs `neo4j-admin`; the server must not run. */
  async admin(words: readonly string[]): Promise<void> {
    const env = { ...process.env, NEO4J_HOME: this.home }
    await promisify(execFile)(join(this.#programs, 'neo4j-admin'), words, { env, cwd: this.home })
  }

  /** Resolves when Bolt answers. Java's first compiler alone starts sooner and ends slower. */
  async start(java: 'quick to start' | 'fast' = 'quick to start'): Promise<void> {
    const quick = { JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1' }
    const env = { NEO4J_HOME: this.home, ...(java === 'fast' ? {} : quick) }
    const path = join(this.#programs, 'neo4j')
    this.#server = startProgram(path, [], { folder: this.home, name: 'console', env })
    const isReady = async () => (await boltProblem(new URL(this.url), 1_000)) === undefined
    await untilAnswers(this.#server, 'Neo4j', isReady, 90_000)
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

function configuration(port: number): string {
  return [
    'server.default_listen_address=127.0.0.1',
    'server.bolt.enabled=true',
    `server.bolt.listen_address=127.0.0.1:${port}`,
    `server.bolt.advertised_address=127.0.0.1:${port}`,
    'server.http.enabled=false',
    'server.https.enabled=false',
    'dbms.security.auth_enabled=true',
    'server.memory.pagecache.size=256m',
    'dbms.usage_report.enabled=false',
    'client.allow_telemetry=false',
    'db.tx_log.rotation.retention_policy=keep_none',
    'db.tx_log.preallocate=false',
    // A killed server reads what came since the last checkpoint, 15 min by default.
    'db.checkpoint.interval.time=1m',
    '',
  ].join('\n')
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
