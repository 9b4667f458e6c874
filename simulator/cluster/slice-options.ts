/** What a run of hosts in virtual time is told, and what it tells. */
import type { ScalingOptions } from './autoscaler.ts'
import type { Latencies, Percentiles } from './latencies.ts'
import type { ServiceTime } from './service-time.ts'

export const roles = ['api', 'shard', 'ranker', 'log', 'store'] as const
export type Role = (typeof roles)[number]

/** A stop on the way of a request: so long on a core of that role. */
export type Stage = {
  readonly role: Role
  readonly time: ServiceTime
  /** It goes to the owner of its key, and not to whoever has least to do. */
  readonly owned?: true
  /** It goes on only when the host's next flush has ended. */
  readonly flush?: ServiceTime
}

export type Stream = {
  readonly name: 'feed' | 'hit' | 'batch' | 'fold' | 'write'
  readonly route: readonly Stage[]
  /** Arrivals a second at a time in ms, and the most that this ever is. Poisson. */
  readonly perSecond: (ms: number) => number
  readonly perSecondMax: number
}

export type RoleOptions = {
  readonly hosts: number
  readonly cores: number
  /** Without it the number of hosts stays. */
  readonly scaling?: ScalingOptions
  /** From the order of a host to its first request: machine, model, graph, states. */
  readonly startMs: number
}

export type Failure =
  | { readonly kind: 'host'; readonly role: Role; readonly atMs: number }
  | { readonly kind: 'zone'; readonly zone: number; readonly atMs: number }

export type SliceOptions = {
  readonly seed: number
  readonly warmUpMs: number
  /** Beyond the warm-up; then nobody comes any more, and what is there ends. */
  readonly runMs: number
  readonly streams: readonly Stream[]
  readonly roles: Readonly<Record<Role, RoleOptions>>
  readonly zones: number
  /** From one host to the next. */
  readonly hopMs: number
  /** Work waiting on a host, for each of its cores. */
  readonly waitingMax: number
  readonly failures: readonly Failure[]
  /** Until a caller gives up one that does not answer, and tries another. */
  readonly timeoutMs: number
  /** From a death until nobody asks there any more. */
  readonly detectMs: number
  readonly triesMax: number
  readonly scaleEveryMs: number
  /** Points of what is told over time. */
  readonly points: number
}

export const sliceDefaults = {
  seed: 1,
  warmUpMs: 2_000,
  zones: 3,
  hopMs: 0.25,
  waitingMax: 50,
  failures: [],
  timeoutMs: 100,
  detectMs: 5_000,
  triesMax: 3,
  scaleEveryMs: 15_000,
  points: 60,
} as const

/** Every arrival is one of these in the end. */
export type Ends = {
  readonly arrived: number
  readonly answered: number
  /** Feeds by the last rung, since nobody could rank in time. */
  readonly degraded: number
  /** Told to come later: too much waited. */
  readonly refused: number
  /** No host answered, however often one was tried. */
  readonly failed: number
}

export type StreamResult = Ends & {
  readonly latencies: Latencies
  readonly latencyMs: Percentiles
}

export type RoleResult = {
  readonly hosts: number
  readonly hostsMost: number
  /** Share of the cores paid for that was busy. */
  readonly utilisation: number
  readonly waitingMost: number
  /** Core milliseconds at work by the clock; and those drawn for work that ended here. */
  readonly busyMs: number
  readonly workMs: number
}

export type Point = {
  readonly second: number
  readonly feedsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly hosts: Readonly<Record<Role, number>>
}

export type SliceResult = {
  readonly streams: Readonly<Partial<Record<Stream['name'], StreamResult>>>
  readonly roles: Readonly<Record<Role, RoleResult>>
  readonly retried: number
  readonly overTime: readonly Point[]
  /** Little's law: the mean number inside, against arrivals × mean time inside. */
  readonly little: { readonly inside: number; readonly expected: number }
  readonly events: number
}
