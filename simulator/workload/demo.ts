/**
 * The demo's log: a latent world's catalogue, then sixty days of events in order of time, from a
 * fixed seed. Same options, same entries, byte for byte; another end moves every date and nothing
 * else.
 */
import {
  type Entry,
  type EpochMs,
  type EventEntry,
  kindNames,
  type PinEntry,
} from '../../base/index.ts'
import { Appeal } from '../behaviour/index.ts'
import {
  DAY_MS,
  devices,
  families,
  type LatentOptions,
  LatentWorld,
  pinEntry,
  pinId,
  pinPicture,
  topics,
  userEntry,
  userId,
} from '../world/index.ts'
import { Ledger, NO_BOARD } from './ledger.ts'
import { feedSources } from './past-feed.ts'
import { dayRhythm, PastVisits, surfaces } from './past-visits.ts'

export type DemoOptions = {
  readonly seed?: number
  readonly users?: number
  readonly pins?: number
  /** Events, apart from the catalogue. */
  readonly events?: number
  /** The instant at which the log ends: whole hours from the default's, which keeps the hours. */
  readonly until?: EpochMs
  readonly days?: number
}

export const demoDefaults: Required<DemoOptions> = Object.freeze({
  seed: 2011,
  users: 2_000,
  pins: 20_000,
  events: 300_000,
  until: Date.UTC(2026, 0, 31),
  days: 60,
})

/** The world whose past the demo tells, on its own dates: it ends at the default's `until`. */
export function demoWorldOptions(options: DemoOptions = {}): Partial<LatentOptions> {
  const { seed, users, pins, days } = { ...demoDefaults, ...options }
  return { seed, users, pins, days, from: demoDefaults.until - days * DAY_MS }
}

export class Demo {
  readonly world: LatentWorld
  readonly #options: Required<DemoOptions>
  /** Of every date. */
  readonly #later: number

  constructor(options: DemoOptions = {}) {
    this.#options = { ...demoDefaults, ...options }
    this.#later = this.#options.until - demoDefaults.until
    this.world = new LatentWorld(demoWorldOptions(options))
  }

  /** How many entries there are but for boards, which nobody knows before they are made. */
  get expected(): number {
    const { users, pins, events } = this.#options
    return users + pins + events
  }

  /** Users and pins, then boards, then events by time. */
  *entries(): Generator<Entry> {
    const { users, pins } = this.#options
    for (let user = 0; user < users; user++) yield this.#moved(userEntry(this.world, user))
    for (let pin = 0; pin < pins; pin++) yield this.#pin(pin)
    const { ledger, visits } = this.#play()
    for (const board of visits.boards) yield this.#moved(board)
    for (const row of ledger.inOrder()) yield this.#event(ledger, row, visits)
  }

  /** The picture of a pin by its outside id; undefined for an id that the demo does not have. */
  picture(id: string): Buffer | undefined {
    if (!/^p(0|[1-9]\d{0,8})$/.test(id)) return undefined
    const pin = Number(id.slice(1))
    return pin < this.#options.pins ? pinPicture(this.world, pin) : undefined
  }

  #moved<E extends Entry>(entry: E): E {
    return { ...entry, time: entry.time + this.#later }
  }

  #pin(pin: number): PinEntry {
    const entry = this.#moved(pinEntry(this.world, pin))
    return { ...entry, created: entry.time, image: `/demo/pictures/${entry.id}.png` }
  }

  /** Visits until there are as many rows as events: they follow progress, so it ends on time. */
  #play(): { readonly ledger: Ledger; readonly visits: PastVisits } {
    const { events, days } = this.#options
    const ledger = new Ledger(events)
    const visits = new PastVisits(new Appeal(this.world), ledger)
    const { from } = this.world.options
    for (let visit = 0; !ledger.full; visit++) {
      visits.play(visit, from + DAY_MS * dayRhythm((days * ledger.count) / events))
    }
    return { ledger, visits }
  }

  #event(ledger: Ledger, row: number, { boards }: PastVisits): EventEntry {
    const kind = kindNames[ledger.kind[row]!] as EventEntry['kind']
    const time = ledger.time[row]! + this.#later
    const head = { kind, id: `e${row}`, time, user: userId(ledger.user[row]!) }
    const subject = ledger.subject[row]!
    if (kind === 'follow-topic') return { ...head, topic: families[topics[subject]!.family]!.name }
    const pin = pinId(subject)
    const board = ledger.board[row]!
    const filed = board === NO_BOARD ? {} : { board: boards[board]!.id }
    switch (kind) {
      case 'impression':
        return { ...head, pin, context: impressionContext(ledger, row) }
      case 'closeup':
        return {
          ...head,
          pin,
          context: { ...place(ledger, row), dwell: tenths(ledger.dwell[row]!) },
        }
      case 'unsave':
        return { ...head, pin, ...filed }
      case 'save':
        return { ...head, pin, ...filed, context: place(ledger, row) }
      default:
        return { ...head, pin, context: place(ledger, row) }
    }
  }
}

/** The demo's log. */
export function demoEntries(options: DemoOptions = {}): Generator<Entry> {
  return new Demo(options).entries()
}

function impressionContext(ledger: Ledger, row: number) {
  const source = feedSources[ledger.place[row]!]!
  return {
    request: `r${ledger.request[row]!}`,
    rank: ledger.rank[row]!,
    viewed: ledger.viewed[row] === 1,
    propensity: Math.min(1, Math.max(1e-6, Math.round(ledger.propensity[row]! * 1e6) / 1e6)),
    surface: 'home',
    source,
    generation: source === 'uniform' ? 'uniform' : 'popular',
    device: devices[ledger.device[row]!]!,
  }
}

/** Where an action happened; in a feed with the request and rank it answers. */
function place(ledger: Ledger, row: number) {
  const at = ledger.place[row]!
  if (at >= feedSources.length) return { surface: surfaces[at - feedSources.length]! }
  return { request: `r${ledger.request[row]!}`, rank: ledger.rank[row]!, surface: 'home' }
}

const tenths = (seconds: number) => Math.round(seconds * 10) / 10
