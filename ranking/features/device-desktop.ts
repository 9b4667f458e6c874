import { placeOf } from '../pipeline/request-place.ts'
import { type Feature, timeToLive } from './feature.ts'

export const deviceDesktop: Feature = {
  name: 'device_desktop',
  about: '1 for a request from a desktop; 0 like device_phone for a tablet, and where nobody said.',
  of: 'context',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.never,
  read: ({ request }) => {
    const value = Number(placeOf(request).device === 'desktop')
    return () => value
  },
}
