/** 1 for a pin made now, halved every two weeks; 0 where the catalogue gives no time. */
import type { Feature } from './feature.ts'

const HALF_LIFE_MS = 14 * 86_400_000

export const freshness: Feature = {
  name: 'freshness',
  read: ({ services, request }, _index, pin) => {
    const created = services.features.columns.created[pin] ?? 0
    return created === 0 ? 0 : 0.5 ** (Math.max(0, request.at - created) / HALF_LIFE_MS)
  },
}
