/**
 * What `dapr run -f dapr.yaml` starts, started without the Dapr command: placement, and for each
 * entry a sidecar and its application with the arguments and environment that Dapr's CLI 1.18 gives
 * them. Ports and the data directory of the file are replaced by free ones, wherever they stand.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { sidecarAnswers, startPlacement } from './dapr.ts'
import { freePorts, type Program, startProgram } from './program.ts'

/** Keys of an entry that the CLI turns into a flag of daprd. */
const flags: Readonly<Record<string, string>> = {
  appID: 'app-id',
  appPort: 'app-port',
  appHealthCheckPath: 'app-health-check-path',
  appHealthProbeInterval: 'app-health-probe-interval',
  appHealthProbeTimeout: 'app-health-probe-timeout',
  appHealthThreshold: 'app-health-threshold',
  enableAppHealthCheck: 'enable-app-health-check',
  daprHTTPPort: 'dapr-http-port',
  daprGRPCPort: 'dapr-grpc-port',
  metricsPort: 'metrics-port',
  maxBodySize: 'max-body-size',
  configFilePath: 'config',
  resourcesPaths: 'resources-path',
}
/** Those that it uses itself. */
const ours = ['appDirPath', 'command']

export type DaprEntry = Readonly<Record<string, unknown>> & {
  readonly appDirPath: string
  readonly command: readonly string[]
}

/** The entries, each with what is common to all. Throws on a key that the CLI would pass over. */
export function readDaprYaml(text: string): DaprEntry[] {
  const { version, common, apps, ...others } = parse(text) as {
    version: unknown
    common: Record<string, unknown>
    apps: Record<string, unknown>[]
  } & Record<string, unknown>
  if (version !== 1) throw new Error(`version is ${version}; Dapr knows 1`)
  const entries = apps.map((app) => ({ ...common, ...app }) as unknown as DaprEntry)
  const keys = [...Object.keys(others), ...entries.flatMap((entry) => Object.keys(entry))]
  const unknown = keys.filter((key) => !(key in flags) && !ours.includes(key))
  if (unknown.length > 0) throw new Error(`dapr.yaml has unknown keys: ${unknown.join(', ')}`)
  return entries
}

export type DaprRun = {
  /** Of each entry: its sidecar's port, and its two programs. */
  readonly apps: readonly {
    readonly httpPort: number
    readonly app: Program
    readonly sidecar: Program
  }[]
  stop(): Promise<void>
}

export type DaprRunOptions = {
  /** Where daprd and placement are. */
  readonly programs: string
  /** For logs, and the sidecars' working directory: the state lies there. */
  readonly folder: string
  /** Takes the place of ./data. */
  readonly data: string
}

export async function runDaprYaml({ programs, folder, data }: DaprRunOptions): Promise<DaprRun> {
  const text = readFileSync('dapr.yaml', 'utf8')
  const entries = readDaprYaml(await withFreePorts(text.replaceAll('./data', data)))
  const started: Program[] = []
  const stop = async () => {
    for (const program of started.reverse()) await program.stop()
  }
  try {
    const placement = await startPlacement(programs, folder)
    started.push(placement.program)
    const internal = await freePorts(entries.length)
    const apps = entries.map((entry, i) => {
      const ports = { placement: placement.port, internal: internal[i]! }
      const sidecar = startSidecar(entry, { programs, folder, ...ports, i })
      const app = startApp(entry, folder, i)
      // Ended in reverse: sidecars first, as the CLI does.
      started.push(app, sidecar)
      return { httpPort: Number(entry['daprHTTPPort']), app, sidecar }
    })
    for (const { httpPort, sidecar } of apps) await sidecarAnswers(httpPort, [sidecar])
    return { apps, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function withFreePorts(text: string): Promise<string> {
  const known = [...new Set([...text.matchAll(/Port: (\d+)/gi)].map((found) => found[1]!))]
  const free = await freePorts(known.length)
  return known.reduce((now, port, i) => now.replaceAll(port, String(free[i])), text)
}

function startSidecar(
  entry: DaprEntry,
  at: {
    readonly programs: string
    readonly folder: string
    readonly placement: number
    readonly internal: number
    readonly i: number
  },
): Program {
  const args = [
    ...['--app-protocol', 'http', '--app-max-concurrency', '-1', '--profile-port', '-1'],
    ...['--placement-host-address', `127.0.0.1:${at.placement}`],
    // Drawn anew at each run, as the CLI does.
    ...['--dapr-internal-grpc-port', `${at.internal}`, '--dapr-graceful-shutdown-seconds', '1'],
    // What dapr.yaml has no key for: the CLI listens on every address.
    ...['--dapr-listen-addresses', '127.0.0.1', '--metrics-listen-address', '127.0.0.1'],
    ...['--dapr-internal-grpc-listen-address', '127.0.0.1'],
  ]
  for (const [key, flag] of Object.entries(flags)) {
    const value = entry[key]
    if (value === undefined) continue
    const isPath = key === 'configFilePath' || key === 'resourcesPaths'
    for (const one of [value].flat()) {
      const text = isPath ? resolve(entry.appDirPath, String(one)) : String(one)
      args.push(...(one === true ? [`--${flag}`] : [`--${flag}`, text]))
    }
  }
  const { folder, i } = at
  return startProgram(join(at.programs, 'daprd'), args, { folder, name: `daprd-${i}` })
}

function startApp(entry: DaprEntry, folder: string, i: number): Program {
  const [program = '', ...args] = entry.command
  const env = {
    APP_ID: String(entry['appID']),
    APP_PORT: String(entry['appPort']),
    APP_PROTOCOL: 'http',
    DAPR_HTTP_PORT: String(entry['daprHTTPPort']),
    DAPR_GRPC_PORT: String(entry['daprGRPCPort']),
    DAPR_METRICS_PORT: String(entry['metricsPort']),
  }
  const path = program === 'node' ? process.execPath : program
  return startProgram(path, args, {
    folder,
    name: `app-${i}`,
    cwd: resolve(entry.appDirPath),
    env,
  })
}
