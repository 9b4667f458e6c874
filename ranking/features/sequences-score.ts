/** How loudly the sequences source spoke for the pin; 0 where it did not. */
import type { Feature } from './feature.ts'

export const sequencesScore: Feature = {
  name: 'sequences_score',
  read: ({ candidates }, index) => Math.log1p(SCALE * candidates.score('sequences', index)),
}

const SCALE = 100
