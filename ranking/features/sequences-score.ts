import { type Feature, timeToLive } from './feature.ts'

const SCALE = 100

export const sequencesScore: Feature = {
  name: 'sequences_score',
  about: 'How loudly the sequences source spoke for the pin, on a log scale; 0 where it did not.',
  of: 'cross',
  range: [0, 16],
  default: 0,
  ttlMs: timeToLive.never,
  read: ({ candidates }) => {
    const scores = candidates.scoresOf('sequences')
    // Most were named by other sources.
    return (_row, index) => {
      const score = scores[index]!
      return score === 0 ? 0 : Math.log1p(SCALE * score)
    }
  },
}
