/** The sum of similarities to what the user saved (2013): exact RP3beta over the seeds. */
import type { Candidates } from '../pipeline/candidates.ts'
import { always, type Ranking, type Scorer } from '../pipeline/stage.ts'

export const similarityScorer: Scorer = {
  kind: 'scorer',
  name: 'similarity',
  rung: 'full',
  budgetMs: 0,
  enabled: always,
  score: collaborativeScore,
}

/** Writes the final score of every candidate. */
export function collaborativeScore({ candidates }: Ranking): boolean {
  for (let i = 0; i < candidates.count; i++) {
    candidates.final[i] = similarityOfCandidate(candidates, i)
  }
  return true
}

export function similarityOfCandidate(candidates: Candidates, i: number): number {
  return (
    1000 * candidates.score('neighbours', i) +
    10 * candidates.score('sequences', i) +
    // Only decides among those that no neighbour names.
    1e-3 * candidates.score('popular', i)
  )
}
