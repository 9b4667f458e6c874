import { type Feature, timeToLive } from './feature.ts'

const PRIOR = { closeups: 1, impressions: 10 }

export const closeupRate: Feature = {
  name: 'closeup_rate',
  about: 'Close-ups per impression, drawn towards a prior while impressions are few; at most 1.',
  of: 'pin',
  range: [0, 1],
  default: PRIOR.closeups / PRIOR.impressions,
  ttlMs: timeToLive.hour,
  read: (_ranking, { closeups, impressions }) => {
    return (row) => {
      const shown = impressions[row]! + PRIOR.impressions
      return Math.min(1, (closeups[row]! + PRIOR.closeups) / shown)
    }
  },
}
