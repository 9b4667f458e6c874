/** Popularity-weighted tag match (2011). */
import { always, type Scorer } from '../pipeline/stage.ts'

export const tagScorer: Scorer = {
  kind: 'scorer',
  name: 'tag match',
  rung: 'full',
  budgetMs: 0,
  enabled: always,
  score({ candidates, services }) {
    const { saves } = services.features.columns
    for (let i = 0; i < candidates.count; i++) {
      const popularity = Math.log1p(saves[candidates.pins[i]!] ?? 0)
      candidates.final[i] = (0.05 + candidates.score('tags', i)) * (1 + popularity)
    }
    return true
  },
}
