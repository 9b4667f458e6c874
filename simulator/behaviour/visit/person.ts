/**
 * A person of a running world: what they remember, and what they do in a visit. An action is a pure
 * function of (seed, person, visit, answers received): every draw is from a stream named by those
 * numbers and the place of the pin, so what was shown elsewhere changes it through memory only.
 */
import type { EpochMs, Random } from '../../../base/index.ts'
import { type Device, interestPlace, topics } from '../../world/index.ts'
import { type Appeal, NO_INTENT, type Situation } from './appeal.ts'
import { columnFactor, leaveChance, leaveDefaults, moodAfter } from './leave.ts'
import { chancesOf, drawDwell, drawResponse, type Response } from './response.ts'
import { satisfactionAfter } from './return.ts'

/** How much of what was seen is still felt at the next visit. */
const SEEN_FADES = 0.5
/** Chances that a visit is about an interest, about anything; else about nothing. */
const INTENT_OWN = 0.55
const INTENT_ANY = 0.1
/** Draws that one pin may use. */
const DRAWS_PER_PIN = 8

/** What a person did with a pin that they saw. */
export type Look = {
  readonly pin: number
  /** Place in the page, 0 = first. */
  readonly rank: number
  readonly response: Response
  /** Seconds; 0 without a close-up. */
  readonly dwell: number
  /** What the chance of a save was: for the judge alone. */
  readonly wanted: number
}

export type Page = {
  readonly looks: readonly Look[]
  /** Whether they left before its end or at it. */
  readonly left: boolean
}

export class Person {
  readonly user: number
  readonly saved = new Set<number>()
  readonly hidden = new Set<number>()
  /** In about [-1, 1]. */
  satisfaction = 0
  visits = 0
  readonly #appeal: Appeal
  readonly #seen = new Float32Array(topics.length)

  constructor(appeal: Appeal, user: number) {
    this.#appeal = appeal
    this.user = user
  }

  /** As this one is now, to go its own way. */
  copy(): Person {
    const other = new Person(this.#appeal, this.user)
    for (const pin of this.saved) other.saved.add(pin)
    for (const pin of this.hidden) other.hidden.add(pin)
    other.satisfaction = this.satisfaction
    other.visits = this.visits
    other.#seen.set(this.#seen)
    return other
  }

  /** The next visit begins. */
  begin(time: EpochMs): Visit {
    const visit = this.visits++
    const { world } = this.#appeal
    const random = world.random.split('visit').split(this.user).split(visit)
    for (let topic = 0; topic < this.#seen.length; topic++) this.#seen[topic]! *= SEEN_FADES
    const interests = world.interestsAt(this.user, time)
    const device: Device = random.unit() < world.users.phone[this.user]! ? 'phone' : 'desktop'
    const kind = random.unit()
    const unit = random.unit()
    let intent = NO_INTENT
    if (kind < INTENT_OWN) intent = interests[interestPlace(unit, interests.length)]!
    else if (kind < INTENT_OWN + INTENT_ANY) intent = world.topicAt(unit)
    const now = { user: this.user, time, device, interests, intent, seen: this.#seen }
    return new Visit(this, this.#appeal, now, random.split('pins'))
  }
}

export class Visit {
  readonly now: Situation
  readonly #person: Person
  readonly #appeal: Appeal
  readonly #random: Random
  #looked = 0
  #mood = 0

  constructor(person: Person, appeal: Appeal, now: Situation, random: Random) {
    this.#person = person
    this.#appeal = appeal
    this.now = now
    this.#random = random
  }

  /** Looks at one answer, from its top, until the person leaves or it ends. */
  look(pins: readonly number[]): Page {
    const { positionBias } = this.#appeal.world.options.switches
    const looks: Look[] = []
    for (const [rank, pin] of pins.entries()) {
      const place = this.#looked++
      const random = this.#random.seek(place * DRAWS_PER_PIN)
      const isSeen = !positionBias || random.unit() < columnFactor(rank)
      if (!isSeen) continue
      const look = this.#respond(pin, rank, place)
      looks.push(look)
      if (positionBias && this.#leaves(place)) return { looks, left: true }
    }
    const seen = looks.length
    // Without a bias of place all of a page is seen, and one leaves at its end by as many chances.
    const left = positionBias ? seen === 0 : this.#leavesPage(seen)
    return { looks, left: left || this.#looked >= leaveDefaults.pinsMax }
  }

  /** The visit is over. */
  end(): void {
    const person = this.#person
    person.satisfaction = satisfactionAfter(person.satisfaction, this.#mood)
  }

  #respond(pin: number, rank: number, place: number): Look {
    const { topic } = this.#appeal.world.pins
    const person = this.#person
    const random = this.#random.seek(place * DRAWS_PER_PIN + 1)
    const unit = random.unit()
    const appeal = this.#appeal.of(pin, this.now)
    const isKnown = person.saved.has(pin) || person.hidden.has(pin)
    const chances = chancesOf(appeal)
    const response = isKnown ? 'none' : drawResponse(chances, unit)
    this.now.seen[topic[pin]!]! += 1
    this.#mood = moodAfter(this.#mood, response)
    if (response === 'save') person.saved.add(pin)
    if (response === 'hide') person.hidden.add(pin)
    const isOpened = response !== 'none' && response !== 'hide'
    const dwell = isOpened ? drawDwell(appeal, random) : 0
    return { pin, rank, response, dwell, wanted: isKnown ? 0 : chances.save }
  }

  #leaves(place: number): boolean {
    const unit = this.#random.seek(place * DRAWS_PER_PIN + DRAWS_PER_PIN - 1).unit()
    return unit < leaveChance(this.#mood)
  }

  #leavesPage(pins: number): boolean {
    const unit = this.#random.seek(this.#looked * DRAWS_PER_PIN).unit()
    return unit < 1 - (1 - leaveChance(this.#mood)) ** pins
  }
}
