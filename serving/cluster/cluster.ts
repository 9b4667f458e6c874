/** The local cluster: servers that are missing, then what dapr.yaml says; and all of it back. */
import { accessSync, constants } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeFolder, pinwheelError } from '../../base/index.ts'
import { checkPorts, type RunningApp, type RunningApps, startApps, startByCli } from './apps.ts'
import { type DaprEntry, readDaprFile } from './dapr-file.ts'
import { findDapr, onPath } from './find.ts'
import { type Environment, type Program, programFailed } from './program.ts'
import {
  defaultPostgres,
  defaultRedis,
  lookFor,
  type OptionalServer,
  type Server,
  serverNames,
  startServer,
} from './servers.ts'

export type ClusterOptions = {
  /** dapr.yaml */
  readonly file: string
  /** Files of servers, and logs. */
  readonly data: string
  readonly without: readonly OptionalServer[]
  readonly env: Environment
  readonly signal?: AbortSignal
  readonly onReady?: (line: ReadyLine) => void
  /** A program ended that nobody asked to; the rest goes on until `stop`. */
  readonly onEnded?: (program: Pick<Program, 'name' | 'log'>, how: string) => void
  /** `dapr run` where Dapr's CLI is on the PATH, else as it does; `own` never asks the CLI. */
  readonly by?: 'cli where it is' | 'own'
}

/** A process that is ready. */
export type ReadyLine = {
  readonly name: string
  readonly state: 'ready' | 'found' | 'elsewhere'
  readonly pid?: number
  readonly address: string
  readonly log?: string
}

export type Cluster = {
  readonly servers: readonly (Server & { readonly running?: Program })[]
  readonly apps: readonly RunningApp[]
  /** What sidecars have of it: `dapr run` needs the same. */
  readonly variables: Readonly<Record<string, string>>
  /** Everything that was started; nothing that was found. */
  stop(): Promise<void>
}

/**
 * Resolves when all are ready. FILE_UNREADABLE, DAPR_FILE_INVALID, DIRECTORY_UNWRITABLE,
 * PORT_TAKEN, PROGRAM_MISSING, PROGRAM_FAILED; the signal's reason when that aborts. Then nothing
 * is left.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { file, without, signal, onReady = () => {}, onEnded = () => {} } = options
  const isWithout = (name: string) => without.some((one) => one === name)
  const entries = readDaprFile(file).map((entry) => toldOf(entry, isWithout('scheduler')))
  const data = resolve(options.data)
  const logs = join(data, 'logs')
  await makeWritable(logs)
  const variables = variablesOf(options.env, isWithout('redis'))
  const env = { ...options.env, ...variables }
  const found: Server[] = []
  // What is wrong is said before anything is started.
  for (const name of serverNames) {
    if (!isWithout(name)) found.push(await lookFor(name, entries, env))
  }
  await checkPorts(entries)
  const programs = findDapr(env)
  if (programs === undefined) {
    throw pinwheelError('PROGRAM_MISSING', { name: 'Dapr', script: 'dapr.sh' })
  }
  const started: Program[] = []
  let apps: RunningApps | undefined
  let isStopping = false
  let isUp = false
  const ended: typeof onEnded = (program, how) => {
    if (isUp) onEnded(program, how)
    else failed.abort(programFailed(program, how))
  }
  const stop = async () => {
    isStopping = true
    await apps?.stop()
    await Promise.all(started.map((program) => program.stop()))
  }
  // One that fails ends the wait for the others.
  const failed = new AbortController()
  const waiting = { signal: AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]) }
  const bring = async (server: Server) => {
    if (server.state !== 'missing') {
      onReady(lineOf(server))
      return server
    }
    const running = await startServer(server, { data, env }, waiting)
    started.push(running)
    void running.ended.then((how) => {
      if (!isStopping) ended(running, how)
    })
    onReady(lineOf(server, running))
    return { ...server, running }
  }
  const bringAll = (servers: readonly Server[]) =>
    servers.map((server) =>
      bring(server).catch((error: unknown) => {
        failed.abort(error)
        throw error
      }),
    )
  // No app waits for Neo4j, which takes longest.
  const late = bringAll(found.filter(({ name }) => name === 'neo4j'))
  const soon = bringAll(found.filter(({ name }) => name !== 'neo4j'))
  try {
    await Promise.all(soon)
    const cli = options.by === 'own' || isWithout('scheduler') ? undefined : onPath('dapr', env)
    const given = {
      ...{ programs, file, entries, folder: logs, env, onEnded: ended },
      ...waiting,
      onReady: (app: RunningApp) => appLines(app).forEach(onReady),
    }
    apps = cli === undefined ? await startApps(given) : await startByCli(cli, given)
    if (apps.cli) onReady(cliLine(apps.cli))
    const servers = await Promise.all([...soon, ...late])
    waiting.signal.throwIfAborted()
    isUp = true
    return { servers, apps: apps.apps, variables, stop }
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled([...soon, ...late])
    await stop()
    throw error
  }
}

/** A sidecar that is told of a scheduler waits for it. */
function toldOf(entry: DaprEntry, isWithoutScheduler: boolean): DaprEntry {
  if (!isWithoutScheduler) return entry
  const { schedulerHostAddress: _, ...others } = entry
  return others as unknown as DaprEntry
}

/** What components take from the environment, of sidecars as of whoever types `dapr run`. */
function variablesOf(env: Environment, isWithoutRedis: boolean): Readonly<Record<string, string>> {
  const postgres = env['PINWHEEL_POSTGRES'] || defaultPostgres
  if (isWithoutRedis) return { PINWHEEL_POSTGRES: postgres }
  return { PINWHEEL_POSTGRES: postgres, PINWHEEL_REDIS: env['PINWHEEL_REDIS'] || defaultRedis }
}

async function makeWritable(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    accessSync(folder, constants.W_OK)
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'no folder'
    throw pinwheelError('DIRECTORY_UNWRITABLE', { directory: folder, reason })
  }
}

function lineOf({ name, state, place, pid }: Server, running?: Program): ReadyLine {
  const address = `${place.host}:${place.port}`
  if (running === undefined) {
    const is = state === 'elsewhere' ? 'elsewhere' : 'found'
    return { name, state: is, address, ...(pid !== undefined && { pid }) }
  }
  return { name, state: 'ready', address, ...processOf(running) }
}

function appLines({ name, entry, httpPort, app, sidecar }: RunningApp): ReadyLine[] {
  const state = 'ready' as const
  const line = (of: string, port: unknown, program: Program | undefined) => {
    return { name: of, state, address: `127.0.0.1:${port}`, ...(program && processOf(program)) }
  }
  return [line(`${name}.daprd`, httpPort, sidecar), line(name, entry['appPort'], app)]
}

function cliLine(cli: Program): ReadyLine {
  return { name: 'dapr', state: 'ready', address: 'dapr run -f', ...processOf(cli) }
}

function processOf({ child, log }: Program) {
  return { ...(child.pid !== undefined && { pid: child.pid }), log }
}
