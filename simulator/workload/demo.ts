/**
 * The demo's log: the catalogue, then sixty days of events in order of time, from a fixed seed.
 * Same options, same entries, byte for byte.
 */
import { type Entry, type EpochMs, type EventEntry, kindNames } from '../../base/index.ts'
import { NO_BOARD } from '../behaviour/index.ts'
import {
  boardId,
  boardTitle,
  createWorld,
  DAY_MS,
  families,
  languages,
  picturePng,
  pinId,
  pinText,
  styles,
  topics,
  userId,
  type World,
} from '../world/index.ts'
import { Ledger } from './ledger.ts'
import { feedSources } from './past-feed.ts'
import { dayRhythm, Sessions, surfaces } from './sessions.ts'

export type DemoOptions = {
  readonly seed?: number
  readonly users?: number
  readonly pins?: number
  readonly boards?: number
  /** Events, apart from the catalogue. */
  readonly events?: number
  /** The instant at which the log ends. */
  readonly until?: EpochMs
  readonly days?: number
}

export const demoDefaults: Required<DemoOptions> = Object.freeze({
  seed: 2011,
  users: 2_000,
  pins: 20_000,
  boards: 3_000,
  events: 300_000,
  until: Date.UTC(2026, 0, 31),
  days: 60,
})

/** The world whose past `demoEntries` tells. */
export function demoWorld(options: DemoOptions = {}): World {
  const { seed, users, pins, boards, until } = { ...demoDefaults, ...options }
  return createWorld({ seed, users, pins, boards, until })
}

/** How many entries `demoEntries` gives. */
export function demoEntryCount(options: DemoOptions = {}): number {
  const { users, pins, boards, events } = { ...demoDefaults, ...options }
  return users + boards + pins + events
}

/** The catalogue (users, boards, pins), then the events. */
export function* demoEntries(
  options: DemoOptions = {},
  world = demoWorld(options),
): Generator<Entry> {
  yield* catalogue(world)
  const { events, days } = { ...demoDefaults, ...options }
  const ledger = playDays(world, { events, days })
  for (const row of ledger.inOrder()) yield eventOf(ledger, row)
}

function* catalogue(world: World): Generator<Entry> {
  const { users, boards, pins } = world
  for (let user = 0; user < world.options.users; user++) {
    yield { kind: 'user', id: userId(user), time: users.joined[user]! }
  }
  for (let board = 0; board < world.options.boards; board++) {
    yield {
      kind: 'board',
      id: boardId(board),
      time: boards.made[board]!,
      user: userId(boards.owner[board]!),
      title: boardTitle(world, board),
      ...(boards.hidden[board] === 1 && { private: true }),
    }
  }
  for (let pin = 0; pin < world.options.pins; pin++) {
    const { title, tags, category } = pinText(world, pin)
    yield {
      kind: 'pin',
      id: pinId(pin),
      time: pins.birth[pin]!,
      created: pins.birth[pin]!,
      title,
      tags,
      ...(category !== undefined && { topic: category }),
      language: languages[pins.language[pin]!]!.code,
      image: `/demo/pictures/${pinId(pin)}.png`,
    }
  }
}

/** Visits until there are `events` rows. Visits follow progress, so the log always ends on time. */
function playDays(world: World, { events, days }: { events: number; days: number }): Ledger {
  const ledger = new Ledger(events)
  const sessions = new Sessions(world, ledger)
  const from = world.options.until - days * DAY_MS
  for (let visit = 0; !ledger.full; visit++) {
    sessions.play(visit, from + DAY_MS * dayRhythm((days * ledger.count) / events))
  }
  return ledger
}

const devices = ['phone', 'desktop', 'tablet'] as const

function eventOf(ledger: Ledger, row: number): EventEntry {
  const kind = kindNames[ledger.kind[row]!] as EventEntry['kind']
  const head = {
    kind,
    id: `e${row}`,
    time: ledger.time[row]!,
    user: userId(ledger.user[row]!),
  }
  const subject = ledger.subject[row]!
  if (kind === 'follow-topic') return { ...head, topic: families[topics[subject]!.family]!.name }
  const pin = pinId(subject)
  const board = ledger.board[row]!
  const filed = board === NO_BOARD ? {} : { board: boardId(board) }
  switch (kind) {
    case 'impression':
      return { ...head, pin, context: impressionContext(ledger, row) }
    case 'closeup':
      return { ...head, pin, context: { ...place(ledger, row), dwell: tenths(ledger.dwell[row]!) } }
    case 'unsave':
      return { ...head, pin, ...filed }
    case 'save':
      return { ...head, pin, ...filed, context: place(ledger, row) }
    default:
      return { ...head, pin, context: place(ledger, row) }
  }
}

function impressionContext(ledger: Ledger, row: number) {
  const source = feedSources[ledger.place[row]!]!
  const session = ledger.session[row]!
  return {
    request: `r${session}`,
    rank: ledger.rank[row]!,
    viewed: ledger.viewed[row] === 1,
    propensity: Math.min(1, Math.max(1e-6, Math.round(ledger.propensity[row]! * 1e6) / 1e6)),
    surface: 'home',
    source,
    generation: source === 'uniform' ? 'uniform' : 'popular',
    device: devices[session % devices.length]!,
  }
}

/** Where an action happened; in a feed with the request and rank it answers. */
function place(ledger: Ledger, row: number) {
  const at = ledger.place[row]!
  if (at >= feedSources.length) return { surface: surfaces[at - feedSources.length]! }
  return { request: `r${ledger.session[row]!}`, rank: ledger.rank[row]!, surface: 'home' }
}

const tenths = (seconds: number) => Math.round(seconds * 10) / 10

/** Pictures of the demo's pins by outside id; undefined for an id that the demo does not have. */
export function demoPictures(
  options: DemoOptions = {},
  world = demoWorld(options),
): (pin: string) => Buffer | undefined {
  return (id) => {
    if (!/^p(0|[1-9]\d{0,8})$/.test(id)) return undefined
    const pin = Number(id.slice(1))
    return pin < world.options.pins ? pictureOf(world, pin) : undefined
  }
}

/** Styles lie on a ring of looks. */
function pictureOf({ pins, random }: World, pin: number): Buffer {
  const turn = (2 * Math.PI * pins.style[pin]!) / styles.length
  const look = [Math.cos(turn), Math.sin(turn), Math.cos(2 * turn), Math.sin(2 * turn)]
  return picturePng({ topic: pins.topic[pin]!, look, random: random.split('picture').split(pin) })
}
