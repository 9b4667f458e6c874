/**
 * The people of a simulated world as visitors of a running server: what they see, like, save and
 * file is `behaviour`'s; here stand only the order and the pace of it. The one file of the live
 * load that reads the world.
 *
 * The server is expected to hold that world's catalogue under the ids of `world/texts.ts`. A pin
 * that it does not know is liked as one of the world's pins that its id chooses: then tastes mean
 * nothing, yet everybody still acts by habit, and the pin is counted as unknown.
 */
import { type EventContext, hash32, Random } from '../../../base/index.ts'
import { fileUnder, NO_BOARD, noReaction, type Reaction, react } from '../../behaviour/index.ts'
import {
  boardId,
  createWorld,
  families,
  pick,
  pinId,
  runningSums,
  topics,
  userId,
  type World,
  type WorldOptions,
} from '../../world/index.ts'
import type { Feed, FeedAsk } from './target.ts'
import type { Act, Deed, Look, People, Visit } from './visit.ts'

export type PeopleOptions = {
  readonly world: WorldOptions
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
/** How probable it is that somebody asks for more: whatever happened, and at most. */
const STAYS = 0.2
const STAYS_MOST = 0.7
const EXCLUDED_MOST = 100

export function worldPeople(options: PeopleOptions): People {
  return new WorldPeople({ ...peopleDefaults, ...options })
}

class WorldPeople implements People {
  readonly options: Required<PeopleOptions>
  readonly world: World
  /** The same pins, with users who have no past and no boards. */
  readonly newWorld: World
  readonly #random: Random
  readonly #activity: Float64Array
  pinsUnknown = 0

  constructor(options: Required<PeopleOptions>) {
    this.options = options
    this.world = createWorld(options.world)
    const users = options.world.users + NEWCOMERS
    const more = createWorld({ ...options.world, users, pins: 1, boards: 0 })
    this.newWorld = { ...this.world, users: more.users, boards: more.boards }
    this.#random = new Random(options.seed).split('people')
    this.#activity = runningSums(this.world.users.activity)
  }

  visitor(n: number): number {
    const random = this.#random.split('visitor').split(n)
    const { users } = this.options.world
    if (random.unit() < this.options.newcomers) return users + n
    return pick(this.#activity, 0, users, random.unit())
  }

  isNew(user: number): boolean {
    return user >= this.options.world.users
  }

  open(user: number, session: number): Visit {
    return new WorldVisit(this, user, this.#random.split(user).split(session))
  }

  name(user: number): string {
    const { world, run } = this.options
    return this.isNew(user) ? `${run}-new${user - world.users}` : userId(user)
  }

  /** The number of a pin in the world. */
  pin(id: string): number {
    const { pins } = this.options.world
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
  readonly #world: World
  /** Within `#world`. */
  readonly #number: number
  readonly #random: Random
  readonly #shown: string[] = []
  readonly #saved = new Set<number>()
  #pages = 0

  constructor(people: WorldPeople, user: number, random: Random) {
    const { users } = people.options.world
    const isNew = people.isNew(user)
    this.user = people.name(user)
    this.#people = people
    this.#world = isNew ? people.newWorld : people.world
    this.#number = isNew ? users + ((user - users) % NEWCOMERS) : user
    this.#random = random
  }

  ask(): FeedAsk {
    const { limit } = this.#people.options
    const exclude = this.#shown.slice(-EXCLUDED_MOST)
    return { user: this.user, limit, ...(exclude.length > 0 && { exclude }) }
  }

  look(feed: Feed): Look {
    const random = this.#random.split(this.#pages)
    const sheet = new Sheet(this.#people.options.batchMs)
    if (this.#pages === 0) this.#introduce(sheet)
    const depth = this.#shown.length
    const reactions = random.split('reactions')
    const reaction = noReaction()
    let wanted = 0
    for (const [rank, { pin: id, propensity }] of feed.pins.entries()) {
      const pin = this.#people.pin(id)
      const saved = this.#saved.has(pin)
      const shown = { user: this.#number, pin, rank: depth + rank, saved }
      react(this.#world, shown, reactions, reaction)
      this.#shown.push(id)
      if (!reaction.viewed) continue
      sheet.pass(GLANCE_MS + random.below(GLANCE_MORE_MS))
      const seen = { ...placeOf(feed, rank), viewed: true, propensity }
      sheet.seen({ kind: 'impression', pin: id, context: seen })
      wanted += this.#act(sheet, { id, pin, reaction, random, place: placeOf(feed, rank) })
    }
    this.#pages++
    const acts = sheet.finish()
    const stays = STAYS + (STAYS_MOST - STAYS) * (1 - Math.exp(-wanted / 2))
    if (feed.pins.length === 0 || random.unit() >= stays) return { acts }
    return { acts, moreAfterMs: sheet.ms + GLANCE_MS }
  }

  /** Somebody new follows the families of their two strongest interests. */
  #introduce(sheet: Sheet): void {
    if (this.#world !== this.#people.newWorld) return
    const { interestStarts, interests } = this.#world.users
    const from = interestStarts[this.#number]!
    const end = Math.min(from + 2, interestStarts[this.#number + 1]!)
    const followed = interests.slice(from, end)
    const names = new Set([...followed].map((topic) => families[topics[topic]!.family]!.name))
    for (const topic of names) sheet.done({ kind: 'follow-topic', topic })
  }

  /** What is done with one pin; gives 1 where it was wanted. */
  #act(sheet: Sheet, { id, pin, reaction, random, place }: Seen): number {
    const { dwell, outbound, hide, save } = reaction
    if (dwell > 0) {
      sheet.pass(dwell * 1_000)
      sheet.done({ kind: 'closeup', pin: id, context: { ...place, dwell } })
    }
    if (outbound) sheet.done({ kind: 'outbound', pin: id, context: place })
    if (hide) sheet.done({ kind: 'hide', pin: id, context: place })
    if (!save) return dwell > 0 ? 1 : 0
    this.#saved.add(pin)
    const board = fileUnder(this.#world, { user: this.#number, pin }, random)
    const filed = board === NO_BOARD ? {} : { board: boardId(board) }
    sheet.done({ kind: 'save', pin: id, ...filed, context: place })
    return 1
  }
}

type Seen = {
  readonly id: string
  readonly pin: number
  readonly reaction: Readonly<Reaction>
  readonly random: Random
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
