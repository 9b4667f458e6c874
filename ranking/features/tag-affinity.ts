/** Mean taste weight of the pin's tags. */
import { NONE } from '../../base/index.ts'
import type { Feature } from './feature.ts'
import { TAGS_PER_PIN } from './feature-table.ts'

export const tagAffinity: Feature = {
  name: 'tag_affinity',
  read: ({ tastes, services }, _index, pin) => {
    let sum = 0
    let tags = 0
    for (let slot = 0; slot < TAGS_PER_PIN; slot++) {
      const tag = services.features.tag(pin, slot)
      if (tag === NONE) continue
      tags++
      sum += tastes.tags.get(tag) ?? 0
    }
    return tags === 0 ? 0 : sum / tags
  },
}
