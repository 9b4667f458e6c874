/**
 * A feature: one bounded number of a candidate, from the user, the request and the pin, never from
 * other candidates. The same code fills the rows of a request and of training.
 */
import type { Ranking } from '../pipeline/stage.ts'
import type { PinFacts } from './pin-facts.ts'

const HOUR_MS = 3_600_000

/** How long a value may be kept where it is not computed anew. */
export const timeToLive = { never: 0, hour: HOUR_MS, day: 24 * HOUR_MS } as const

/** Of the candidate at `index`, whose pin's facts are at `row`. */
export type FeatureValue = (row: number, index: number) => number

export type Feature = {
  /** Stable: models name their inputs by it. */
  readonly name: string
  /** A sentence for people. */
  readonly about: string
  /** Whom it tells of: one value a request, one a pin, or one for both together. */
  readonly of: 'user' | 'context' | 'pin' | 'cross'
  /** The least and the greatest value. */
  readonly range: readonly [number, number]
  /** Where nothing is known. */
  readonly default: number
  readonly ttlMs: number
  /** Looks up once what a request's candidates have in common; facts come and go behind it. */
  readonly read: (ranking: Ranking, facts: PinFacts) => FeatureValue
}
