/** Neo4j as deploy/install/neo4j.sh installs it: its folder made once, Bolt on loopback alone. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pinwheelError } from '../../base/index.ts'
import { boltProblem } from '../../graph/neo4j/index.ts'
import { answering, type Environment, type Program, startProgram, type Waiting } from './program.ts'
import type { ServerStart } from './servers.ts'

const ANSWERS_MS = 90_000
/** A checkpoint is part of its end. */
const ENDS_MS = 30_000
const HEAR_MS = 1_000

export async function greetNeo4j(port: number): Promise<boolean> {
  return (await boltProblem(new URL(`bolt://127.0.0.1:${port}`), HEAR_MS)) === undefined
}

/** The folder of a database with its settings; without a password anybody on loopback may ask. */
export async function makeNeo4jHome(
  programs: string,
  home: string,
  given: { readonly port: number; readonly password?: string; readonly env: Environment },
): Promise<void> {
  const isNew = !existsSync(join(home, 'data'))
  for (const folder of ['conf', 'logs', 'data', 'run', 'import']) {
    mkdirSync(join(home, folder), { recursive: true })
  }
  const { port, password, env } = given
  writeFileSync(join(home, 'conf/neo4j.conf'), configuration(port, password !== undefined))
  if (!isNew || password === undefined) return
  const words = ['dbms', 'set-initial-password', password]
  await neo4jAdmin(programs, home, words, env).catch((error: Error & { stderr?: string }) => {
    // Without the command line: the password is in it.
    const problems = (error.stderr ?? '').trim().replaceAll('\n', ' | ')
    const told = { name: 'neo4j-admin', reason: 'set no password', log: home, problems }
    throw pinwheelError('PROGRAM_FAILED', told)
  })
}

/** Runs `neo4j-admin`; the server must not run. */
export async function neo4jAdmin(
  programs: string,
  home: string,
  words: readonly string[],
  env: Environment,
): Promise<void> {
  const given = { env: { ...env, NEO4J_HOME: home }, cwd: home }
  await promisify(execFile)(join(programs, 'neo4j-admin'), words, given)
}

/** Resolves when Bolt answers. */
export function startNeo4j(
  programs: string,
  { port, folder, env, ...given }: ServerStart,
  waiting: Waiting = {},
): Promise<Program> {
  const started = startProgram(join(programs, 'neo4j'), [], {
    name: 'neo4j',
    ...given,
    folder,
    env: { ...env, NEO4J_HOME: folder },
    patienceMs: ENDS_MS,
  })
  return answering(started, () => greetNeo4j(port), { patienceMs: ANSWERS_MS, ...waiting })
}

function configuration(port: number, asksForPassword: boolean): string {
  return [
    'server.default_listen_address=127.0.0.1',
    'server.bolt.enabled=true',
    `server.bolt.listen_address=127.0.0.1:${port}`,
    `server.bolt.advertised_address=127.0.0.1:${port}`,
    'server.http.enabled=false',
    'server.https.enabled=false',
    `dbms.security.auth_enabled=${asksForPassword}`,
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
