import { type Feature, timeToLive } from './feature.ts'

/** Deviations: what lies further out is as far. */
const MOST = 8

export const factorsScore: Feature = {
  name: 'factors_score',
  about:
    'How well the pin’s factors go with the user’s, in deviations above the mean of all pins; of ' +
    'the deep ranker alone.',
  of: 'cross',
  range: [-MOST, MOST],
  default: 0,
  ttlMs: timeToLive.never,
  read: ({ candidates, folded }) => {
    const user = folded()
    if (!user) return () => 0
    const scores = user.scoresOf(candidates.pins.subarray(0, candidates.count))
    return (_row, index) => Math.min(MOST, Math.max(-MOST, scores[index]!))
  },
}
