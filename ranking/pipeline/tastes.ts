/**
 * A user's tastes as weights by tag and topic: the tags of the seeds, weighted as the seeds are,
 * and the followed topics; the strongest is 1. What is asked for by name comes beside them.
 */
import { NONE } from '../../base/index.ts'
import { type FeatureReader, TAGS_PER_PIN } from '../features/feature-table.ts'
import type { RankRequest } from './request.ts'

export type Tastes = {
  readonly tags: ReadonlyMap<number, number>
  readonly topics: ReadonlyMap<number, number>
}

export function tastesOf(
  { user, wanted = new Map() }: Pick<RankRequest, 'user' | 'wanted'>,
  features: FeatureReader,
): Tastes {
  const tags = new Map<number, number>()
  const topics = new Map<number, number>()
  const add = (to: Map<number, number>, key: number, weight: number) => {
    if (key !== NONE) to.set(key, (to.get(key) ?? 0) + weight)
  }
  for (const { pin, weight } of user.seeds) {
    if (pin >= features.pinCount) continue
    add(topics, features.topic(pin), weight)
    for (let slot = 0; slot < TAGS_PER_PIN; slot++) add(tags, features.tag(pin, slot), weight)
  }
  normalise(tags)
  normalise(topics)
  for (const topic of user.topics) topics.set(topic, 1)
  for (const [name, weight] of wanted) {
    tags.set(name, weight)
    topics.set(name, weight)
  }
  return { tags, topics }
}

function normalise(weights: Map<number, number>): void {
  const max = Math.max(...weights.values())
  for (const [key, weight] of weights) weights.set(key, weight / max)
}
