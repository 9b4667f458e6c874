import { type Feature, timeToLive } from './feature.ts'

const SCALE = 1000

export const neighboursScore: Feature = {
  name: 'neighbours_score',
  about: 'How loudly the neighbours source spoke for the pin, on a log scale; 0 where it did not.',
  of: 'cross',
  range: [0, 16],
  default: 0,
  ttlMs: timeToLive.never,
  read: ({ candidates }) => {
    const scores = candidates.scoresOf('neighbours')
    // Most were named by other sources.
    return (_row, index) => {
      const score = scores[index]!
      return score === 0 ? 0 : Math.log1p(SCALE * score)
    }
  },
}
