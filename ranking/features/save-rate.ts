/** Saves per impression, drawn towards a prior while impressions are few; at most 1. */
import type { Feature } from './feature.ts'

const PRIOR = { saves: 1, impressions: 20 }

export const saveRate: Feature = {
  name: 'save_rate',
  read: ({ services }, _index, pin) => {
    const { saves, impressions } = services.features.columns
    const rate = ((saves[pin] ?? 0) + PRIOR.saves) / ((impressions[pin] ?? 0) + PRIOR.impressions)
    return Math.min(1, rate)
  },
}
