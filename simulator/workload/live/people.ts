/**
 * The people of a latent world as visitors of a running server: what they see, like and do is
 * `behaviour/visit`'s; here stand only the pace of it and what the server is told. The one file of
 * the live load that reads the world.
 *
 * Each visit is somebody as they were when the world's log ended, so it depends on nothing but
 * (seed, user, session, answers). The server is expected to hold that world's catalogue under the
 * ids of `world/texts.ts`. A pin that it does not know is liked as one of the world's pins that its
 * id chooses: then tastes mean nothing, yet everybody still acts by habit, and the pin is counted
 * as unknown.
 */
import { type EpochMs, type EventContext, hash32, Random } from '../../../base/index.ts'
import {
  Appeal,
  boardAbout,
  type Look as Glance,
  Person,
  type Visit as PersonVisit,
} from '../../behaviour/index.ts'
import {
  DAY_MS,
  families,
  type LatentOptions,
  LatentWorld,
  pick,
  pinId,
  runningSums,
  topics,
  userId,
} from '../../world/index.ts'
import type { Feed, FeedAsk } from './target.ts'
import type { Act, Deed, Look, People, Visit } from './visit.ts'

export type PeopleOptions = {
  readonly world: Partial<LatentOptions>
  readonly seed: number
  /** Share of visits by somebody whom the server has never heard of. */
  readonly newcomers?: number
  /** Names newcomers, so that those of one run are new in the next, too. */
  readonly run: string
  /** Pins asked for at once. */
  readonly limit?: number
  /** Impressions are told in batches of so long; all else at once, as the feed page does. */
  readonly batchMs?: number
}

export const peopleDefaults = Object.freeze({ newcomers: 0.02, limit: 25, batchMs: 5_000 })

/** How many kinds of newcomers there are: their tastes repeat after so many. */
const NEWCOMERS = 512
/** A glance at a pin, in ms: from, and up to so much more. */
const GLANCE_MS = 600
const GLANCE_MORE_MS = 1_000
const EXCLUDED_MOST = 100
/** Interests whose families somebody new follows. */
const FOLLOWED = 2

export function worldPeople(options: PeopleOptions): People {
  return new WorldPeople({ ...peopleDefaults, ...options })
}

class WorldPeople implements People {
  readonly options: Required<PeopleOptions>
  readonly appeal: Appeal
  /** People whom the server knows: those before the newcomers. */
  readonly known: number
  readonly #random: Random
  readonly #activity: Float64Array
  pinsUnknown = 0

  constructor(options: Required<PeopleOptions>) {
    this.options = options
    const world = new LatentWorld(options.world)
    this.known = world.options.users
    // More people change no other one.
    const users = this.known + NEWCOMERS
    this.appeal = new Appeal(new LatentWorld({ ...options.world, users }))
    this.#random = new Random(options.seed).split('people')
    this.#activity = runningSums(world.users.activity)
  }

