import { placeOf } from '../pipeline/request-place.ts'
import { type Feature, timeToLive } from './feature.ts'

export const devicePhone: Feature = {
  name: 'device_phone',
  about: '1 for a request from a phone.',
  of: 'context',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.never,
  read: ({ request }) => {
    const value = Number(placeOf(request).device === 'phone')
    return () => value
  },
}
