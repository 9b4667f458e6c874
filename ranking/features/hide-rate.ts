import { type Feature, timeToLive } from './feature.ts'

export const hideRate: Feature = {
  name: 'hide_rate',
  about: 'Hides per impression, smoothed; at most 1.',
  of: 'pin',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.hour,
  read: (_ranking, { hides, impressions }) => {
    return (row) => Math.min(1, hides[row]! / (impressions[row]! + 20))
  },
}
