/** A fixed blend of what the sources said: the light rung, when no model is loaded or it failed. */
import { always, type Scorer } from '../pipeline/stage.ts'

const weights = { walk: 0.5, neighbours: 1, sequences: 0.5, tags: 0.1, popular: 0.02, fresh: 0.02 }

export const lightScorer: Scorer = {
  kind: 'scorer',
  name: 'light',
  rung: 'light',
  budgetMs: 0,
  enabled: always,
  score({ candidates }) {
    for (let i = 0; i < candidates.count; i++) {
      candidates.final[i] =
        weights.walk * Math.log1p(10 * candidates.score('walk', i)) +
        weights.neighbours * Math.log1p(1000 * candidates.score('neighbours', i)) +
        weights.sequences * Math.log1p(100 * candidates.score('sequences', i)) +
        weights.tags * candidates.score('tags', i) +
        weights.popular * candidates.score('popular', i) +
        weights.fresh * candidates.score('fresh', i)
    }
    return true
  },
}
