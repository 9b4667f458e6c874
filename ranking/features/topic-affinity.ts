import { type Feature, timeToLive } from './feature.ts'

export const topicAffinity: Feature = {
  name: 'topic_affinity',
  about: 'Taste weight of the pin’s topic.',
  of: 'cross',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ tastes }, { topic }) => {
    return (row) => tastes.topics.get(topic[row]!) ?? 0
  },
}
