/** What `dapr run -f` of Dapr's CLI 1.18 starts for an entry of dapr.yaml: a sidecar and an app. */
import type { DaprEntry } from './dapr-file.ts'
import type { Environment } from './program.ts'

/** Keys that are flags of daprd, with what the CLI says where the file says nothing. */
const flags: readonly (readonly [key: string, flag: string, unsaid?: string])[] = [
  ['appID', 'app-id'],
  ['configFilePath', 'config'],
  ['appProtocol', 'app-protocol', 'http'],
  ['apiListenAddresses', 'dapr-listen-addresses'],
  ['enableProfiling', 'enable-profiling'],
  ['logLevel', 'log-level'],
  ['appMaxConcurrency', 'app-max-concurrency', '-1'],
  ['placementHostAddress', 'placement-host-address', 'localhost:50005'],
  ['schedulerHostAddress', 'scheduler-host-address'],
  ['resourcesPaths', 'resources-path'],
  ['maxBodySize', 'max-body-size', '4Mi'],
  ['readBufferSize', 'read-buffer-size', '4Ki'],
  ['enableAppHealthCheck', 'enable-app-health-check'],
  ['appHealthCheckPath', 'app-health-check-path'],
  ['appHealthProbeInterval', 'app-health-probe-interval'],
  ['appHealthProbeTimeout', 'app-health-probe-timeout'],
  ['appHealthThreshold', 'app-health-threshold'],
  ['enableApiLogging', 'enable-api-logging'],
  ['appChannelAddress', 'app-channel-address'],
  ['appPort', 'app-port', '0'],
  ['daprHTTPPort', 'dapr-http-port'],
  ['daprGRPCPort', 'dapr-grpc-port'],
  ['profilePort', 'profile-port', '-1'],
  ['metricsPort', 'metrics-port'],
  ['unixDomainSocket', 'unix-domain-socket'],
  ['daprInternalGRPCPort', 'dapr-internal-grpc-port'],
]
/** Ports that the CLI draws where the file says none. */
export const drawnPorts = [
  'daprHTTPPort',
  'daprGRPCPort',
  'metricsPort',
  'daprInternalGRPCPort',
] as const
/** Addresses of the control plane may lack their port. */
const usualPorts: Readonly<Record<string, string>> = {
  placementHostAddress: '50005',
  schedulerHostAddress: '50006',
}

export type Launch = {
  readonly arguments: readonly string[]
  readonly env: Environment
  readonly cwd: string
}
export type AppLaunch = Launch & { readonly program: string }

/** Every port that the CLI draws is one of `ports`; `inherited` is the CLI's own environment. */
export function withDrawnPorts(entry: DaprEntry, ports: readonly number[]): DaprEntry {
  const drawn = drawnPorts.flatMap((key, i) => (entry[key] ? [] : [[key, ports[i]] as const]))
  return { ...entry, ...Object.fromEntries(drawn) }
}

/** The arguments, environment and folder of daprd. */
export function sidecarLaunch(entry: DaprEntry, inherited: Environment): Launch {
  const args = flags.flatMap(([key, flag, unsaid]) => {
    const value = entry[key] || unsaid
    if (value === undefined || value === true) return value ? [`--${flag}`] : []
    return [value].flat().flatMap((one) => {
      const port = usualPorts[key]
      const text = String(one)
      return [`--${flag}`, port && !text.includes(':') ? `${text}:${port}` : text]
    })
  })
  // The host's address; daprd finds it by routes that a machine without network lacks.
  const env = { ...inherited, DAPR_HOST_IP: '127.0.0.1' }
  return { arguments: args, env, cwd: entry.appDirPath }
}

/** The program, environment and folder of the app. */
export function appLaunch(entry: DaprEntry, inherited: Environment): AppLaunch {
  const [program = '', ...args] = entry.command
  const numbers = {
    APP_PORT: entry['appPort'],
    DAPR_HTTP_PORT: entry['daprHTTPPort'],
    DAPR_GRPC_PORT: entry['daprGRPCPort'],
    DAPR_METRICS_PORT: entry['metricsPort'],
  }
  const said = Object.entries(numbers).filter(([, port]) => Number(port) > 0)
  const env = {
    ...inherited,
    APP_ID: entry.appID,
    APP_CHANNEL_ADDRESS: String(entry['appChannelAddress'] ?? ''),
    APP_PROTOCOL: String(entry['appProtocol'] ?? 'http'),
    ...Object.fromEntries(said.map(([name, port]) => [name, String(port)])),
    ...entry.env,
  }
  return { program, arguments: args, env, cwd: entry.appDirPath }
}
