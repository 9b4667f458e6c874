import { type Feature, timeToLive } from './feature.ts'

const PRIOR = { saves: 1, impressions: 20 }

export const saveRate: Feature = {
  name: 'save_rate',
  about: 'Saves per impression, drawn towards a prior while impressions are few; at most 1.',
  of: 'pin',
  range: [0, 1],
  default: PRIOR.saves / PRIOR.impressions,
  ttlMs: timeToLive.hour,
  read: ({ services }) => {
    const { saves, impressions } = services.features.columns
    return (_index, pin) => {
      const rate = (saves[pin]! + PRIOR.saves) / (impressions[pin]! + PRIOR.impressions)
      return Math.min(1, rate)
    }
  },
}
