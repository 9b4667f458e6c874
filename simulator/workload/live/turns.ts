/**
 * Whose turn it is when a request leaves: mostly of whoever has been due the longest, else somebody
 * comes in. Somebody also comes in now and then while others are due, at nearly the rate at which
 * visits end: were it only when nobody is due, all who came in one lull would act, and leave,
 * together, and requests would be feeds for a while, then events for a while.
 *
 * A run would begin with people who have all just come. Those of the first seconds are therefore
 * taken to have come before: a share of their first look, another for each, lies in the past.
 */
import { Random } from '../../../base/index.ts'
import { Agenda } from './agenda.ts'
import type { Act, Look, People, Visit } from './visit.ts'

export type TurnOptions = {
  readonly people: People
  readonly seed: number
  readonly pace: number
}

/** Somebody in the middle of a visit. */
export type Open = {
  readonly visit: Visit
  readonly session: number
  /** Share of the first look that lies in the past; 0 from the second look on. */
  age: number
  /** Events told so far. */
  entries: number
  /** When the answer came that is looked at, by the wall. */
  wall: number
}

/** A request: events, or a question where there is no act. */
export type Turn = { readonly open: Open; readonly act?: Act }

/** Whoever comes so early is taken to have come before. */
const EARLY_MS = 5_000
/** People come in at this share of the rate at which visits end; the rest fills what is free. */
const DOORS = 0.9
/** Looks after which the length of visits is known well enough. */
const LOOKS_MIN = 20

export class Turns {
  readonly #options: TurnOptions
  readonly #agenda = new Agenda<Turn>()
  readonly #ages: Random
  readonly #doors: Random
  #visits = 0
  #newcomers = 0
  #looks = 0
  #acts = 0
  #stays = 0

  constructor(options: TurnOptions) {
    this.#options = options
    this.#ages = new Random(options.seed).split('ages')
    this.#doors = new Random(options.seed).split('doors')
  }

  get visits(): number {
    return this.#visits
  }
  get newcomers(): number {
    return this.#newcomers
  }

  /** The turn of the slot at `at`, in ms of the run. */
  take(at: number): Turn {
    const comesIn = this.#doors.unit() < DOORS / this.#requestsPerVisit()
    const due = comesIn ? undefined : this.#agenda.take(at)
    return due ?? { open: this.#enter(at) }
  }

  /** What somebody will do with an answer that came at `now`, and at `wall` by the wall. */
  plan(open: Open, look: Look, { now, wall }: { readonly now: number; readonly wall: number }) {
    const { pace } = this.#options
    const { acts, moreAfterMs } = look
    this.#looks++
    this.#acts += acts.length
    const past = open.age * (moreAfterMs ?? acts.at(-1)?.afterMs ?? 0)
    open.age = 0
    open.wall = wall - past / pace
    for (const act of acts) {
      if (act.afterMs >= past) this.#agenda.put(now + (act.afterMs - past) / pace, { open, act })
    }
    if (moreAfterMs === undefined) return
    this.#stays++
    this.#agenda.put(now + (moreAfterMs - past) / pace, { open })
  }

  /** By the looks so far: each is a question with its acts, and leads to another or to none. */
  #requestsPerVisit(): number {
    if (this.#looks < LOOKS_MIN) return Number.POSITIVE_INFINITY
    const looksPerVisit = this.#looks / Math.max(1, this.#looks - this.#stays)
    return looksPerVisit * (1 + this.#acts / this.#looks)
  }

  #enter(at: number): Open {
    const { people, pace } = this.#options
    const session = this.#visits++
    const user = people.visitor(session)
    if (people.isNew(user)) this.#newcomers++
    const age = at < EARLY_MS / pace ? this.#ages.split(session).unit() : 0
    return { visit: people.open(user, session), session, age, entries: 0, wall: 0 }
  }
}
