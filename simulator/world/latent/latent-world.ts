/**
 * The world that people of `live` and `ladder` live in: what pins are, what people like and when.
 * Everything is a pure function of (seed, kind, index) and time; columns only remember it.
 * Recommenders see none of it: a test lists every field that leaves the world.
 *
 * Laws
 * - Topics are chosen with weight (rank + 3)^-0.8 over a seeded order of the vocabulary.
 * - A pin has one topic, one in four a second one (three of five of its family); a look of four
 *   numbers, near one of eight styles; a quality, standard normal; a language.
 * - Pins are numbered by birth: `bornBefore` of them before the world starts, evenly over the year
 *   before; the others evenly while it runs.
 * - A person has 1 + Poisson(4) interests, at most ten; the j-th weighs .75^j. Each becomes another
 *   every 240 days, at its own time (`interestsAt`).
 * - Activity is u^-0.5, at most 8.
 */
import { assert, type EpochMs, Random } from '../../../base/index.ts'
import { interestAt, LOOK_SIZE, nearTopic, topicDraw } from '../circle/people.ts'
import { DAY_MS } from '../day.ts'
import { languages } from '../vocabulary.ts'
import { countBelow, pick, runningSums } from '../weighted.ts'
import { everySwitch, type WorldSwitches } from './switches.ts'

export const NO_SECOND = 255
export const INTERESTS_MAX = 10
export const INTEREST_WEIGHT = 0.75

/** What worlds of one seed have in common, whatever their size. */
export const latentLaws = Object.freeze({
  topicShift: 3,
  topicExponent: 0.8,
  /** Pins with a second topic, and how many of those are of the first one's family. */
  second: 0.25,
  secondNear: 0.6,
  /** Interests of the family of the one before. */
  interestNear: 0.35,
  /** Days until an interest is another. */
  driftDays: 240,
  /** Of a look's variance, what the style that it is near to makes of it. */
  styleShare: 0.8,
  /** Pins that are there at the start are up to so old. */
  archiveDays: 365,
})

export type LatentOptions = {
  readonly seed: number
  readonly users: number
  readonly pins: number
  /** Families of topics that there are: in a small world fewer, so that a topic has pins enough. */
  readonly families: number
  readonly from: EpochMs
  readonly days: number
  /** Share of the pins that is there when the world starts. */
  readonly bornBefore: number
  readonly switches: WorldSwitches
}

export const latentDefaults: LatentOptions = Object.freeze({
  seed: 1,
  users: 1_000,
  pins: 10_000,
  families: 16,
  from: Date.UTC(2026, 0, 1),
  days: 28,
  bornBefore: 0.7,
  switches: everySwitch,
})

export type LatentPins = {
  readonly topic: Uint8Array
  /** NO_SECOND for most. */
  readonly second: Uint8Array
  readonly look: Float32Array
  readonly quality: Float32Array
  readonly language: Uint8Array
  /** Ascending. */
  readonly birth: Float64Array
}

export type LatentUsers = {
  readonly activity: Float32Array
  readonly look: Float32Array
  readonly language: Uint8Array
  readonly interestCount: Uint8Array
  /** Share of visits by phone, in (0, 1). */
  readonly phone: Float32Array
  /** Hour of the day that visits are around, UTC. */
  readonly hour: Float32Array
}

export class LatentWorld {
  readonly options: LatentOptions
  readonly pins: LatentPins
  readonly users: LatentUsers
  /** The root of every stream of this world. */
  readonly random: Random
  readonly #topicOf: (unit: number) => number
  readonly #interests: Random

  constructor(given: Partial<LatentOptions> = {}) {
    this.options = { ...latentDefaults, ...given }
    const { seed, users, pins, families, bornBefore } = this.options
    assert(users >= 1 && pins >= 1, 'a world has a person and a pin')
    assert(bornBefore >= 0 && bornBefore <= 1, 'a share of pins is between 0 and 1')
    this.random = new Random(seed).split('latent')
    this.#topicOf = topicDraw(latentLaws, this.random.split('topics'), families)
    this.#interests = this.random.split('interests')
    this.pins = this.#drawPins(this.random.split('pin'))
    this.users = this.#drawUsers(this.random.split('user'))
  }

