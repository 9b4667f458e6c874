/** How loudly the walk source spoke for the pin; 0 where it did not. */
import type { Feature } from './feature.ts'

export const walkScore: Feature = {
  name: 'walk_score',
  read: ({ candidates }, index) => Math.log1p(SCALE * candidates.score('walk', index)),
}

const SCALE = 10
