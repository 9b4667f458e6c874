import { type Feature, timeToLive } from './feature.ts'

export const topicAffinity: Feature = {
  name: 'topic_affinity',
  about: 'Taste weight of the pin’s topic.',
  of: 'cross',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ tastes, services }) => {
    const { features } = services
    return (_index, pin) => tastes.topics.get(features.topic(pin)) ?? 0
  },
}
