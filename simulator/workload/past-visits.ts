/**
 * The demo's past, visit by visit: feeds that people looked at, searches and imports that ended in
 * saves. Visits come in order of time and change what the next ones see (popularity) and what
 * people remember. Everybody comes once, then by activity; what they do with a feed is
 * `behaviour/visit`'s.
 */
import { type BoardEntry, type EpochMs, kindCode, type Random } from '../../base/index.ts'
import {
  type Appeal,
  boardAbout,
  drawDwell,
  NO_INTENT,
  Person,
  PersonBoards,
  type Situation,
  type Visit,
} from '../behaviour/index.ts'
import {
  boardTitle,
  DAY_MS,
  devices,
  interestPlace,
  pick,
  runningSums,
  Shelves,
} from '../world/index.ts'
import { type Ledger, NO_BOARD, type Row } from './ledger.ts'
import { feedSources, PastFeed } from './past-feed.ts'
import { Scatter } from './scatter.ts'

/** Surfaces other than a feed; `Row.place` numbers them after the feed's sources. */
export const surfaces = ['search', 'import'] as const
const SEARCH = feedSources.length
const IMPORT = SEARCH + 1

const FEED_VISITS = 0.2
const IMPORTS = 0.08
const PAGE = 25
const PAGES_MAX = 4
/** Results that one looks at before saving one, and the share of them that is popular. */
const RESULTS = 4
const POPULAR = 0.7
/** Of a search: what is opened before it is saved, and followed out of the app. */
const OPENED = 0.4
const OUTBOUND = 0.05
const STAYS_WITH_TOPIC = 0.8
const REGRETS = 0.1
const PRIVATE = 0.04
const SECOND = 1_000
const NEVER = 0xffffffff
/** Interests whose families somebody new follows. */
const FOLLOWED = 2

type Member = {
  readonly person: Person
  readonly boards: PersonBoards
  /** Their latest save as a row of the ledger, or NEVER. */
  lastSave: number
  /** When they were last here. */
  until: EpochMs
}

