/**
 * Scores by the fitted model that is loaded, in deviations above the mean of the user's pins.
 * Declines where there is none, and for who saved nothing that it knows. Pins it does not know
 * stand below those that it does, by their similarity.
 */
import { always, type Scorer } from '../pipeline/stage.ts'
import { similarityOfCandidate } from './similarity-scorer.ts'

/** Below every score of a model, above what a quantised score can hold apart. */
const UNKNOWN = -1e6

export const fittedScorer: Scorer = {
  kind: 'scorer',
  name: 'fitted',
  rung: 'full',
  budgetMs: 0,
  enabled: always,
  score(ranking) {
    const { candidates, fitted } = ranking
    if (!fitted) return false
    for (let i = 0; i < candidates.count; i++) {
      const known = fitted.scoreOf(candidates.pins[i]!)
      candidates.final[i] = known ?? UNKNOWN + similarityOfCandidate(candidates, i)
    }
    ranking.model = fitted.version
    return true
  },
}
