/**
 * The demo's past, visit by visit: feeds that were looked at, searches and imports that ended in
 * saves. Visits come in order of time and change what the next ones see (popularity, what a user
 * has saved already). Who comes is drawn by activity; what they do, by `behaviour`.
 */
import { type EpochMs, kindCode, type Random } from '../../base/index.ts'
import {
  dwellSeconds,
  fileUnder,
  NO_BOARD,
  noReaction,
  type Reaction,
  react,
  sigmoid,
  utility,
} from '../behaviour/index.ts'
import { pick, pinsBorn, runningSums, shelfBorn, type World } from '../world/index.ts'
import type { Ledger, Row } from './ledger.ts'
import { feedSources, interestAt, PastFeed } from './past-feed.ts'

/** Surfaces other than a feed; `Row.place` numbers them after the feed's sources. */
export const surfaces = ['search', 'import'] as const
const SEARCH = feedSources.length
const IMPORT = SEARCH + 1

const FEED_VISITS = 0.29
const SECOND = 1_000
const NEVER = 0xffffffff

type Visit = {
  readonly number: number
  readonly user: number
  readonly random: Random
  readonly born: number
}

export class Sessions {
  readonly #world: World
  readonly #ledger: Ledger
  readonly #random: Random
  readonly #activity: Float64Array
  readonly #feed: PastFeed
  /** user * pins + pin of everything saved. */
  readonly #saved = new Set<number>()
  /** The user's latest save, as a row of the ledger, and of each save the one before it. */
  readonly #lastSave: Uint32Array
  readonly #came: Uint8Array
  readonly #reaction: Reaction = noReaction()
  readonly #row: Row = {
    kind: 0,
    time: 0,
    user: 0,
    subject: 0,
    board: NO_BOARD,
    session: 0,
    place: 0,
    rank: 0,
    propensity: 1,
    viewed: false,
    dwell: 0,
  }

  constructor(world: World, ledger: Ledger) {
    this.#world = world
    this.#ledger = ledger
    this.#random = world.random.split('visit')
    this.#activity = runningSums(world.users.activity)
    this.#feed = new PastFeed(world)
    this.#lastSave = new Uint32Array(world.options.users).fill(NEVER)
    this.#came = new Uint8Array(world.options.users)
  }

  /** Plays visit `number`, which starts at `time`. */
  play(number: number, time: EpochMs): void {
    const random = this.#random.split(number)
    const user = pick(this.#activity, 0, this.#world.options.users, random.unit())
    const visit: Visit = { number, user, random, born: Math.max(1, pinsBorn(this.#world, time)) }
    const row = this.#row
    row.time = Math.floor(time)
    row.user = user
    row.session = number
    if (this.#came[user] === 0) this.#arrive(visit)
    if (random.unit() < FEED_VISITS) this.#lookAtFeed(visit)
    else this.#collect(visit)
  }

  /** The first visit: the user follows the families of their two strongest interests. */
  #arrive({ user }: Visit): void {
    this.#came[user] = 1
    const { interestStarts, interests } = this.#world.users
    const end = Math.min(interestStarts[user]! + 2, interestStarts[user + 1]!)
    for (let i = interestStarts[user]!; i < end; i++) this.#log('follow-topic', interests[i]!)
  }

  #lookAtFeed(visit: Visit): void {
    const { user, random, born } = visit
    const slate = this.#feed.slate({ user, born, length: 14 + random.below(10) }, random)
    const reactions = random.split('reactions')
    const row = this.#row
    for (const [rank, { pin, source, propensity }] of slate.entries()) {
      const saved = this.#saved.has(this.#key(user, pin))
      const reaction = react(this.#world, { user, pin, rank, saved }, reactions, this.#reaction)
      row.place = source
      row.rank = rank
      row.viewed = reaction.viewed
      row.propensity = propensity
      this.#log('impression', pin)
      if (reaction.viewed) this.#answer(pin, reaction, random)
    }
  }

  #answer(pin: number, reaction: Reaction, random: Random): void {
    this.#row.time += SECOND + random.below(SECOND)
    if (reaction.dwell > 0) this.#closeup(pin, reaction.dwell)
    if (reaction.outbound) this.#log('outbound', pin)
    if (reaction.hide) this.#log('hide', pin)
    if (reaction.save) this.#save(pin, random)
  }

  /** A search or an import: pins of one's own choosing, without a feed. */
  #collect(visit: Visit): void {
    const { user, random } = visit
    const importing = random.unit() < 0.08
    const wanted = importing ? 10 + random.below(15) : 1 + random.poisson(5)
    const row = this.#row
    row.place = importing ? IMPORT : SEARCH
    row.rank = 0
    for (let i = 0; i < wanted; i++) {
      const pin = this.#find(visit)
      if (pin < 0) continue
      row.time += (importing ? 1 : 8) * SECOND + random.below(20 * SECOND)
      if (!importing && random.unit() < 0.22) this.#closeup(pin, dwellSeconds(random, 10))
      if (!importing && random.unit() < 0.05) this.#log('outbound', pin)
      this.#save(pin, random)
    }
    if (random.unit() < 0.1) this.#regret(user)
  }

  /** A pin the user wants and has not saved, or -1 where four tries find none. */
  #find({ user, random, born }: Visit): number {
    const { starts, pins, appeal } = this.#world.shelves
    for (let tries = 0; tries < 4; tries++) {
      const topic = this.#topicOf(user, random)
      const from = starts[topic]!
      const count = shelfBorn(this.#world, topic, born)
      if (count === 0) continue
      // A quarter of searches is sorted by date: the newest fifth of the shelf.
      const first = random.unit() < 0.25 ? from + Math.floor(count * 0.8) : from
      const pin = pins[pick(appeal, first, from + count, random.unit())]!
      const wants = sigmoid(utility(this.#world, user, pin))
      if (random.unit() < wants && !this.#saved.has(this.#key(user, pin))) return pin
    }
    return -1
  }

  /** What a search is about: mostly one's boards, then one's interests, seldom anything at all. */
  #topicOf(user: number, random: Random): number {
    const { ownedStarts, owned, topic } = this.#world.boards
    const { interestStarts, interests } = this.#world.users
    const boards = ownedStarts[user + 1]! - ownedStarts[user]!
    const u = random.unit()
    if (u < 0.65 && boards > 0) return topic[owned[ownedStarts[user]! + random.below(boards)]!]!
    if (u > 0.97) return random.below(this.#world.options.topics)
    const from = interestStarts[user]!
    return interests[from + interestAt(random.unit(), interestStarts[user + 1]! - from)]!
  }

  #closeup(pin: number, dwell: number): void {
    this.#row.dwell = dwell
    this.#log('closeup', pin)
    this.#row.time += Math.round(dwell * SECOND)
  }

  #save(pin: number, random: Random): void {
    const row = this.#row
    row.board = fileUnder(this.#world, { user: row.user, pin }, random)
    this.#saved.add(this.#key(row.user, pin))
    this.#feed.noteSave(pin)
    this.#lastSave[row.user] = this.#ledger.count
    this.#log('save', pin)
  }

  /** Takes back the latest save, as people do who tidy up. */
  #regret(user: number): void {
    const save = this.#lastSave[user]!
    if (save === NEVER || this.#ledger.full) return
    this.#lastSave[user] = NEVER
    const row = this.#row
    row.time = Math.max(row.time, this.#ledger.time[save]!) + SECOND
    row.board = this.#ledger.board[save]!
    this.#log('unsave', this.#ledger.subject[save]!)
  }

  #log(kind: keyof typeof kindCode, subject: number): void {
    const row = this.#row
    row.kind = kindCode[kind]
    row.subject = subject
    row.time = Math.min(row.time, this.#world.options.until - 1)
    this.#ledger.append(row)
  }

  #key(user: number, pin: number): number {
    return user * this.#world.options.pins + pin
  }
}

/**
 * Maps even progress in [0, days] to the rhythm of days: quiet at night, busiest at 19:00 UTC.
 * Ascending, and whole days map to themselves.
 */
export function dayRhythm(days: number): number {
  // Visits are densest where this line is flattest, at share 0.683, which it maps to 19/24.
  const phase = 2 * Math.PI * 0.683
  const swing = Math.sin(2 * Math.PI * days - phase) + Math.sin(phase)
  return days - 0.12 * swing
}
