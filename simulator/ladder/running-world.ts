/**
 * One world under an arm, day by day: people come, look at pages, act, leave and come back; the arm
 * hears of it and learns. What a person does is a pure function of (seed, person, visit, answers),
 * so worlds of two arms differ by the arms' answers alone. Several arms may share a world: each
 * answers and hears of its own people.
 *
 * A fourth of the visits with an intent are searches, whose answers no arm makes: pins of the topic
 * in an order of chance. They bring saves that no recommender chose, as boards have.
 */
import type { Entry, EpochMs, EventEntry, Random } from '../../base/index.ts'
import { type Appeal, churnChance, type Look, returnGap, type Visit } from '../behaviour/index.ts'
import { Scatter } from '../workload/scatter.ts'
import { DAY_MS, pinId, userId } from '../world/index.ts'
import type { Arm } from './arms.ts'
import { type Slot, withChance } from './explore.ts'
import { People } from './people.ts'
import { type Metrics, Tally } from './tally.ts'

export type WorldRun = {
  readonly appeal: Appeal
  readonly arms: readonly Arm[]
  /** Which of them answers a person: the first where absent. */
  readonly armOf?: (user: number) => number
  readonly from: EpochMs
  readonly days: number
  /** The arm learns when a day begins whose number is a multiple of it. */
  readonly learnEveryDays: number
  /** Share of slots by chance. */
  readonly uniform: number
  /** People as they were left; new ones where absent. */
  readonly people?: People
  /** Hears everything that happened. */
  readonly onEntries?: (entries: readonly Entry[]) => void
}

const PAGE = 25
const SEARCHES = 0.25
const SECOND_MS = 1_000
const LOOK_SECONDS = 1.5
const PAGES_MAX = 8

/** What came of each arm, and the people as they are then. */
export type WorldEnd = { readonly metrics: readonly Metrics[]; readonly people: People }

export async function runWorld(run: WorldRun): Promise<WorldEnd> {
  const world = new RunningWorld(run)
  for (let day = 0; day < run.days; day++) await world.day(day)
  return world.end()
}

class RunningWorld {
  readonly #run: WorldRun
  readonly #people: People
  /** One of each arm. */
  readonly #tallies: readonly Tally[]
  readonly #armOf: (user: number) => number

  constructor(run: WorldRun) {
    this.#run = run
    this.#people = run.people ?? new People(run.appeal, run.from)
    this.#tallies = run.arms.map(() => new Tally(run.appeal.world.options.pins))
    this.#armOf = run.armOf ?? (() => 0)
  }

  async day(day: number): Promise<void> {
    const { arms, from, learnEveryDays } = this.#run
    const start = from + day * DAY_MS
    this.#tell(start)
    for (const arm of arms) {
      arm.refresh()
      if (day % learnEveryDays === 0) await arm.learn()
    }
    for (;;) {
      const user = this.#soonest()
      const time = this.#people.next[user]!
      if (time >= start + DAY_MS) return
      await this.#visit(user, time)
    }
  }

  end(): WorldEnd {
    const { appeal, from, days } = this.#run
    const end = from + days * DAY_MS
    const users = this.#tallies.map(() => 0)
    for (let user = 0; user < appeal.world.options.users; user++) users[this.#armOf(user)]!++
    const born = appeal.world.bornAt(end)
    const metrics = this.#tallies.map((of, arm) => of.metrics({ end, users: users[arm]!, born }))
    return { metrics, people: this.#people }
  }

  #tally(user: number): Tally {
    return this.#tallies[this.#armOf(user)]!
  }

  #soonest(): number {
    const { next } = this.#people
    let user = 0
    for (let other = 1; other < next.length; other++) if (next[other]! < next[user]!) user = other
    return user
  }

