/**
 * How much a person wants a pin now, in log-odds of opening it once seen: the truth that
 * recommenders try to learn. It never reads a score, a rank or who recommended.
 */
import type { EpochMs } from '../../../base/index.ts'
import {
  DAY_MS,
  type Device,
  INTEREST_WEIGHT,
  type LatentWorld,
  LOOK_SIZE,
  languages,
  Moods,
  NO_SECOND,
  topics,
} from '../../world/index.ts'

export const appealWeights = Object.freeze({
  /** So that one in twenty of what a popularity feed shows is opened. */
  base: -4.6,
  /** Of the square root of the match, so that a weak interest still counts. */
  match: 2.6,
  quality: 0.35,
  look: 1.4,
  fresh: 0.7,
  trend: 0.35,
  context: 0.45,
  intent: 1.3,
  satiation: 0.35,
  foreign: -1.5,
})
/** A topic of the same family as an interest, and a pin's second topic, count for so much. */
const FAMILY_SHARE = 0.2
const SECOND_SHARE = 0.6
const FRESH_DAYS = 7
const NO_INTENT = -1
const ENGLISH = languages.findIndex(({ code }) => code === 'en')

/** What a person is like at one moment of a visit. */
export type Situation = {
  readonly user: number
  readonly time: EpochMs
  readonly device: Device
  /** Strongest first. */
  readonly interests: readonly number[]
  /** The topic that the visit is about, or NO_INTENT. */
  readonly intent: number
  /** Pins of each topic that were seen lately, fading. */
  readonly seen: Float32Array
}

export { NO_INTENT }

export class Appeal {
  readonly world: LatentWorld
  readonly #moods: Moods

  constructor(world: LatentWorld) {
    this.world = world
    this.#moods = new Moods(world.random.split('moods'))
  }

  /** Log-odds of opening the pin; the same for every pin and person in a world without taste. */
  of(pin: number, now: Situation): number {
    const { switches } = this.world.options
    const w = appealWeights
    if (!switches.taste) return w.base + w.match / 2
    const { pins } = this.world
    const topic = pins.topic[pin]!
    const match = Math.sqrt(this.match(pin, now.interests))
    let sum = w.base + w.match * match
    if (switches.quality) sum += w.quality * pins.quality[pin]!
    if (switches.look) sum += w.look * this.#likeness(pin, now.user)
    if (switches.freshness) sum += w.fresh * this.#freshness(pin, now.time)
    if (switches.trends) sum += w.trend * this.#moods.trend(topic, now.time)
    // Who does not care for a topic cares at no hour.
    if (switches.context)
      sum += w.context * match * this.#moods.context(topic, now.time, now.device)
    if (switches.intent) sum += w.intent * this.#intended(pin, now.intent)
    if (switches.satiation) sum -= w.satiation * Math.log1p(now.seen[topic]!)
    return this.#isForeign(pin, now.user) ? sum + w.foreign : sum
  }

  /** How far the pin is about these interests, in [0, 1]. */
  match(pin: number, interests: readonly number[]): number {
    const { topic, second } = this.world.pins
    const first = interestIn(topic[pin]!, interests)
    const other = second[pin]!
    return other === NO_SECOND
      ? first
      : Math.max(first, SECOND_SHARE * interestIn(other, interests))
  }

  /** Mean 0, deviation 1 over pins and people. */
  #likeness(pin: number, user: number): number {
    const { pins, users } = this.world
    let sum = 0
    for (let k = 0; k < LOOK_SIZE; k++) {
      sum += pins.look[pin * LOOK_SIZE + k]! * users.look[user * LOOK_SIZE + k]!
    }
    return sum / Math.sqrt(LOOK_SIZE)
  }

  #freshness(pin: number, time: EpochMs): number {
    return Math.exp(-Math.max(0, time - this.world.pins.birth[pin]!) / DAY_MS / FRESH_DAYS)
  }

  /** 1 where the pin is about the intent, less where it is near. */
  #intended(pin: number, intent: number): number {
    if (intent === NO_INTENT) return 0
    const { topic, second } = this.world.pins
    if (topic[pin] === intent) return 1
    if (second[pin] === intent) return SECOND_SHARE
    return topics[topic[pin]!]!.family === topics[intent]!.family ? FAMILY_SHARE : 0
  }

  #isForeign(pin: number, user: number): boolean {
    const language = this.world.pins.language[pin]!
    return language !== ENGLISH && language !== this.world.users.language[user]
  }
}

function interestIn(topic: number, interests: readonly number[]): number {
  const { family } = topics[topic]!
  let best = 0
  let weight = 1
  for (const interest of interests) {
    if (interest === topic) return Math.max(best, weight)
    if (topics[interest]!.family === family) best = Math.max(best, weight * FAMILY_SHARE)
    weight *= INTEREST_WEIGHT
  }
  return best
}
