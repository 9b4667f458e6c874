/** Taste weight of the pin's topic. */
import type { Feature } from './feature.ts'

export const topicAffinity: Feature = {
  name: 'topic_affinity',
  read: ({ tastes, services }, _index, pin) => tastes.topics.get(services.features.topic(pin)) ?? 0,
}
