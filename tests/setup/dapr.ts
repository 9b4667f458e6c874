/**
 * A real Dapr for tests: placement and a sidecar from the installation, on free loopback ports, in
 * a folder of their own. No scheduler: only reminders need it, and no actor of Pinwheel has one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  startPlacement as placementOn,
  sidecarAnswers as waitFor,
} from '../../serving/cluster/control-plane.ts'
import { findDapr as find } from '../../serving/cluster/find.ts'
import { freePorts, ownEnvironment, type Program, startProgram } from './program.ts'

export const installHint = 'deploy/install/dapr.sh installs it'

/** The folder with daprd and placement: the project's cache, Dapr's own folder or the PATH. */
export function findDapr(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return find(env)
}

export const oneMachine = ['components/one-machine', 'components/policies']
export const clustered = ['components/cluster', 'components/policies']

export type DaprOptions = {
  /** Where daprd and placement are. */
  readonly programs: string
  /** The port of the application's actor routes. */
  readonly appPort: number
  readonly appId?: string
  /** Where the application says that it lives. */
  readonly healthPath?: string
  /** Where the sidecar listens; else a free port. */
  readonly httpPort?: number
  /** Kept by the caller, so that a second start finds the same state; else a temporary one. */
  readonly folder?: string
  /** Folders of components; else those of one machine. */
  readonly components?: readonly string[]
  /** What components take from the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** The placement of an earlier start, for a second replica; else one is started. */
  readonly placementPort?: number
}

export type Dapr = {
  readonly httpPort: number
  readonly placementPort: number
  /** SIGKILL of the sidecar; `stop` ends the rest. */
  kill(): void
  stop(): Promise<void>
}

/** Resolves when the sidecar answers and the application's actors can be called. */
export async function startDapr(options: DaprOptions): Promise<Dapr> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'pinwheel-dapr-'))
  const started: Program[] = []
  const stop = async () => {
    // The sidecar first: it tells placement that it goes.
    for (const program of started.reverse()) await program.stop()
    if (!options.folder) rmSync(folder, { recursive: true, force: true })
  }
  try {
    let placement = options.placementPort
    if (placement === undefined) {
      const own = await startPlacement(options.programs, folder)
      started.push(own.program)
      placement = own.port
    }
    const [free, ...others] = await freePorts(3)
    const http = options.httpPort ?? free!
    const args = daprdArguments(options, { http, placement, others })
    const { env = {} } = options
    const given = { folder, name: 'daprd', env }
    started.push(startProgram(join(options.programs, 'daprd'), args, given))
    await sidecarAnswers(http, started, env['DAPR_API_TOKEN'])
    const kill = () => void started.at(-1)?.child.kill('SIGKILL')
    return { httpPort: http, placementPort: placement, kill, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Placement on a free port, once it answers. */
export async function startPlacement(
  programs: string,
  folder: string,
): Promise<{ readonly program: Program; readonly port: number }> {
  const [port = 0] = await freePorts(1)
  const program = await placementOn(programs, { port, folder, env: ownEnvironment() })
  return { program, port }
}

/** Resolves when a sidecar answers and its application's actors can be called. */
export async function sidecarAnswers(
  port: number,
  programs: readonly Program[],
  token?: string,
): Promise<void> {
  await waitFor(port, programs.at(-1)!, { token })
}

export function daprdArguments(
  { appId = 'pinwheel', appPort, healthPath = '/healthz', components = oneMachine }: DaprOptions,
  ports: { readonly http: number; readonly placement: number; readonly others: readonly number[] },
): string[] {
  const [grpc, internal] = ports.others
  return [
    ...['--app-id', appId, '--app-port', `${appPort}`, '--app-protocol', 'http'],
    ...['--enable-app-health-check', '--app-health-check-path', healthPath],
    ...['--app-health-probe-interval', '1', '--app-health-probe-timeout', '1000'],
    ...['--app-health-threshold', '2', '--max-body-size', '16Mi'],
    ...['--dapr-http-port', `${ports.http}`, '--dapr-grpc-port', `${grpc}`],
    ...['--dapr-internal-grpc-port', `${internal}`, '--enable-metrics=false'],
    ...['--dapr-listen-addresses', '127.0.0.1'],
    ...['--dapr-internal-grpc-listen-address', '127.0.0.1'],
    ...['--placement-host-address', `127.0.0.1:${ports.placement}`],
    ...components.flatMap((folder) => ['--resources-path', resolve(folder)]),
    ...['--dapr-graceful-shutdown-seconds', '1'],
    ...['--config', resolve('components/configuration.yaml')],
  ]
}
