import { NONE } from '../../base/index.ts'
import { type Feature, timeToLive } from './feature.ts'
import { TAGS_PER_PIN } from './feature-table.ts'

export const tagAffinity: Feature = {
  name: 'tag_affinity',
  about: 'Mean taste weight of the pin’s tags.',
  of: 'cross',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ tastes, services }) => {
    const { features } = services
    return (_index, pin) => {
      let sum = 0
      let tags = 0
      for (let slot = 0; slot < TAGS_PER_PIN; slot++) {
        const tag = features.tag(pin, slot)
        // Tags fill the first slots.
        if (tag === NONE) break
        tags++
        sum += tastes.tags.get(tag) ?? 0
      }
      return tags === 0 ? 0 : sum / tags
    }
  },
}
