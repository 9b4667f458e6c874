import { type Feature, timeToLive } from './feature.ts'

export const hideRate: Feature = {
  name: 'hide_rate',
  about: 'Hides per impression, smoothed; at most 1.',
  of: 'pin',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ services }) => {
    const { hides, impressions } = services.features.columns
    return (_index, pin) => Math.min(1, hides[pin]! / (impressions[pin]! + 20))
  },
}
