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
import {
  INTEREST_WEIGHT,
  interestPlace,
  type LatentWorld,
  Shelves,
  TOPICS_PER_FAMILY,
  topics,
} from '../world/index.ts'

/** Sources of a slot; the last is the policy `uniform`, the others belong to `popular`. */
export const feedSources = ['interest', 'family', 'popular', 'uniform'] as const
const [INTEREST, FAMILY, POPULAR, UNIFORM] = [0, 1, 2, 3]
const SHARE_INTEREST = 0.6
const SHARE_FAMILY = 0.14
const SHARE_POPULAR = 0.14
const SHARE_UNIFORM = 0.12

export type Slot = { readonly pin: number; readonly source: number; readonly propensity: number }
export type Ask = {
  /** Topics, the strongest first. */
  readonly interests: readonly number[]
  /** Pins that exist: the first so many numbers. */
  readonly born: number
  readonly length: number
}

export class PastFeed {
  readonly #world: LatentWorld
  readonly #shelves: Shelves
  readonly #saves: Uint32Array
  /** The pins saved so far, once for each save. */
  readonly #saved: number[] = []
  readonly #savedOfTopic: number[][] = topics.map(() => [])

  constructor(world: LatentWorld, shelves = new Shelves(world)) {
    this.#world = world
    this.#shelves = shelves
    this.#saves = new Uint32Array(world.options.pins)
  }

  /** The pins of a topic saved so far, once for each save. */
  savedOf(topic: number): readonly number[] {
    return this.#savedOfTopic[topic]!
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
  slate({ interests, born, length }: Ask, random: Random): Slot[] {
    const slots: Slot[] = []
    const shown = new Set<number>()
    let taken = 0
    for (let tries = 0; slots.length < length && tries < 3 * length; tries++) {
      const source = this.#source(random.unit())
      const pin = this.#draw(source, interests, born, random)
      if (shown.has(pin)) continue
      shown.add(pin)
      const chance = this.propensity(interests, pin, born)
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

  #draw(source: number, interests: readonly number[], born: number, random: Random): number {
    if (source === POPULAR) {
      return this.#saved[random.below(this.#saved.length)] ?? random.below(born)
    }
    if (source === UNIFORM) return random.below(born)
    const interest = interests[interestPlace(random.unit(), interests.length)]!
    if (source === INTEREST) return this.#ofTopic(interest, born, random)
    const first = interest - (interest % TOPICS_PER_FAMILY)
    return this.#ofTopic(first + random.below(TOPICS_PER_FAMILY), born, random)
  }

  /** P(one draw for somebody of these interests gives `pin`), summed over the sources. */
  propensity(interests: readonly number[], pin: number, born: number): number {
    const topic = this.#world.pins.topic[pin]!
    const list = this.#savedOfTopic[topic]!
    const within = (this.#saves[pin]! + 1) / (list.length + this.#shelves.born(topic, born))
    const all = this.#saved.length
    const [own, family] = weightsOf(interests, topic)
    return (
      within * (SHARE_INTEREST * own + (SHARE_FAMILY * family) / TOPICS_PER_FAMILY) +
      SHARE_POPULAR * (all === 0 ? 1 / born : this.#saves[pin]! / all) +
      (SHARE_UNIFORM + this.#lost(interests, born)) / born
    )
  }

  /** Chance of a topic without a pin, which shows any pin instead; only tiny worlds have one. */
  #lost(interests: readonly number[], born: number): number {
    if (born >= this.#shelves.allFrom) return 0
    let lost = 0
    let weight = 1
    let total = 0
    for (const interest of interests) {
      const first = interest - (interest % TOPICS_PER_FAMILY)
      if (this.#shelves.born(interest, born) === 0) lost += SHARE_INTEREST * weight
      for (let topic = first; topic < first + TOPICS_PER_FAMILY; topic++) {
        if (this.#shelves.born(topic, born) === 0) {
          lost += (SHARE_FAMILY * weight) / TOPICS_PER_FAMILY
        }
      }
      total += weight
      weight *= INTEREST_WEIGHT
    }
    return lost / total
  }

  #ofTopic(topic: number, born: number, random: Random): number {
    const list = this.#savedOfTopic[topic]!
    const shelf = this.#shelves.born(topic, born)
    if (shelf === 0) return random.below(born)
    const at = random.below(list.length + shelf)
    return at < list.length ? list[at]! : this.#shelves.pin(topic, at - list.length)
  }
}

/** The shares of interest in `topic` itself and in its whole family. */
function weightsOf(interests: readonly number[], topic: number): [number, number] {
  const { family } = topics[topic]!
  let weight = 1
  let total = 0
  let own = 0
  let near = 0
  for (const interest of interests) {
    total += weight
    if (interest === topic) own += weight
    if (topics[interest]!.family === family) near += weight
    weight *= INTEREST_WEIGHT
  }
  return [own / total, near / total]
}
