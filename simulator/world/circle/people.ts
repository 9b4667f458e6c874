/**
 * The people of a circle: interests, the look they like, how active they are. Each is drawn from an
 * own stream, named by (seed, number), so nobody depends on how many there are.
 */
import type { Random } from '../../../base/index.ts'
import { families, TOPICS_PER_FAMILY, topics } from '../vocabulary.ts'
import { pick, runningSums } from '../weighted.ts'
import type { CircleLaws } from './laws.ts'

/** Dimensions of a look: what a picture shows and a tag does not say. */
export const LOOK_SIZE = 4

export type People = {
  /** Running sums, one longer than there are people. */
  readonly activity: Float64Array
  /** interests[interestStarts[u]..interestStarts[u + 1]) are topics, the strongest first. */
  readonly interestStarts: Uint32Array
  readonly interests: Uint8Array
  /** LOOK_SIZE standard normals for each. */
  readonly look: Float32Array
}

type TopicLaws = Pick<CircleLaws, 'topicShift' | 'topicExponent'>

/**
 * Draws topics by the laws' weights over a seeded order of the vocabulary; `unit` in [0, 1). With
 * `familyCount`, those of so many families.
 */
export function topicDraw(
  laws: TopicLaws,
  random: Random,
  familyCount: number = families.length,
): (unit: number) => number {
  const all = random.shuffle(topics.map((_, topic) => topic))
  const first = new Set(
    [...new Set(all.map((topic) => topics[topic]!.family))].slice(0, familyCount),
  )
  const order = all.filter((topic) => first.has(topics[topic]!.family))
  const weights = new Float64Array(topics.length)
  for (const [rank, topic] of order.entries()) {
    weights[topic] = (rank + laws.topicShift) ** -laws.topicExponent
  }
  const sums = runningSums(weights)
  return (unit) => pick(sums, 0, topics.length, unit)
}

/** A topic of the same family, maybe itself. */
export const nearTopic = (topic: number, unit: number) =>
  topics[topic]!.family * TOPICS_PER_FAMILY + Math.floor(unit * TOPICS_PER_FAMILY)

export function drawPeople(
  laws: CircleLaws,
  root: Random,
  topicOf: (unit: number) => number,
): People {
  const count = laws.users
  const activity = new Float64Array(count)
  const interestStarts = new Uint32Array(count + 1)
  const look = new Float32Array(count * LOOK_SIZE)
  const interests: number[] = []
  for (let user = 0; user < count; user++) {
    const random = root.split(user)
    activity[user] = Math.min(laws.activityCap, (1 - random.unit()) ** -laws.activityPower)
    for (let k = 0; k < LOOK_SIZE; k++) look[user * LOOK_SIZE + k] = random.normal()
    const wanted = 1 + random.poisson(laws.interestMean)
    let last = -1
    for (let j = 0; j < wanted; j++) {
      const isNear = last >= 0 && random.unit() < laws.interestNear
      const topic = isNear ? nearTopic(last, random.unit()) : topicOf(random.unit())
      if (interests.indexOf(topic, interestStarts[user]!) < 0) interests.push(topic)
      last = topic
    }
    interestStarts[user + 1] = interests.length
  }
  return {
    activity: runningSums(activity),
    interestStarts,
    interests: Uint8Array.from(interests),
    look,
  }
}

/** Which of `count` interests lies at `unit` when the j-th weighs decay^j. */
export function interestAt(unit: number, count: number, decay: number): number {
  // The running sum of a geometric series, inverted.
  const left = 1 - unit * (1 - decay ** count)
  return Math.min(count - 1, Math.trunc(Math.abs(Math.log(left) / Math.log(decay))))
}
