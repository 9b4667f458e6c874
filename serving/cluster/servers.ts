/** The servers of a cluster: where each listens, found by its greeting or started. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'
import { greetPlacement, greetScheduler, startPlacement, startScheduler } from './control-plane.ts'
import type { DaprEntry } from './dapr-file.ts'
import { findDapr, findNats, findNeo4j, findPostgres, findRedis, isProgram } from './find.ts'
import { greetNats, startNats } from './nats.ts'
import { greetNeo4j, makeNeo4jHome, startNeo4j } from './neo4j.ts'
import { connectionOf, isHere, type Place, placeOf } from './places.ts'
import { isOpen, ownerOf } from './ports.ts'
import { greetPostgres, makePostgresFiles, startPostgres } from './postgres.ts'
import type { Environment, Program, Waiting } from './program.ts'
import { greetRedis, startRedis } from './redis.ts'

/** What a server is started with; its files and its log lie in `folder`. */
export type ServerStart = {
  readonly port: number
  readonly folder: string
  readonly env: Environment
  /** Of its log; else its own. */
  readonly name?: string
  readonly apart?: boolean
}

export const serverNames = ['placement', 'scheduler', 'nats', 'postgres', 'redis', 'neo4j'] as const
export type ServerName = (typeof serverNames)[number]
/** Those that actors can do without. */
export const optionalServers = ['neo4j', 'redis', 'scheduler'] as const satisfies ServerName[]
export type OptionalServer = (typeof optionalServers)[number]

export const defaultPostgres =
  'host=127.0.0.1 port=5432 user=pinwheel dbname=pinwheel sslmode=disable'
export const defaultRedis = '127.0.0.1:6379'

type Kind = {
  readonly title: string
  /** In deploy/install. */
  readonly script: string
  /** What says where it listens. */
  readonly where: string
  readonly place: (entries: readonly DaprEntry[], env: Environment) => Place
  readonly find: (env: Environment) => string | undefined
  readonly greet: (port: number) => Promise<boolean>
  readonly start: (found: string, given: ServerStart, waiting: Waiting) => Promise<Program>
}

/** The first that an entry says; hosts of one cluster say the same. */
const said = (entries: readonly DaprEntry[], key: string) =>
  entries.map((entry) => entry[key]).find((value) => value !== undefined)

export const serverKinds: Readonly<Record<ServerName, Kind>> = {
  placement: {
    title: 'Dapr placement',
    script: 'dapr.sh',
    where: 'placementHostAddress in dapr.yaml',
    place: (entries) => placeOf(said(entries, 'placementHostAddress'), 50005),
    find: findDapr,
    greet: greetPlacement,
    start: startPlacement,
  },
  scheduler: {
    title: 'Dapr scheduler',
    script: 'dapr.sh',
    where: 'schedulerHostAddress in dapr.yaml',
    place: (entries) => placeOf(said(entries, 'schedulerHostAddress'), 50006),
    find: (env) => {
      const folder = findDapr(env)
      return folder !== undefined && isProgram(join(folder, 'scheduler')) ? folder : undefined
    },
    greet: greetScheduler,
    start: startScheduler,
  },
  nats: {
    title: 'NATS with JetStream',
    script: 'nats.sh',
    where: 'PINWHEEL_NATS_URL in dapr.yaml',
    place: (entries, env) => {
      const given = entries.map((entry) => entry.env['PINWHEEL_NATS_URL']).find(Boolean)
      return placeOf(given ?? env['PINWHEEL_NATS_URL'], 4222)
    },
    find: findNats,
    greet: greetNats,
    start: (found, given, waiting) => {
      // What is acknowledged is on the disk.
      const settings = join(given.folder, 'nats.conf')
      writeFileSync(settings, 'jetstream: {\n  sync_interval: always\n}\n')
      return startNats(found, given, ['--config', settings], waiting)
    },
  },
  postgres: {
    title: 'PostgreSQL',
    script: 'postgresql.sh',
    where: 'PINWHEEL_POSTGRES',
    place: (_, env) => connectionOf(env['PINWHEEL_POSTGRES'] || defaultPostgres),
    find: findPostgres,
    greet: greetPostgres,
    start: async (found, given, waiting) => {
      const names = connectionOf(given.env['PINWHEEL_POSTGRES'] || defaultPostgres)
      await makePostgresFiles(found, given.folder, names, given.env)
      return startPostgres(found, given, waiting)
    },
  },
  redis: {
    title: 'Redis',
    script: 'redis.sh',
    where: 'PINWHEEL_REDIS',
    place: (_, env) => placeOf(env['PINWHEEL_REDIS'], 6379),
    find: findRedis,
    greet: greetRedis,
    start: startRedis,
  },
  neo4j: {
    title: 'Neo4j',
    script: 'neo4j.sh',
    where: 'PINWHEEL_NEO4J_URL',
    place: (_, env) => placeOf(env['PINWHEEL_NEO4J_URL'], 7687),
    find: findNeo4j,
    greet: greetNeo4j,
    start: async (found, given, waiting) => {
      const { port, env, folder } = given
      const password = env['PINWHEEL_NEO4J_PASSWORD']
      const told = { port, env, ...(password !== undefined && { password }) }
      await makeNeo4jHome(found, folder, told)
      return startNeo4j(found, given, waiting)
    },
  },
}

export type Server = {
  readonly name: ServerName
  readonly title: string
  readonly place: Place
  /** On another machine, on this one before we came, or to be started. */
  readonly state: 'elsewhere' | 'found' | 'missing'
  readonly pid?: number
  /** Its program, where it is missing. */
  readonly program?: string
}

/** Looks for one. PORT_TAKEN, PROGRAM_MISSING. */
export async function lookFor(
  name: ServerName,
  entries: readonly DaprEntry[],
  env: Environment,
): Promise<Server> {
  const kind = serverKinds[name]
  const { title } = kind
  const place = kind.place(entries, env)
  if (!isHere(place)) return { name, title, place, state: 'elsewhere' }
  const { port } = place
  if (await isOpen(port)) {
    if (!(await kind.greet(port))) throw portTaken(port, title, kind.where)
    const pid = ownerOf(port)?.pid
    return { name, title, place, state: 'found', ...(pid !== undefined && { pid }) }
  }
  const program = kind.find(env)
  if (program === undefined) {
    throw pinwheelError('PROGRAM_MISSING', { name: title, script: kind.script })
  }
  return { name, title, place, state: 'missing', program }
}

/** Starts one that is missing, in a folder of its own under `data`. */
export function startServer(
  { name, place, program = '' }: Server,
  { data, env }: { readonly data: string; readonly env: Environment },
  waiting: Waiting,
): Promise<Program> {
  const folder = join(data, name)
  mkdirSync(folder, { recursive: true })
  return serverKinds[name].start(program, { port: place.port, folder, env, apart: true }, waiting)
}

export function portTaken(port: number, name: string, where: string) {
  const owner = ownerOf(port)
  const program = owner ? `process ${owner.pid} (${owner.words})` : 'another user’s program'
  return pinwheelError('PORT_TAKEN', { port, name, program, where })
}
