import { type Feature, timeToLive } from './feature.ts'

const HALF_LIFE_DAYS = 2

export const recentSaves: Feature = {
  name: 'recent_saves',
  about: 'Saves of the last days, halved every two days, on a log scale.',
  of: 'pin',
  range: [0, 23],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ request }, facts) => {
    const recent = facts.recentSaves(request.at, HALF_LIFE_DAYS)
    return (row) => Math.log1p(recent(row))
  },
}
