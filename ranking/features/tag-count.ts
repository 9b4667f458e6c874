import { NONE } from '../../base/index.ts'
import { type Feature, timeToLive } from './feature.ts'
import { FACT_TAGS } from './pin-facts.ts'

export const tagCount: Feature = {
  name: 'tag_count',
  about: 'How many tags the catalogue gives the pin, of eight.',
  of: 'pin',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.day,
  read: (_ranking, { tags: known }) => {
    return (row) => {
      let tags = 0
      while (tags < FACT_TAGS && known[row * FACT_TAGS + tags] !== NONE) tags++
      return tags / FACT_TAGS
    }
  },
}
