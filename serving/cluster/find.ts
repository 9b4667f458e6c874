/** Where the programs of a cluster are: in the project's cache, or the machine's own. */
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Environment } from './program.ts'

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const foldersOnPath = (env: Environment) => (env['PATH'] ?? '').split(delimiter)
const cacheOf = (env: Environment) =>
  env['PINWHEEL_CACHE'] ?? join(env['HOME'] ?? '', '.cache/pinwheel')

/** A program on the PATH. */
export function onPath(name: string, env: Environment): string | undefined {
  return foldersOnPath(env)
    .map((folder) => join(folder, name))
    .find(isProgram)
}

/** The folder with daprd and placement: the project's cache, Dapr's own folder or the PATH. */
export function findDapr(env: Environment): string | undefined {
  const own = join(env['HOME'] ?? '', '.dapr/bin')
  return [join(cacheOf(env), 'dapr/bin'), own, ...foldersOnPath(env)].find(
    (folder) => isProgram(join(folder, 'daprd')) && isProgram(join(folder, 'placement')),
  )
}

/** The server: the project's cache or the PATH. */
export function findNats(env: Environment): string | undefined {
  const cached = join(cacheOf(env), 'nats/bin/nats-server')
  return isProgram(cached) ? cached : onPath('nats-server', env)
}

const POSTGRES_MAJOR_MIN = 15

/** The folder with `initdb` and `postgres`, 15 or later: Debian's newest, or one on the PATH. */
export function findPostgres(env: Environment): string | undefined {
  return postgresFolders(env).find((folder) => isPostgres(folder, ['postgres', 'initdb']))
}

/** The folder with the programs that save and load, 15 or later; the server may be elsewhere. */
export function findPostgresClients(env: Environment): string | undefined {
  return postgresFolders(env).find((folder) =>
    isPostgres(folder, ['pg_dump', 'pg_restore', 'psql']),
  )
}

function postgresFolders(env: Environment): string[] {
  const numbered = (folder: string) => Number.parseFloat(folder.split('/').at(-2) ?? '')
  const debian = globSync('/usr/lib/postgresql/*/bin').sort((a, b) => numbered(b) - numbered(a))
  return [...debian, ...foldersOnPath(env)]
}

function isPostgres(folder: string, names: readonly string[]): boolean {
  const programs = names.map((name) => join(folder, name))
  if (!programs.every(isProgram)) return false
  const said = execFileSync(programs[0]!, ['--version'], { encoding: 'utf8' })
  return Number(/ (\d+)/.exec(said)?.[1]) >= POSTGRES_MAJOR_MIN
}

export function findRedis(env: Environment): string | undefined {
  return onPath('redis-server', env)
}

/** The folder with `neo4j` and `neo4j-admin` that the install script fills. */
export function findNeo4j(env: Environment): string | undefined {
  const programs = join(cacheOf(env), 'neo4j/bin')
  return existsSync(join(programs, 'neo4j')) ? programs : undefined
}
