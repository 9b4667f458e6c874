/**
 * How much a user likes a pin: topic first, then quality, the look of it and its language. This is
 * the truth that recommenders try to learn; everything here reads the latent world.
 */
import { INTEREST_DECAY, languages, NO_TOPIC, styles, topics, type World } from '../world/index.ts'

/** A topic of the same family as an interest counts for this much of it. */
const FAMILY_SHARE = 0.2
const SECOND_TOPIC_SHARE = 0.6
const ENGLISH = languages.findIndex((language) => language.code === 'en')

/** Interest of `user` in `topic`, in [0, 1]: 1 for the strongest interest. */
export function interestIn(world: World, user: number, topic: number): number {
  const { interestStarts, interests } = world.users
  const family = topics[topic]!.family
  let best = 0
  let weight = 1
  for (let i = interestStarts[user]!; i < interestStarts[user + 1]!; i++) {
    const interest = interests[i]!
    if (interest === topic) return Math.max(best, weight)
    if (topics[interest]!.family === family) best = Math.max(best, weight * FAMILY_SHARE)
    weight *= INTEREST_DECAY
  }
  return best
}

/** Interest of `user` in what `pin` is about, in [0, 1]. */
export function topicMatch(world: World, user: number, pin: number): number {
  const first = interestIn(world, user, world.pins.topic[pin]!)
  const second = world.pins.second[pin]!
  if (second === NO_TOPIC) return first
  return Math.max(first, SECOND_TOPIC_SHARE * interestIn(world, user, second))
}

/** How the pin's look suits the user: 1, a half for a neighbour on the ring of styles, or 0. */
export function styleMatch(world: World, user: number, pin: number): number {
  const apart = Math.abs(world.users.style[user]! - world.pins.style[pin]!)
  const distance = Math.min(apart, styles.length - apart)
  return distance === 0 ? 1 : distance === 1 ? 0.5 : 0
}

/** True where the pin is neither in the user's language nor in English. */
export function isForeign(world: World, user: number, pin: number): boolean {
  const language = world.pins.language[pin]!
  return language !== ENGLISH && language !== world.users.language[user]
}

/**
 * Log-odds of wanting the pin once seen. The square root lets a weak interest still count: a
 * third interest (0.42) gives two thirds of the pull of the first.
 */
export function utility(world: World, user: number, pin: number): number {
  return (
    -3.4 +
    4.4 * Math.sqrt(topicMatch(world, user, pin)) +
    2 * (world.pins.quality[pin]! - 0.5) +
    1.2 * styleMatch(world, user, pin) -
    (isForeign(world, user, pin) ? 1.5 : 0)
  )
}
