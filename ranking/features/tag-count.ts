import { NONE } from '../../base/index.ts'
import { type Feature, timeToLive } from './feature.ts'
import { TAGS_PER_PIN } from './feature-table.ts'

export const tagCount: Feature = {
  name: 'tag_count',
  about: 'How many tags the catalogue gives the pin, of eight.',
  of: 'pin',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.day,
  read: ({ services }) => {
    const { features } = services
    return (_index, pin) => {
      let tags = 0
      while (tags < TAGS_PER_PIN && features.tag(pin, tags) !== NONE) tags++
      return tags / TAGS_PER_PIN
    }
  },
}
