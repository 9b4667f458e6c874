import { type Feature, timeToLive } from './feature.ts'

export const userActivity: Feature = {
  name: 'user_activity',
  about:
    'How much the user has saved, on a log scale: history is trusted more where there is more.',
  of: 'user',
  range: [0, 23],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ request }) => {
    const value = Math.log1p(request.user.saves)
    return () => value
  },
}
