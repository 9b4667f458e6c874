import { type Feature, timeToLive } from './feature.ts'

const PRIOR = { saves: 1, impressions: 20 }

export const userSaveRate: Feature = {
  name: 'user_save_rate',
  about: 'Saves per impression of the user, drawn towards a prior while they are few; at most 1.',
  of: 'user',
  range: [0, 1],
  default: PRIOR.saves / PRIOR.impressions,
  ttlMs: timeToLive.hour,
  read: ({ request }) => {
    const { saves, impressions } = request.user
    const value = Math.min(1, (saves + PRIOR.saves) / (impressions + PRIOR.impressions))
    return () => value
  },
}
