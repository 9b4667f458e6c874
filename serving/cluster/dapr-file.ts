/**
 * dapr.yaml as `dapr run -f` of Dapr's CLI 1.18 reads it: what is common goes into every entry that
 * does not say it itself; common paths start at the file, an entry's own at its `appDirPath`. The
 * CLI passes over keys that it does not know; here they are mistakes.
 */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { pinwheelError } from '../../base/index.ts'

type Kind = 'text' | 'number' | 'flag' | 'texts' | 'path' | 'paths' | 'map' | 'destination'

/** Keys that an entry may have, or all in common. */
const sharedKeys: Readonly<Record<string, Kind>> = {
  configFilePath: 'path',
  appProtocol: 'text',
  apiListenAddresses: 'text',
  enableProfiling: 'flag',
  logLevel: 'text',
  appMaxConcurrency: 'number',
  placementHostAddress: 'text',
  schedulerHostAddress: 'text',
  resourcesPath: 'path',
  resourcesPaths: 'paths',
  maxBodySize: 'text',
  readBufferSize: 'text',
  enableAppHealthCheck: 'flag',
  appHealthCheckPath: 'text',
  appHealthProbeInterval: 'number',
  appHealthProbeTimeout: 'number',
  appHealthThreshold: 'number',
  enableApiLogging: 'flag',
  env: 'map',
  daprdLogDestination: 'destination',
  appLogDestination: 'destination',
}
/** Keys of an entry alone. */
const ownKeys: Readonly<Record<string, Kind>> = {
  appID: 'text',
  appDirPath: 'path',
  appChannelAddress: 'text',
  appPort: 'number',
  daprHTTPPort: 'number',
  daprGRPCPort: 'number',
  daprInternalGRPCPort: 'number',
  metricsPort: 'number',
  profilePort: 'number',
  unixDomainSocket: 'text',
  command: 'texts',
}
const fits: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  path: (value) => typeof value === 'string' && value !== '',
  number: (value) => Number.isInteger(value),
  flag: (value) => typeof value === 'boolean',
  texts: (value) => isList(value) && value.length > 0,
  paths: (value) => isList(value) && value.every((one) => one !== ''),
  map: (value) => isMap(value) && Object.values(value).every((one) => !isMap(one)),
  destination: (value) => ['file', 'console', 'fileAndConsole'].includes(String(value)),
}
const words: Readonly<Record<Kind, string>> = {
  text: 'a text',
  path: 'a path',
  number: 'a whole number',
  flag: 'true or false',
  texts: 'a list of words',
  paths: 'a list of paths',
  map: 'names with values',
  destination: 'file, console or fileAndConsole',
}

/** An entry with what is common to all, its paths absolute. */
export type DaprEntry = Readonly<Record<string, unknown>> & {
  readonly appID: string
  readonly appDirPath: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The entries of a file. FILE_UNREADABLE, DAPR_FILE_INVALID with all that is wrong. */
export function readDaprFile(file: string): DaprEntry[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'no file'
    throw pinwheelError('FILE_UNREADABLE', { path: file, reason })
  }
  return readDaprYaml(text, file)
}

/** The same from its text; `file` is where it would lie. */
export function readDaprYaml(text: string, file = 'dapr.yaml'): DaprEntry[] {
  const problems: string[] = []
  const base = dirname(resolve(file))
  const entries = readEntries(text, base, problems)
  if (problems.length === 0) return entries
  throw pinwheelError('DAPR_FILE_INVALID', { file, problems: problems.join(' ') })
}

function readEntries(text: string, base: string, problems: string[]): DaprEntry[] {
  let whole: unknown
  try {
    whole = parse(text)
  } catch (error) {
    problems.push(`It is not YAML: ${(error as Error).message.split('\n')[0]}.`)
    return []
  }
  if (!isMap(whole)) {
    problems.push('It has no keys.')
    return []
  }
  const { version, name, common = {}, apps, ...others } = whole
  if (version !== 1) problems.push(`version is ${String(version)}; Dapr knows 1.`)
  if (name !== undefined && !fits.text(name)) problems.push('name is not a text.')
  for (const key of Object.keys(others)) problems.push(`${key} is not a key of it.`)
  const shared = checked(common, 'common', sharedKeys, problems)
  if (!Array.isArray(apps) || apps.length === 0) {
    problems.push('apps is not a list of one or more.')
    return []
  }
  const local = withPaths(shared, base, 'common', problems)
  return apps.map((app: unknown, i) => {
    const of = `apps[${i}]`
    const own = checked(app, of, { ...sharedKeys, ...ownKeys }, problems)
    for (const key of ['appDirPath', 'command']) {
      if (own[key] === undefined) problems.push(`${of} has no ${key}.`)
    }
    const folder = resolve(base, String(own['appDirPath'] ?? '.'))
    return entryOf(withPaths({ ...own, appDirPath: folder }, folder, of, problems), local)
  })
}

type Keys = Record<string, unknown>

function checked(
  given: unknown,
  of: string,
  kinds: Readonly<Record<string, Kind>>,
  problems: string[],
): Keys {
  if (!isMap(given)) {
    problems.push(`${of} has no keys.`)
    return {}
  }
  const good: Keys = {}
  for (const [key, value] of Object.entries(given)) {
    const kind = Object.hasOwn(kinds, key) ? kinds[key]! : undefined
    if (kind === undefined) problems.push(`${key} is not a key of ${of}.`)
    else if (!fits[kind](value)) problems.push(`${key} of ${of} is not ${words[kind]}.`)
    else good[key] = value
  }
  return good
}

/** With absolute paths of files that are there, and `resourcesPath` among its plural. */
function withPaths(keys: Keys, base: string, of: string, problems: string[]): Keys {
  const absolute = (path: unknown) => {
    const full = resolve(base, String(path).replace(/^~(?=\/|$)/, homedir()))
    if (!existsSync(full)) problems.push(`${of} names ${full}, which does not exist.`)
    return full
  }
  const { configFilePath, resourcesPath, resourcesPaths, appDirPath, ...others } = keys
  const paths = [...((resourcesPaths as string[]) ?? []), ...[resourcesPath ?? []].flat()]
  return {
    ...others,
    ...(appDirPath !== undefined && { appDirPath: absolute(appDirPath) }),
    ...(configFilePath !== undefined && { configFilePath: absolute(configFilePath) }),
    ...(paths.length > 0 && { resourcesPaths: paths.map(absolute) }),
  }
}

/** Nothing, nought and "false" of an entry give way to what is common, as in the CLI. */
function entryOf(own: Keys, common: Keys): DaprEntry {
  const said = Object.entries(own).filter(
    ([, value]) => Boolean(value) && !(Array.isArray(value) && value.length === 0),
  )
  const folder = String(own['appDirPath'])
  const dapr = join(folder, '.dapr')
  const found = (path: string) => (existsSync(path) ? path : undefined)
  const resources = found(join(dapr, 'resources'))
  const config = found(join(dapr, 'config.yaml'))
  const env = { ...(common['env'] as Keys), ...(own['env'] as Keys) }
  return {
    ...common,
    // A folder of the app's own comes before what is common.
    ...(resources !== undefined && { resourcesPaths: [resources] }),
    ...(config !== undefined && { configFilePath: config }),
    ...Object.fromEntries(said),
    appID: String(own['appID'] || basename(folder)),
    appDirPath: folder,
    command: ((own['command'] as unknown[]) ?? []).map(String),
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)])),
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.every((one) => !isMap(one) && one !== null)
}
