/**
 * A feature: one bounded number of a candidate, from the user, the request and the pin, never from
 * other candidates. The same code fills the rows of a request and of training.
 */
import type { Ranking } from '../pipeline/stage.ts'

export type Feature = {
  /** Stable: models name their inputs by it. */
  readonly name: string
  readonly read: (ranking: Ranking, index: number, pin: number) => number
}
