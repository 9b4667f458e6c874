/** Close-ups per impression, drawn towards a prior while impressions are few; at most 1. */
import type { Feature } from './feature.ts'

const PRIOR = { closeups: 1, impressions: 10 }

export const closeupRate: Feature = {
  name: 'closeup_rate',
  read: ({ services }, _index, pin) => {
    const { closeups, impressions } = services.features.columns
    const shown = (impressions[pin] ?? 0) + PRIOR.impressions
    return Math.min(1, ((closeups[pin] ?? 0) + PRIOR.closeups) / shown)
  },
}
