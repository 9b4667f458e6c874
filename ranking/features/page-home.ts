import { placeOf } from '../pipeline/request-place.ts'
import { type Feature, timeToLive } from './feature.ts'

export const pageHome: Feature = {
  name: 'page_home',
  about:
    '1 for the home feed, which is where nobody said; 0 beside a pin or a board, and in a search.',
  of: 'context',
  range: [0, 1],
  default: 1,
  ttlMs: timeToLive.never,
  read: ({ request }) => {
    const value = Number(placeOf(request).surface === 'home')
    return () => value
  },
}
