/** What laws judge a run by: what clients know, what the log holds, what the host says. */
import type { HostSizes } from '../faults/index.ts'
import type { History } from './history.ts'
import type { LogReading } from './log-reading.ts'

/** What the host says of itself when everything has settled. */
export type Finals = {
  /** By user: positions of the events that a witness was given, in order. */
  readonly applied: ReadonlyMap<string, readonly number[]>
  /** By pin: what its card counts. */
  readonly cards: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** By user: kept actions, oldest first. */
  readonly actions: ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>
  readonly counters: ReadonlyMap<string, number>
  /** Bytes of state in memory, by worker. */
  readonly stateBytes: readonly number[]
  /** The digest of all actors; then of the same after something that may not change it. */
  readonly digest: string
  readonly digestRedelivered?: string
  readonly digestRestarted?: string
}

export type Evidence = {
  readonly sizes: HostSizes
  readonly history: History
  readonly log: LogReading
  /** Undefined when the run did not come to its end. */
  readonly finals: Finals | undefined
  /** What the operator met that should not be. */
  readonly startProblems: readonly string[]
  readonly asksMost: number
}

export type Law = {
  readonly name: string
  /** What must hold, in a sentence. */
  readonly says: string
  /** What is wrong, in words; empty when it holds. */
  readonly broken: (evidence: Evidence) => string[]
}
