import { type Feature, timeToLive } from './feature.ts'

const DAY_MS = 86_400_000

export const hourSine: Feature = {
  name: 'hour_sine',
  about: 'The hour of the day (UTC) as a point on a circle: its height.',
  of: 'context',
  range: [-1, 1],
  default: 0,
  ttlMs: timeToLive.never,
  read: ({ request }) => {
    const value = Math.sin((2 * Math.PI * (request.at % DAY_MS)) / DAY_MS)
    return () => value
  },
}
