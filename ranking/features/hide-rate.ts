/** Hides per impression, smoothed; at most 1. */
import type { Feature } from './feature.ts'

export const hideRate: Feature = {
  name: 'hide_rate',
  read: ({ services }, _index, pin) => {
    const { hides, impressions } = services.features.columns
    return Math.min(1, (hides[pin] ?? 0) / ((impressions[pin] ?? 0) + 20))
  },
}
