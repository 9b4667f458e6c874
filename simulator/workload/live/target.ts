/**
 * What is asked of a running server, as a port: sockets, HTTP and JSON stand behind it, so that the
 * same people and the same schedule run against a made-up server on virtual time.
 */
import type { EpochMs, EventEntry } from '../../../base/index.ts'

export type FeedAsk = {
  readonly user: string
  readonly limit: number
  /** Pins not to be answered: those that stand on the page already. */
  readonly exclude?: readonly string[]
  /** Both together are the whole of a server's chance: the same question has the same answer. */
  readonly at?: EpochMs
  readonly seed?: number
}

export type Feed = {
  readonly request: string
  readonly generation: string
  readonly model?: string
  /** Best first. */
  readonly pins: readonly { readonly pin: string; readonly propensity: number }[]
}

/** What became of entries: none was rejected. */
export type Taken = { readonly accepted: number; readonly duplicate: number }

/**
 * What the client calls a failure; a server that refuses in its own words is counted by its code,
 * one that gives only a status by STATUS_ and the number.
 */
export const failures = {
  CLIENT_BOUND: 'not sent: as many requests were under way as the client has connections',
  TIMEOUT: 'not answered within the time limit of a request',
  REFUSED: 'no connection was taken',
  LOST: 'the connection ended before the answer did',
  NOT_HTTP: 'what came back is not HTTP',
  NOT_JSON: 'the body is not JSON',
  WRONG_SHAPE: 'the body is JSON, but not the answer of a Pinwheel server',
  INTERRUPTED: 'under way when the run was ended',
} as const
export type FailureCode = keyof typeof failures

export type Outcome<T> =
  | { readonly value: T; readonly code?: undefined }
  | { readonly code: string; readonly value?: undefined }

/** Neither method rejects. */
export interface Target {
  feed(ask: FeedAsk): Promise<Outcome<Feed>>
  send(entries: readonly EventEntry[]): Promise<Outcome<Taken>>
}

/** Nobody is there: the codes that count towards giving up on a target. */
export const isGone = (code: string | undefined): boolean => code === 'REFUSED' || code === 'LOST'
