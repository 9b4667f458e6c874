/** How loudly the neighbours source spoke for the pin; 0 where it did not. */
import type { Feature } from './feature.ts'

export const neighboursScore: Feature = {
  name: 'neighbours_score',
  read: ({ candidates }, index) => Math.log1p(SCALE * candidates.score('neighbours', index)),
}

const SCALE = 1000
