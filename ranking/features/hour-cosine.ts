import { type Feature, timeToLive } from './feature.ts'

const DAY_MS = 86_400_000

export const hourCosine: Feature = {
  name: 'hour_cosine',
  about: 'The hour of the day (UTC) as a point on a circle: how far it lies to the right.',
  of: 'context',
  range: [-1, 1],
  default: 0,
  ttlMs: timeToLive.never,
  read: ({ request }) => {
    const value = Math.cos((2 * Math.PI * (request.at % DAY_MS)) / DAY_MS)
    return () => value
  },
}
