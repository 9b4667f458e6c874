/** Candidates that share the user's strongest tags and topics, most saved first (2011). */
import type { Source } from '../pipeline/stage.ts'

export type TagsSourceOptions = {
  readonly tags: number
  readonly perTag: number
}

export const tagsSourceDefaults: TagsSourceOptions = Object.freeze({ tags: 12, perTag: 30 })

export function tagsSource(given: Partial<TagsSourceOptions> = {}): Source {
  const options = { ...tagsSourceDefaults, ...given }
  return {
    kind: 'source',
    name: 'tags',
    top: options.tags * options.perTag,
    budgetMs: 2,
    enabled: ({ user, wanted }) =>
      user.seeds.length > 0 || user.topics.length > 0 || wanted !== undefined,
    find({ tastes, services, candidates }) {
      const catalogue = services.catalogue()
      const strongest = (weights: ReadonlyMap<number, number>) =>
        [...weights].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, options.tags)
      const add = (pins: Uint32Array, weight: number) => {
        for (const pin of pins.subarray(0, options.perTag)) {
          const known = candidates.indexOf(pin)
          const before = known < 0 ? 0 : candidates.score('tags', known)
          candidates.add('tags', pin, before + weight)
        }
      }
      for (const [tag, weight] of strongest(tastes.tags)) add(catalogue.tag(tag), weight)
      for (const [topic, weight] of strongest(tastes.topics)) add(catalogue.topic(topic), weight)
    },
  }
}
