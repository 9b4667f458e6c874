/** Sidecars and apps of dapr.yaml, started as `dapr run -f` starts them, or by it. */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pinwheelError, systemClock } from '../../base/index.ts'
import { answersWell, sidecarAnswers } from './control-plane.ts'
import type { DaprEntry } from './dapr-file.ts'
import { appLaunch, drawnPorts, sidecarLaunch, withDrawnPorts } from './dapr-launch.ts'
import { freePorts, isOpen } from './ports.ts'
import {
  type Environment,
  type Program,
  startProgram,
  untilAnswers,
  type Waiting,
} from './program.ts'
import { portTaken } from './servers.ts'

export type AppStart = {
  /** Where daprd is. */
  readonly programs: string
  readonly file: string
  readonly entries: readonly DaprEntry[]
  /** Of logs. */
  readonly folder: string
  /** What `dapr run` would hand on; sidecars have no other. */
  readonly env: Environment
  readonly signal?: AbortSignal
  /** A program ended that nobody asked to. */
  readonly onEnded: (program: Pick<Program, 'name' | 'log'>, how: string) => void
  readonly onReady: (app: RunningApp) => void
}

export type RunningApp = {
  /** Of the app and its number among those of its id. */
  readonly name: string
  readonly entry: DaprEntry
  readonly httpPort: number
  /** Nobody knows them where the CLI has started them. */
  readonly app?: Program
  readonly sidecar?: Program
}
/** By our own hand: with its two programs. */
export type OwnApp = RunningApp & { readonly app: Program; readonly sidecar: Program }

export type RunningApps<App extends RunningApp = RunningApp> = {
  readonly apps: readonly App[]
  /** `dapr run`, where that has them. */
  readonly cli?: Program
  stop(): Promise<void>
}

/** Those that `dapr run` would call taken: PORT_TAKEN. */
export async function checkPorts(entries: readonly DaprEntry[]): Promise<void> {
  for (const entry of entries) {
    for (const key of ['appPort', ...drawnPorts]) {
      const port = Number(entry[key] ?? 0)
      if (port > 0 && (await isOpen(port)))
        throw portTaken(port, entry.appID, `${key} in dapr.yaml`)
    }
  }
}

/** Resolves when every sidecar answers and can call its app; one that cannot ends them all. */
export async function startApps(start: AppStart): Promise<RunningApps<OwnApp>> {
  const { folder, env, programs, signal, onEnded, onReady } = start
  const names = namesOf(start.entries)
  const sidecars: Program[] = []
  const apps: Program[] = []
  let isStopping = false
  const stop = async () => {
    isStopping = true
    // As the CLI does: a sidecar tells placement that it goes.
    await Promise.all(sidecars.map((program) => program.stop()))
    await Promise.all(apps.map((program) => program.stop()))
  }
  const watch = (program: Program) => {
    void program.ended.then((how) => {
      if (!isStopping) onEnded(program, how)
    })
    return program
  }
  try {
    const waiting = { patienceMs: READY_MS, signal, token: env['DAPR_API_TOKEN'] }
    const drawn = await freePorts(drawnPorts.length * names.length)
    const own = start.entries.map((said, i): OwnApp => {
      const entry = withDrawnPorts(said, drawn.slice(drawnPorts.length * i))
      const name = names[i]!
      const given = { folder, apart: true }
      const daprd = sidecarLaunch(entry, env)
      const program = join(programs, 'daprd')
      const sidecar = startProgram(program, daprd.arguments, {
        ...{ ...given, name: `${name}.daprd` },
        ...{ env: daprd.env, cwd: daprd.cwd },
      })
      sidecars.push(watch(sidecar))
      const launch = appLaunch(entry, env)
      // The Node that runs this, which the project may have brought, and not an older one.
      const path = launch.program === 'node' ? process.execPath : launch.program
      const app = startProgram(path, launch.arguments, {
        ...{ ...given, name },
        ...{ env: launch.env, cwd: launch.cwd },
      })
      apps.push(watch(app))
      return { name, entry, httpPort: Number(entry['daprHTTPPort']), app, sidecar }
    })
    await Promise.all(
      own.map(async (one) => {
        await sidecarAnswers(one.httpPort, one.sidecar, waiting)
        await apiAnswers(one, waiting)
        onReady(one)
      }),
    )
    return { apps: own, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** An API is ready when a ranker has told it what there is. */
async function apiAnswers({ entry, app }: OwnApp, waiting: Waiting): Promise<void> {
  if (!entry.command.includes('serve')) return
  const url = `http://127.0.0.1:${entry['appPort']}/readyz`
  await untilAnswers(app, url, () => answersWell(url), waiting)
}

/** Six hosts start at once on a machine that may have two cores. */
const READY_MS = 120_000
const LOOK_MS = 2_000

/** The same by `dapr run -f`, whose own end ends all. Every entry must say its ports. */
export async function startByCli(cli: string, start: AppStart): Promise<RunningApps> {
  const { folder, file, env, programs, signal, onEnded, onReady } = start
  const problems = start.entries.flatMap(({ appID, ...entry }) =>
    entry['daprHTTPPort'] ? [] : [`${appID} has no daprHTTPPort.`],
  )
  if (problems.length > 0) {
    throw pinwheelError('DAPR_FILE_INVALID', { file, problems: problems.join(' ') })
  }
  const dapr = startProgram(cli, ['run', '-f', file], {
    ...{ folder, name: 'dapr', cwd: process.cwd(), apart: true },
    env: { ...env, DAPR_RUNTIME_PATH: env['DAPR_RUNTIME_PATH'] ?? runtimeOf(programs, folder) },
  })
  let isStopping = false
  const told = (how: string) => {
    if (!isStopping) onEnded(dapr, how)
    isStopping = true
  }
  void dapr.ended.then(told)
  const names = namesOf(start.entries)
  const apps = start.entries.map((entry, i) => {
    return { name: names[i]!, entry, httpPort: Number(entry['daprHTTPPort']) }
  })
  let endWatch = () => {}
  const stop = async () => {
    isStopping = true
    endWatch()
    await dapr.stop()
  }
  try {
    const waiting = { patienceMs: READY_MS, signal, token: env['DAPR_API_TOKEN'] }
    for (const app of apps) {
      await sidecarAnswers(app.httpPort, dapr, waiting)
      onReady(app)
    }
    // It goes on when one of its programs ends.
    endWatch = systemClock.every(LOOK_MS, () => {
      for (const { name, httpPort } of apps) {
        void answersWell(`http://127.0.0.1:${httpPort}/v1.0/healthz`).then(async (isWell) => {
          if (!isWell && !(await isOpen(httpPort))) told(`has lost the sidecar of ${name}`)
        })
      }
    })
    return { apps, cli: dapr, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The CLI looks for daprd below a folder `.dapr`. */
function runtimeOf(programs: string, folder: string): string {
  const dapr = join(folder, '.dapr')
  mkdirSync(dapr, { recursive: true })
  if (!existsSync(join(dapr, 'bin'))) symlinkSync(programs, join(dapr, 'bin'))
  return folder
}

function namesOf(entries: readonly DaprEntry[]): string[] {
  const counts = new Map<string, number>()
  return entries.map(({ appID }) => {
    const count = (counts.get(appID) ?? 0) + 1
    counts.set(appID, count)
    return `${appID}-${count}`
  })
}
