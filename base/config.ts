/**
 * Settings: declared once with unit, default, limits and a sentence; read by a pure function from
 * flags over environment over file. Every problem is reported at once, unknown keys are refused,
 * and the result is frozen. `docs/configuration.md` is checked against this table.
 */
import { pinwheelError } from './errors.ts'
import {
  type DeclaredKinds,
  declaredKindsExpected,
  noDeclaredKinds,
  parseDeclaredKinds,
} from './kinds.ts'

type NumberSetting = {
  readonly type: 'number'
  readonly default: number
  readonly min: number
  readonly max: number
  readonly unit: string
  readonly about: string
}
type TextSetting = {
  readonly type: 'text'
  readonly default: string | undefined
  readonly oneOf?: readonly string[]
  readonly secret?: true
  readonly about: string
}
type KindsSetting = {
  readonly type: 'kinds'
  readonly default: DeclaredKinds
  readonly about: string
}
type FlagSetting = { readonly type: 'flag'; readonly default: boolean; readonly about: string }
type Setting = NumberSetting | TextSetting | FlagSetting | KindsSetting

const number = (
  fallback: number,
  range: { min: number; max: number; unit: string },
  about: string,
): NumberSetting => ({ type: 'number', default: fallback, ...range, about })

export const settings = {
  host: {
    type: 'text',
    default: '127.0.0.1',
    about: 'Address to listen on. Another than loopback needs a key or --open.',
  },
  port: number(
    8080,
    { min: 0, max: 65535, unit: 'port' },
    'Port to listen on; 0 takes a free one.',
  ),
  open: { type: 'flag', default: false, about: 'Serve other machines without a key.' },
  key: { type: 'text', default: undefined, secret: true, about: 'The key that clients must send.' },
  data: { type: 'text', default: undefined, about: 'Data directory; without it, the demo world.' },
  workers: number(
    0,
    { min: 0, max: 64, unit: 'threads' },
    'Threads that run actors, walks and ranking; 0 takes what suits the command and the cores.',
  ),
  partitions: number(
    4,
    { min: 1, max: 64, unit: 'partitions' },
    'Partitions of a new log; an existing log keeps its own.',
  ),
  usersMax: number(2_000_000, { min: 1_000, max: 100_000_000, unit: 'ids' }, 'Distinct users.'),
  pinsMax: number(2_000_000, { min: 1_000, max: 100_000_000, unit: 'ids' }, 'Distinct pins.'),
  boardsMax: number(4_000_000, { min: 1_000, max: 200_000_000, unit: 'ids' }, 'Distinct boards.'),
  tagsMax: number(200_000, { min: 1_000, max: 10_000_000, unit: 'ids' }, 'Distinct tags.'),
  acknowledge: {
    type: 'text',
    default: 'flushed',
    oneOf: ['flushed', 'written'],
    about:
      'When entries are acknowledged: flushed to the disk, or written (a kill of the process loses ' +
      'nothing then, a power loss may lose the last moments).',
  },
  stateMb: number(
    0,
    { min: 0, max: 1_000_000, unit: 'MB' },
    'State of users and pins in memory, over all workers; beyond, the least recently used leave ' +
      'for a file in the data directory. 0 is no bound.',
  ),
  snapshotMb: number(
    64,
    { min: 0, max: 1_000_000, unit: 'MB' },
    'Entries between two base snapshots, at least; a start reads one and the log behind it. 0 makes ' +
      'none.',
  ),
  logMb: number(
    0,
    { min: 0, max: 100_000_000, unit: 'MB' },
    'Log to keep, where base snapshots allow to drop older segments. 0 keeps all of it, which ' +
      'export, training and Neo4j read.',
  ),
  kinds: {
    type: 'kinds',
    default: noDeclaredKinds,
    about:
      'Kinds of event beside ours, as NAME=WEIGHT,… where a save weighs 1; below 0 the pin is ' +
      'hidden from that user.',
  },
  rules: {
    type: 'text',
    default: undefined,
    about:
      'File of slate rules (JSON); by default rules.json in the data directory, where there is one. ' +
      'It is read again when it changes.',
  },
  requestDeadlineMs: number(
    500,
    { min: 5, max: 60_000, unit: 'ms' },
    'Time a recommendation may take; stages that would start later are dropped.',
  ),
  natsUrl: {
    type: 'text',
    default: undefined,
    secret: true,
    about:
      'NATS with JetStream, which has the log of a cluster: nats://[user:password@]host:port; of ' +
      'several servers with commas between. Of `host` and `serve`; without it the log lies in --data.',
  },
  cluster: {
    type: 'text',
    default: 'pinwheel',
    about: 'Name of the cluster: its stream is PINWHEEL_name. Clusters on one NATS have others.',
  },
  streamMb: number(
    16_384,
    { min: 1, max: 100_000_000, unit: 'MB' },
    'What the stream may take, set aside at once; beyond, entries are refused.',
  ),
  streamDays: number(
    30,
    { min: 1, max: 3650, unit: 'days' },
    'Age at which entries leave the stream, erased ones too. Snapshots and states outlive them.',
  ),
  streamReplicas: number(
    1,
    { min: 1, max: 5, unit: 'servers' },
    'NATS servers that have each entry before it is acknowledged.',
  ),
  neo4jUrl: {
    type: 'text',
    default: 'bolt://127.0.0.1:7687',
    about: 'Neo4j for `graph push` and its kin; bolt+s:// or neo4j+s:// for TLS.',
  },
  neo4jUser: { type: 'text', default: 'neo4j', about: 'User of Neo4j.' },
  neo4jPassword: {
    type: 'text',
    default: undefined,
    secret: true,
    about: 'Password of that user; without it Neo4j is asked without authentication.',
  },
  neo4jDatabase: { type: 'text', default: 'neo4j', about: 'Database in Neo4j.' },
  logLevel: {
    type: 'text',
    default: 'info',
    oneOf: ['debug', 'info', 'warn', 'error', 'silent'],
    about: 'Least level of log lines.',
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings
export type Config = {
  readonly [K in SettingName]: (typeof settings)[K]['type'] extends 'number'
    ? number
    : (typeof settings)[K]['type'] extends 'flag'
      ? boolean
      : (typeof settings)[K]['type'] extends 'kinds'
        ? DeclaredKinds
        : string | (typeof settings)[K]['default']
}

/** PINWHEEL_REQUEST_DEADLINE_MS for requestDeadlineMs. */
export function environmentName(name: string): string {
  return `PINWHEEL_${name.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`
}

/** Environment names that belong to the project's tests and scripts; the server passes over them. */
export const scriptVariables = Object.freeze({
  PINWHEEL_DATASETS: 'Folder of published data sets: tests that measure on them run.',
  PINWHEEL_CACHE:
    'Where deploy/install puts what it builds, `evaluate` what folds chose, `simulate` what worlds grew; ~/.cache/pinwheel by default.',
  PINWHEEL_REQUIRE:
    'Servers (browser, dapr, dapr-cli, kubernetes, nats, neo4j, postgres, redis) whose absence fails a test instead of skipping it; kubernetes is what checks its manifests.',
  PINWHEEL_POSTGRES:
    'Connection string of the state store in components/cluster, for sidecars; `cluster` makes its user and database.',
  PINWHEEL_REDIS:
    'Address of the cache in components/feeds, or the state store in components/alternatives, for sidecars.',
  PINWHEEL_REDIS_PASSWORD: 'Its password.',
  PINWHEEL_TEST_COUNTS: 'File to which the suites add what passed, failed and was skipped.',
})

/**
 * The frozen configuration; `flags` and `file` use setting names, `env` PINWHEEL_ names.
 * CONFIG_INVALID names every problem.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, unknown>>,
  flags: Readonly<Record<string, unknown>>,
): Config {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  const byEnvironment = new Map<string, string>()
  for (const name of Object.keys(settings)) byEnvironment.set(environmentName(name), name)
  const take = (name: string, given: unknown, from: string) => {
    if (given === undefined) return
    const setting = Object.hasOwn(settings, name)
      ? (settings[name as SettingName] as Setting)
      : null
    if (!setting) problems.push(`${from} is not a setting. See docs/configuration.md.`)
    else {
      const { value, problem } = parse(setting, given)
      if (problem) problems.push(`${from} is ${shown(setting, given)}; expected ${problem}.`)
      else values[name] = value
    }
  }
  for (const [name, given] of Object.entries(file)) take(name, given, `"${name}" in the file`)
  for (const [variable, given] of Object.entries(env)) {
    if (!variable.startsWith('PINWHEEL_') || Object.hasOwn(scriptVariables, variable)) continue
    const name = byEnvironment.get(variable)
    if (name) take(name, given, variable)
    else problems.push(`${variable} is not a setting.`)
  }
  for (const [name, given] of Object.entries(flags)) take(name, given, `--${name}`)
  if (problems.length > 0) throw pinwheelError('CONFIG_INVALID', { problems: problems.join(' ') })
  const config: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings)) {
    config[name] = values[name] ?? setting.default
  }
  return Object.freeze(config) as Config
}

/** The configuration as printed at start: secrets masked. */
export function maskedConfig(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      if ('secret' in settings[name as SettingName] && value !== undefined) return [name, '***']
      return [name, value instanceof Map ? Object.fromEntries(value) : value]
    }),
  )
}

function parse(setting: Setting, given: unknown): { value?: unknown; problem?: string } {
  if (setting.type === 'flag') {
    if (given === true || given === 'true' || given === '1') return { value: true }
    if (given === false || given === 'false' || given === '0') return { value: false }
    return { problem: 'true or false' }
  }
  if (setting.type === 'kinds') {
    const value = typeof given === 'string' ? parseDeclaredKinds(given) : undefined
    return value ? { value } : { problem: declaredKindsExpected }
  }
  if (setting.type === 'text') {
    const fits =
      typeof given === 'string' && given !== '' && (setting.oneOf?.includes(given) ?? true)
    return fits ? { value: given } : { problem: setting.oneOf?.join(', ') ?? 'text' }
  }
  const value = /^\d+$/.test(String(given)) ? Number(given) : Number.NaN
  const fits = Number.isInteger(value) && value >= setting.min && value <= setting.max
  const range = `a whole number from ${setting.min} to ${setting.max} (${setting.unit})`
  return fits ? { value } : { problem: range }
}

function shown(setting: Setting, given: unknown): string {
  return setting.type === 'text' && setting.secret ? '(hidden)' : JSON.stringify(given)
}