  /** How many pins are born before `time`: they are the first that many numbers. */
  bornAt(time: EpochMs): number {
    const { birth } = this.pins
    return countBelow(birth, { from: 0, to: birth.length }, time)
  }

  /** Topics that `user` is interested in at `time`, the strongest first; some may be the same. */
  interestsAt(user: number, time: EpochMs): number[] {
    const { drift } = this.options.switches
    const { driftDays } = latentLaws
    const root = this.#interests.split(user)
    const found: number[] = []
    for (let j = 0; j < this.users.interestCount[user]!; j++) {
      const own = root.split(j)
      // Each interest has its own day of change.
      const days = (time - this.options.from) / DAY_MS + 1_000 * driftDays
      const epoch = drift ? Math.floor(days / driftDays + own.unit()) : 0
      const draw = own.split(epoch)
      const last = found.at(-1)
      const isNear = last !== undefined && draw.unit() < latentLaws.interestNear
      found.push(isNear ? nearTopic(last, draw.unit()) : this.#topicOf(draw.unit()))
    }
    return found
  }

  /** Any topic, by how common it is. */
  topicAt(unit: number): number {
    return this.#topicOf(unit)
  }

  #drawPins(root: Random): LatentPins {
    const { pins: count, from, days, bornBefore, switches } = this.options
    const pins = {
      topic: new Uint8Array(count),
      second: new Uint8Array(count).fill(NO_SECOND),
      look: new Float32Array(count * LOOK_SIZE),
      quality: new Float32Array(count),
      language: new Uint8Array(count),
      birth: new Float64Array(count),
    }
    const old = switches.coldPins ? Math.ceil(count * bornBefore) : count
    for (let i = 0; i < count; i++) {
      const random = root.split(i)
      const topic = this.#topicOf(random.unit())
      pins.topic[i] = topic
      const hasSecond = random.unit() < latentLaws.second
      const isNear = random.unit() < latentLaws.secondNear
      const other = isNear ? nearTopic(topic, random.unit()) : this.#topicOf(random.unit())
      if (hasSecond && other !== topic) pins.second[i] = other
      drawLook(random, pins.look.subarray(i * LOOK_SIZE, (i + 1) * LOOK_SIZE))
      pins.quality[i] = random.normal()
      pins.language[i] = languageAt(random.unit())
      const age = ((old - i - 0.5) / old) * latentLaws.archiveDays
      const late = ((i - old + 0.5) / Math.max(1, count - old)) * days
      pins.birth[i] = Math.floor(from + DAY_MS * (i < old ? -age : late))
    }
    return pins
  }

  #drawUsers(root: Random): LatentUsers {
    const { users: count } = this.options
    const users = {
      activity: new Float32Array(count),
      look: new Float32Array(count * LOOK_SIZE),
      language: new Uint8Array(count),
      interestCount: new Uint8Array(count),
      phone: new Float32Array(count),
      hour: new Float32Array(count),
    }
    for (let i = 0; i < count; i++) {
      const random = root.split(i)
      users.activity[i] = Math.min(8, (1 - random.unit()) ** -0.5)
      drawLook(random, users.look.subarray(i * LOOK_SIZE, (i + 1) * LOOK_SIZE))
      users.language[i] = languageAt(random.unit())
      users.interestCount[i] = Math.min(INTERESTS_MAX, 1 + random.poisson(4))
      users.phone[i] = 0.1 + 0.8 * random.unit()
      users.hour[i] = (24 + 19 + 3 * random.normal()) % 24
    }
    return users
  }
}

/** Which of `count` interests lies at `unit`. */
export const interestPlace = (unit: number, count: number) =>
  interestAt(unit, count, INTEREST_WEIGHT)

const languageSums = runningSums(languages.map(({ share }) => share))
const languageAt = (unit: number) => pick(languageSums, 0, languages.length, unit)

/**
 * A look near one of the styles, which lie on both ends of every axis: of two, the one is as likely
 * to suit as to be the contrary.
 */
function drawLook(random: Random, into: Float32Array): void {
  const axis = random.below(LOOK_SIZE)
  const end = random.unit() < 0.5 ? -1 : 1
  const own = Math.sqrt(1 - latentLaws.styleShare)
  for (let k = 0; k < LOOK_SIZE; k++) into[k] = own * random.normal()
  into[axis]! += end * Math.sqrt(latentLaws.styleShare * LOOK_SIZE)
}
