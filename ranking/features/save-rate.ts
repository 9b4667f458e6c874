import { type Feature, timeToLive } from './feature.ts'

const PRIOR = { saves: 1, impressions: 20 }

export const saveRate: Feature = {
  name: 'save_rate',
  about: 'Saves per impression, drawn towards a prior while impressions are few; at most 1.',
  of: 'pin',
  range: [0, 1],
  default: PRIOR.saves / PRIOR.impressions,
  ttlMs: timeToLive.hour,
  read: (_ranking, { saves, impressions }) => {
    return (row) => {
      const rate = (saves[row]! + PRIOR.saves) / (impressions[row]! + PRIOR.impressions)
      return Math.min(1, rate)
    }
  },
}