  visitor(n: number): number {
    const random = this.#random.split('visitor').split(n)
    if (random.unit() < this.options.newcomers) return this.known + n
    return pick(this.#activity, 0, this.known, random.unit())
  }

  isNew(user: number): boolean {
    return user >= this.known
  }

  open(user: number, session: number): Visit {
    return new WorldVisit(this, user, this.#random.split(user).split(session))
  }

  name(user: number): string {
    return this.isNew(user) ? `${this.options.run}-new${user - this.known}` : userId(user)
  }

  /** The number in the world of one who comes. */
  number(user: number): number {
    return this.isNew(user) ? this.known + ((user - this.known) % NEWCOMERS) : user
  }

  /** The number of a pin in the world. */
  pin(id: string): number {
    const { pins } = this.appeal.world.options
    const number = Number(id.slice(1))
    if (Number.isInteger(number) && number >= 0 && number < pins && pinId(number) === id) {
      return number
    }
    this.pinsUnknown++
    return hash32(id) % pins
  }
}

class WorldVisit implements Visit {
  readonly user: string
  readonly #people: WorldPeople
  readonly #isNew: boolean
  readonly #visit: PersonVisit
  readonly #random: Random
  readonly #shown: string[] = []
  #pages = 0

  constructor(people: WorldPeople, user: number, random: Random) {
    this.user = people.name(user)
    this.#people = people
    this.#isNew = people.isNew(user)
    this.#random = random
    const { appeal } = people
    const person = new Person(appeal, people.number(user))
    // Which visit it is names what the person draws.
    const own = random.split('visit')
    person.visits = own.u32()
    this.#visit = person.begin(timeIn(appeal.world, own.unit()))
  }

  ask(): FeedAsk {
    const { limit } = this.#people.options
    const exclude = this.#shown.slice(-EXCLUDED_MOST)
    return { user: this.user, limit, ...(exclude.length > 0 && { exclude }) }
  }

  look(feed: Feed): Look {
    const random = this.#random.split(this.#pages)
    const sheet = new Sheet(this.#people.options.batchMs)
    if (this.#pages === 0 && this.#isNew) this.#introduce(sheet)
    this.#pages++
    const ids = feed.pins.map(({ pin }) => pin)
    this.#shown.push(...ids)
    const { looks, left } = this.#visit.look(ids.map((id) => this.#people.pin(id)))
    for (const glance of looks) {
      const { pin: id, propensity } = feed.pins[glance.rank]!
      const place = placeOf(feed, glance.rank)
      sheet.pass(GLANCE_MS + random.below(GLANCE_MORE_MS))
      sheet.seen({ kind: 'impression', pin: id, context: { ...place, viewed: true, propensity } })
      this.#act(sheet, { id, glance, place })
    }
    const acts = sheet.finish()
    if (left || feed.pins.length === 0) return { acts }
    return { acts, moreAfterMs: sheet.ms + GLANCE_MS }
  }

  /** Somebody new follows the families of their strongest interests. */
  #introduce(sheet: Sheet): void {
    const followed = this.#visit.now.interests.slice(0, FOLLOWED)
    const names = new Set(followed.map((topic) => families[topics[topic]!.family]!.name))
    for (const topic of names) sheet.done({ kind: 'follow-topic', topic })
  }

  /** What is done with one pin. */
  #act(sheet: Sheet, { id, glance, place }: Seen): void {
    const { response, dwell, pin } = glance
    if (response === 'none') return
    if (response === 'hide') {
      sheet.done({ kind: 'hide', pin: id, context: place })
      return
    }
    sheet.pass(dwell * 1_000)
    sheet.done({ kind: 'closeup', pin: id, context: { ...place, dwell } })
    if (response === 'outbound') sheet.done({ kind: 'outbound', pin: id, context: place })
    if (response !== 'save') return
    const board = this.#boardOf(pin)
    sheet.done({ kind: 'save', pin: id, ...(board && { board }), context: place })
  }

  /** People have boards about their interests; somebody new has none yet. */
  #boardOf(pin: number): string | undefined {
    const { user, interests } = this.#visit.now
    const topic = this.#people.appeal.world.pins.topic[pin]!
    if (this.#isNew || !interests.includes(topic)) return undefined
    return boardAbout({ user, topic, nth: 0 })
  }
}

/** An instant of the day on which the world's log ends. */
function timeIn({ options }: LatentWorld, unit: number): EpochMs {
  return Math.floor(options.from + DAY_MS * (options.days - unit))
}

type Seen = {
  readonly id: string
  readonly glance: Glance
  readonly place: EventContext
}

function placeOf({ request, generation, model }: Feed, rank: number): EventContext {
  const made = model === undefined ? { generation } : { generation, model }
  return { request, rank, surface: 'home', ...made }
}

/** What one look leads to, written down as time passes. */
class Sheet {
  readonly #batchMs: number
  readonly #acts: Act[] = []
  #batch: Deed[] = []
  ms = 0

  constructor(batchMs: number) {
    this.#batchMs = batchMs
  }

  pass(ms: number): void {
    this.ms += ms
    const first = this.#batch[0]
    if (first && this.ms - first.afterMs >= this.#batchMs) this.#tell(first.afterMs + this.#batchMs)
  }

  /** Told with the next batch. */
  seen(deed: Omit<Deed, 'afterMs'>): void {
    this.#batch.push({ ...deed, afterMs: this.ms })
  }

  /** Told at once. */
  done(deed: Omit<Deed, 'afterMs'>): void {
    this.#acts.push({ afterMs: this.ms, deeds: [{ ...deed, afterMs: this.ms }] })
  }

  finish(): readonly Act[] {
    if (this.#batch.length > 0) this.#tell(this.ms)
    return this.#acts
  }

  #tell(afterMs: number): void {
    this.#acts.push({ afterMs, deeds: this.#batch })
    this.#batch = []
  }
}
