import { type Feature, timeToLive } from './feature.ts'

const HALF_LIFE_MS = 3 * 86_400_000

export const userRecency: Feature = {
  name: 'user_recency',
  about: '1 for a user who just acted, halved every three days; 0 for one who never did.',
  of: 'user',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.never,
  read: ({ request }) => {
    const { lastActive } = request.user
    const age = Math.max(0, request.at - lastActive)
    const value = lastActive === 0 ? 0 : 0.5 ** (age / HALF_LIFE_MS)
    return () => value
  },
}