export class PastVisits {
  /** Boards that were made; rows of the ledger hold their place here. */
  readonly boards: BoardEntry[] = []
  readonly #appeal: Appeal
  readonly #ledger: Ledger
  readonly #random: Random
  readonly #activity: Float64Array
  /** In which people come for the first time. */
  readonly #order: Scatter
  readonly #shelves: Shelves
  readonly #feed: PastFeed
  readonly #members: Member[]
  readonly #placeOf = new Map<string, number>()
  #requests = 0
  readonly #row: Row = {
    kind: 0,
    time: 0,
    user: 0,
    subject: 0,
    board: NO_BOARD,
    request: 0,
    device: 0,
    place: 0,
    rank: 0,
    propensity: 1,
    viewed: false,
    dwell: 0,
  }

  constructor(appeal: Appeal, ledger: Ledger) {
    const { world } = appeal
    this.#appeal = appeal
    this.#ledger = ledger
    this.#random = world.random.split('past')
    this.#activity = runningSums(world.users.activity)
    this.#order = new Scatter(world.options.users, this.#random.split('order').u32())
    this.#shelves = new Shelves(world)
    this.#feed = new PastFeed(world, this.#shelves)
    this.#members = Array.from({ length: world.options.users }, (_, user) => ({
      person: new Person(appeal, user),
      boards: new PersonBoards(user, boardAbout),
      lastSave: NEVER,
      until: 0,
    }))
  }

  /** Plays visit `number`, which starts at `time`, or when who comes has ended the one before. */
  play(number: number, time: EpochMs): void {
    const random = this.#random.split(number)
    const user = this.#visitor(number, random.unit())
    const member = this.#members[user]!
    const row = this.#row
    row.time = Math.max(Math.floor(time), member.until)
    row.user = user
    const isFirst = member.person.visits === 0
    const visit = member.person.begin(row.time)
    row.device = devices.indexOf(visit.now.device)
    if (isFirst) this.#follow(visit.now)
    if (random.unit() < FEED_VISITS) this.#lookAtFeed(member, visit, random)
    else this.#collect(member, visit, random)
    visit.end()
    member.until = row.time + SECOND
  }

  /** Everybody once, then by activity. */
  #visitor(number: number, unit: number): number {
    const { length } = this.#members
    return number < length ? this.#order.number(number) : pick(this.#activity, 0, length, unit)
  }

  /** Somebody new follows the families of their strongest interests. */
  #follow({ interests }: Situation): void {
    for (const topic of interests.slice(0, FOLLOWED)) this.#log('follow-topic', topic)
  }

  #lookAtFeed(member: Member, visit: Visit, random: Random): void {
    const { interests } = visit.now
    const born = this.#bornAt(visit.now.time)
    const row = this.#row
    for (let page = 0; page < PAGES_MAX; page++) {
      const own = random.split(page)
      const slate = this.#feed.slate({ interests, born, length: PAGE }, own)
      const { looks, left } = visit.look(slate.map(({ pin }) => pin))
      const seen = new Map(looks.map((look) => [look.rank, look]))
      row.request = this.#requests++
      const reached = left ? (looks.at(-1)?.rank ?? -1) + 1 : slate.length
      for (const [rank, { pin, source, propensity }] of slate.slice(0, reached).entries()) {
        const look = seen.get(rank)
        row.place = source
        row.rank = rank
        row.viewed = look !== undefined
        row.propensity = propensity
        this.#log('impression', pin)
        if (!look) continue
        row.time += SECOND + own.below(SECOND)
        if (look.response === 'hide') this.#log('hide', pin)
        if (look.dwell > 0) this.#closeup(pin, look.dwell)
        if (look.response === 'outbound') this.#log('outbound', pin)
        if (look.response === 'save') this.#save(member, pin)
      }
      if (left) return
    }
  }

  /** A search or an import: pins of one's own choosing, without a feed. */
  #collect(member: Member, { now }: Visit, random: Random): void {
    const isImport = random.unit() < IMPORTS
    const wanted = isImport ? 10 + random.below(15) : 1 + random.poisson(5)
    const row = this.#row
    row.place = isImport ? IMPORT : SEARCH
    row.rank = 0
    const interest = () => now.interests[interestPlace(random.unit(), now.interests.length)]!
    const about = now.intent === NO_INTENT ? interest() : now.intent
    for (let i = 0; i < wanted; i++) {
      const topic = random.unit() < STAYS_WITH_TOPIC ? about : interest()
      const pin = this.#find(member, { topic, now }, random)
      if (pin < 0) continue
      row.time += (isImport ? 1 : 8) * SECOND + random.below(20 * SECOND)
      if (!isImport && random.unit() < OPENED) {
        this.#closeup(pin, drawDwell(this.#appeal.of(pin, now), random))
      }
      if (!isImport && random.unit() < OUTBOUND) this.#log('outbound', pin)
      this.#save(member, pin)
    }
    if (random.unit() < REGRETS) this.#regret(member)
  }

  /**
   * Of some pins of a topic the one that appeals most, with noise of the size that choices have; -1
   * where all are saved already.
   */
  #find({ person }: Member, { topic, now }: Search, random: Random): number {
    const popular = this.#feed.savedOf(topic)
    const shelf = this.#shelves.born(topic, this.#bornAt(now.time))
    let best = -1
    let most = Number.NEGATIVE_INFINITY
    for (let result = 0; result < RESULTS && shelf > 0; result++) {
      const isPopular = random.unit() < POPULAR && popular.length > 0
      const pin = isPopular
        ? popular[random.below(popular.length)]!
        : this.#shelves.pin(topic, random.below(shelf))
      const wants = this.#appeal.of(pin, now) + random.gumbel()
      if (person.saved.has(pin) || wants < most) continue
      most = wants
      best = pin
    }
    return best
  }

  #bornAt(time: EpochMs): number {
    return Math.max(1, this.#appeal.world.bornAt(time))
  }

  #closeup(pin: number, dwell: number): void {
    this.#row.dwell = dwell
    this.#log('closeup', pin)
    this.#row.time += Math.round(dwell * SECOND)
  }

  #save(member: Member, pin: number): void {
    const row = this.#row
    const topic = this.#appeal.world.pins.topic[pin]!
    const { board, made } = member.boards.file(topic, Math.min(row.time, this.#ending))
    if (made) {
      const random = this.#appeal.world.random.split('board').split(made.id)
      const isPrivate = random.unit() < PRIVATE
      this.#placeOf.set(made.id, this.boards.length)
      const title = boardTitle(topic, random)
      this.boards.push({ ...made, title, ...(isPrivate && { private: true }) })
    }
    row.board = board === undefined ? NO_BOARD : this.#placeOf.get(board)!
    member.person.saved.add(pin)
    this.#feed.noteSave(pin)
    member.lastSave = this.#ledger.count
    this.#log('save', pin)
  }

  /** Takes back the latest save, as people do who tidy up. */
  #regret(member: Member): void {
    const save = member.lastSave
    if (save === NEVER || this.#ledger.full) return
    member.lastSave = NEVER
    const row = this.#row
    row.time += SECOND
    row.board = this.#ledger.board[save]!
    this.#log('unsave', this.#ledger.subject[save]!)
  }

  get #ending(): EpochMs {
    const { from, days } = this.#appeal.world.options
    return from + days * DAY_MS - 1
  }

  #log(kind: keyof typeof kindCode, subject: number): void {
    const row = this.#row
    row.kind = kindCode[kind]
    row.subject = subject
    const { time } = row
    row.time = Math.min(time, this.#ending)
    this.#ledger.append(row)
    row.time = time
  }
}

type Search = { readonly topic: number; readonly now: Situation }

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