  /** All arms know the catalogue. */
  #tell(time: EpochMs): void {
    this.#hear(this.#people.tell(this.#run.appeal, time), this.#run.arms)
  }

  #hear(entries: readonly Entry[], arms: readonly Arm[]): void {
    for (const arm of arms) arm.hear(entries)
    this.#run.onEntries?.(entries)
  }

  async #visit(user: number, time: EpochMs): Promise<void> {
    const { appeal } = this.#run
    const people = this.#people
    const person = people.persons[user]!
    this.#tell(time)
    const visit = person.begin(time)
    const random = appeal.world.random.split('pages').split(user).split(person.visits)
    const isSearch = visit.now.intent >= 0 && random.unit() < SEARCHES
    let now = time
    for (let page = 0; page < PAGES_MAX; page++) {
      const own = random.split(page)
      const slots = isSearch ? this.#search(visit, own) : await this.#feed(visit, now, own)
      const { looks, left } = visit.look(slots.map(({ pin }) => pin))
      now = this.#told(looks, {
        slots,
        visit,
        time: now,
        request: `${user}.${person.visits}.${page}`,
        isSearch,
      })
      if (left || slots.length === 0) break
    }
    visit.end()
    if (!isSearch) this.#tally(user).visit(user, time, (now - time) / SECOND_MS)
    const churns = random.unit() < churnChance(person.satisfaction)
    const activity = appeal.world.users.activity[user]!
    const gap = returnGap({ activity, satisfaction: person.satisfaction }, random.unit())
    people.next[user] = churns ? Number.POSITIVE_INFINITY : Math.floor(now + SECOND_MS + gap)
  }

  async #feed(visit: Visit, at: EpochMs, random: Random): Promise<Slot[]> {
    const { arms, appeal, uniform } = this.#run
    const { user, device } = visit.now
    const arm = arms[this.#armOf(user)]!
    const born = appeal.world.bornAt(at)
    const known = this.#people.known[user]!
    const seed = random.u32()
    const ask = { user: userId(user), at, device, limit: PAGE, seed, born, known, truth: visit.now }
    const ranked = await arm.recommend(ask)
    return withChance(ranked, { limit: PAGE, born, share: uniform }, random)
  }

  /** Pins of the intent's topic that the person does not know, in an order of chance. */
  #search(visit: Visit, random: Random): Slot[] {
    const { world } = this.#run.appeal
    const { user, intent, time } = visit.now
    const born = world.bornAt(time)
    const order = new Scatter(born, random.u32())
    const slots: Slot[] = []
    for (let place = 0; place < born && slots.length < PAGE; place++) {
      const pin = order.number(place)
      if (world.pins.topic[pin] !== intent || this.#people.known[user]!.has(pin)) continue
      slots.push({ pin, propensity: 1 })
    }
    return slots
  }

  /** Tells of what was looked at; the time when it was over. */
  #told(looks: readonly Look[], page: ToldPage): EpochMs {
    const { visit, slots, request, isSearch } = page
    const { topic } = this.#run.appeal.world.pins
    const { user, device } = visit.now
    const people = this.#people
    const entries: Entry[] = []
    let time = page.time
    for (const look of looks) {
      const { pin, rank, response, dwell } = look
      if (!isSearch) this.#tally(user).look(look, slots[rank]!.chance)
      time = Math.floor(time + LOOK_SECONDS * SECOND_MS)
      const surface = isSearch ? 'search' : 'home'
      const shown = { request, rank, viewed: true, propensity: slots[rank]!.propensity }
      const head = { user: userId(user), pin: pinId(pin) }
      const context = { ...shown, device, surface }
      entries.push({ kind: 'impression', id: this.#id(), time, ...head, context })
      people.known[user]!.add(pin)
      if (response === 'none') continue
      if (response === 'hide') {
        entries.push({ kind: 'hide', id: this.#id(), time, ...head })
        continue
      }
      this.#opened(visit, topic[pin]!, isSearch)
      entries.push({ kind: 'closeup', id: this.#id(), time, ...head, context: { dwell } })
      time = Math.floor(time + dwell * SECOND_MS)
      if (response === 'outbound') entries.push({ kind: 'outbound', id: this.#id(), time, ...head })
      if (response === 'save') entries.push(...this.#save(user, pin, time))
    }
    if (!isSearch) this.#tally(user).page(looks.slice(0, 10).map(({ pin }) => topic[pin]!))
    this.#hear(entries, [this.#run.arms[this.#armOf(user)]!])
    return time
  }

  #save(user: number, pin: number, time: EpochMs): Entry[] {
    const { topic } = this.#run.appeal.world.pins
    const { board, made } = this.#people.boards[user]!.file(topic[pin]!, time)
    const save: EventEntry = {
      kind: 'save',
      id: this.#id(),
      time,
      user: userId(user),
      pin: pinId(pin),
      ...(board !== undefined && { board }),
    }
    return made ? [made, save] : [save]
  }

  #opened(visit: Visit, topic: number, isSearch: boolean): void {
    const { user, interests } = visit.now
    const before = this.#people.opened[user]!
    if (!interests.includes(topic) || before.has(topic)) return
    before.add(topic)
    if (!isSearch) this.#tally(user).opened(user, topic)
  }

  #id(): string {
    return `e${this.#people.events++}`
  }
}

type ToldPage = {
  readonly visit: Visit
  readonly slots: readonly Slot[]
  readonly time: EpochMs
  readonly request: string
  readonly isSearch: boolean
}
