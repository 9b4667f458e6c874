/**
 * The feed that the demo's users had before Pinwheel: what is popular in their topics, what is
 * popular at large, and a share of chance, so that every pin has a known probability of being
 * shown and a ranker can be trained without bias.
 *
 * Slots: interest 0.6 (a topic by the weight of the interest), family 0.14 (a sibling of it),
 * popular 0.14, uniform 0.12. Within a topic a pin is drawn with weight (saves so far + 1), at
 * large with weight (saves so far). Each draw costs O(log pins): an earlier save is drawn rather
 * than a pin by its count.
 */
import type { Random } from '../../base/index.ts'
import { INTEREST_DECAY, shelfBorn, TOPICS_PER_FAMILY, topics, type World } from '../world/index.ts'

/** Sources of a slot; the last is the policy `uniform`, the others belong to `popular`. */
export const feedSources = ['interest', 'family', 'popular', 'uniform'] as const
const [INTEREST, FAMILY, POPULAR, UNIFORM] = [0, 1, 2, 3]
const SHARE_INTEREST = 0.6
const SHARE_FAMILY = 0.14
const SHARE_POPULAR = 0.14
const SHARE_UNIFORM = 0.12

export type Slot = { readonly pin: number; readonly source: number; readonly propensity: number }
export type Ask = { readonly user: number; readonly born: number; readonly length: number }

export class PastFeed {
  readonly #world: World
  readonly #saves: Uint32Array
  /** The pins saved so far, once for each save. */
  readonly #saved: number[] = []
  readonly #savedOfTopic: number[][]

  constructor(world: World) {
    this.#world = world
    this.#saves = new Uint32Array(world.options.pins)
    this.#savedOfTopic = Array.from({ length: world.options.topics }, () => [])
  }

  /** Somebody saved `pin`. */
  noteSave(pin: number): void {
    this.#saves[pin]!++
    this.#saved.push(pin)
    this.#savedOfTopic[this.#world.pins.topic[pin]!]!.push(pin)
  }

  /**
   * Up to `length` different pins among the first `born`. A pin that is shown already is drawn
   * again, so the propensity of a slot is that of one draw given that it hits none of those above.
   */
  slate({ user, born, length }: Ask, random: Random): Slot[] {
    const slots: Slot[] = []
    const shown = new Set<number>()
    let taken = 0
    for (let tries = 0; slots.length < length && tries < 3 * length; tries++) {
      const source = this.#source(random.unit())
      const pin = this.#draw(source, user, born, random)
      if (shown.has(pin)) continue
      shown.add(pin)
      const chance = this.propensity(user, pin, born)
      slots.push({ pin, source, propensity: chance / (1 - taken) })
      taken += chance
    }
    return slots
  }

  #source(u: number): number {
    if (u < SHARE_INTEREST) return INTEREST
    if (u < SHARE_INTEREST + SHARE_FAMILY) return FAMILY
    return u < 1 - SHARE_UNIFORM ? POPULAR : UNIFORM
  }

  #draw(source: number, user: number, born: number, random: Random): number {
    switch (source) {
      case INTEREST:
        return this.#ofTopic(this.#interest(user, random.unit()), born, random)
      case FAMILY:
        return this.#ofTopic(
          this.#sibling(this.#interest(user, random.unit()), random),
          born,
          random,
        )
      case POPULAR:
        return this.#saved[random.below(this.#saved.length)] ?? random.below(born)
      default:
        return random.below(born)
    }
  }

  /** P(one draw for `user` gives `pin`), summed over the sources. */
  propensity(user: number, pin: number, born: number): number {
    const topic = this.#world.pins.topic[pin]!
    const list = this.#savedOfTopic[topic]!
    const within = (this.#saves[pin]! + 1) / (list.length + shelfBorn(this.#world, topic, born))
    const all = this.#saved.length
    const [own, family] = this.#weights(user, topic)
    return (
      within * (SHARE_INTEREST * own + (SHARE_FAMILY * family) / this.#siblings(topic)) +
      SHARE_POPULAR * (all === 0 ? 1 / born : this.#saves[pin]! / all) +
      SHARE_UNIFORM / born
    )
  }

  /** The shares of the user's interest in `topic` itself and in its whole family. */
  #weights(user: number, topic: number): [number, number] {
    const { interestStarts, interests } = this.#world.users
    let weight = 1
    let total = 0
    let own = 0
    let family = 0
    for (let i = interestStarts[user]!; i < interestStarts[user + 1]!; i++) {
      total += weight
      if (interests[i] === topic) own += weight
      if (topics[interests[i]!]!.family === topics[topic]!.family) family += weight
      weight *= INTEREST_DECAY
    }
    return [own / total, family / total]
  }

  #interest(user: number, unit: number): number {
    const { interestStarts, interests } = this.#world.users
    const from = interestStarts[user]!
    const count = interestStarts[user + 1]! - from
    return interests[from + interestAt(unit, count)]!
  }

  #siblings(topic: number): number {
    const first = topics[topic]!.family * TOPICS_PER_FAMILY
    return Math.min(TOPICS_PER_FAMILY, this.#world.options.topics - first)
  }

  #sibling(topic: number, random: Random): number {
    return topics[topic]!.family * TOPICS_PER_FAMILY + random.below(this.#siblings(topic))
  }

  #ofTopic(topic: number, born: number, random: Random): number {
    const list = this.#savedOfTopic[topic]!
    const shelf = shelfBorn(this.#world, topic, born)
    const at = random.below(list.length + shelf)
    if (at < list.length) return list[at]!
    // A topic without a pin shows any pin instead; only tiny worlds have one.
    if (shelf === 0) return random.below(born)
    return this.#world.shelves.pins[this.#world.shelves.starts[topic]! + at - list.length]!
  }
}

/** Which of `count` interests lies at `unit` when the j-th weighs INTEREST_DECAY^j. */
export function interestAt(unit: number, count: number): number {
  // The running sum of a geometric series, inverted.
  const left = 1 - unit * (1 - INTEREST_DECAY ** count)
  return Math.min(count - 1, Math.trunc(Math.abs(Math.log(left) / Math.log(INTEREST_DECAY))))
}
