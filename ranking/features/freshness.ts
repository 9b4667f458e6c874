import { type Feature, timeToLive } from './feature.ts'

const HALF_LIFE_MS = 14 * 86_400_000

export const freshness: Feature = {
  name: 'freshness',
  about: '1 for a pin made now, halved every two weeks; 0 where the catalogue gives no time.',
  of: 'pin',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ request }, { created }) => {
    return (row) => {
      const made = created[row]!
      return made === 0 ? 0 : 0.5 ** (Math.max(0, request.at - made) / HALF_LIFE_MS)
    }
  },
}
