/**
 * Answers of a new model that nobody waits for: code that runs for the first time is many times
 * slower, and no user shall wait for it.
 */
import type { Clock } from '../base/index.ts'
import {
  type GenerationName,
  type RankingServices,
  recommend,
  type UserContext,
} from '../ranking/index.ts'

export const rehearsalDefaults = Object.freeze({
  /** Answers, and how many pins each of them has. */
  answers: 24,
  limit: 40,
})

/** Asks `generation` for a user; `services` have the new model already. */
export async function rehearse(
  generation: GenerationName,
  services: RankingServices,
  user: UserContext,
  clock: Clock,
): Promise<void> {
  const { limit } = rehearsalDefaults
  const request = { user, limit, generation, exclude: [], off: [], explain: true, seed: 1 }
  const timed = { ...request, at: clock.now(), deadline: Number.POSITIVE_INFINITY }
  // Nobody was shown what is answered here.
  const { scored: _, ...unwatched } = services
  await recommend(timed, { ...unwatched, count: () => {} })
}
