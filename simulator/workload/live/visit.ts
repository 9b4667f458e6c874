/**
 * People as the live load sees them, a port. Whoever implements it promises: what somebody does is
 * a pure function of (seed, user, session, answers received), so neither the clock, nor latency,
 * nor what others do changes it other than through the answers.
 */
import type { EventContext, EventKind } from '../../../base/index.ts'
import type { Feed, FeedAsk } from './target.ts'

/** An event without the id and the time that the run gives it. Times count from the answer. */
export type Deed = {
  readonly afterMs: number
  readonly kind: EventKind
  readonly pin?: string
  readonly board?: string
  readonly topic?: string
  readonly context?: EventContext
}

/** Deeds told in one request, `afterMs` the answer, which is not before the last of them. */
export type Act = { readonly afterMs: number; readonly deeds: readonly Deed[] }

/** What somebody does with an answer. */
export type Look = {
  /** Ascending by `afterMs`. */
  readonly acts: readonly Act[]
  /** When they ask for more; absent when they leave. */
  readonly moreAfterMs?: number
}

export interface Visit {
  readonly user: string
  /** The next question, given the answers so far. */
  ask(): FeedAsk
  look(feed: Feed): Look
}

export interface People {
  /** Who comes as the n-th: busy ones more often, now and then somebody new. */
  visitor(n: number): number
  open(user: number, session: number): Visit
  /** Whether nobody knew this user before the run. */
  isNew(user: number): boolean
  /** Pins so far that were answered but are none of this world's. */
  readonly pinsUnknown: number
}
