import { NONE } from '../../base/index.ts'
import { type Feature, timeToLive } from './feature.ts'
import { FACT_TAGS } from './pin-facts.ts'

export const tagAffinity: Feature = {
  name: 'tag_affinity',
  about: 'Mean taste weight of the pin’s tags.',
  of: 'cross',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ tastes }, { tags: known }) => {
    return (row) => {
      let sum = 0
      let tags = 0
      for (let slot = 0; slot < FACT_TAGS; slot++) {
        const tag = known[row * FACT_TAGS + slot]!
        // Tags fill the first slots.
        if (tag === NONE) break
        tags++
        sum += tastes.tags.get(tag) ?? 0
      }
      return tags === 0 ? 0 : sum / tags
    }
  },
}
