/** Popularity-weighted tag match (2011). */
import { always, type Scorer } from '../pipeline/stage.ts'

export const tagScorer: Scorer = {
  kind: 'scorer',
  name: 'tag match',
  rung: 'full',
  budgetMs: 0,
  enabled: always,
  score({ candidates, services }) {
    for (let i = 0; i < candidates.count; i++) {
      const popularity = Math.log1p(services.features.fact(candidates.pins[i]!, 'saves'))
      candidates.final[i] = (0.05 + candidates.score('tags', i)) * (1 + popularity)
    }
    return true
  },
}
