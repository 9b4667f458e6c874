import { type Feature, timeToLive } from './feature.ts'

const HALF_LIFE_DAYS = 7

export const weekSaves: Feature = {
  name: 'week_saves',
  about: 'Saves of the last days, halved every week, on a log scale.',
  of: 'pin',
  range: [0, 23],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ request }, facts) => {
    const recent = facts.recentSaves(request.at, HALF_LIFE_DAYS)
    return (row) => Math.log1p(recent(row))
  },
}
