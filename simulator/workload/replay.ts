/**
 * A load without end and without storage: event i is a pure function of (seed, i). Workers take any
 * ranges of i, in any order, and together give the one sequence; to resume is to go on at i.
 *
 * The seed graph is arithmetic instead of tables, so that a hundred million pins cost nothing:
 * - Users and pins have popularity ranks 0, 1, 2, …; a seeded permutation scatters ranks over
 *   numbers, so that popular ones are not neighbours in memory.
 * - The pin of rank r is about topic r mod T; topic t holds the ranks t, t + T, t + 2 T, …
 * - The user of rank r has 1 to 4 interests, hashed from (seed, r), and owns the boards r, r + U,
 *   r + 2 U, …; their j-th board is about their interest j mod (number of interests).
 *
 * Laws of one event, with u uniform in [0, 1):
 * - rank of the user: floor((u ((U + 1)^0.4 - 1) + 1)^(1 / 0.4)) - 1, so that
 *   P(rank <= r) = ((r + 2)^0.4 - 1) / ((U + 1)^0.4 - 1): a Zipf-like law, P(r) about r^-0.6;
 * - topic: an interest of the user (the j-th drawn as often as any) with chance 0.92, else any;
 * - rank of the pin within its topic of n pins: the same law with exponent 0.2, P(r) about r^-0.8;
 * - kind: impression 60 %, save 16 %, closeup 14 %, outbound 5 %, hide 3 %, and 2 % unsave, which
 *   takes back a save among the 64 events before it, or is an impression where there was none;
 * - a save goes to the user's board for its topic, to any of theirs with chance 0.05, and to the
 *   implicit board where the user has none.
 */
import {
  assert,
  type EpochMs,
  type EventEntry,
  eventKinds,
  hash32,
  kindCode,
  kindNames,
  NONE,
  threefry,
} from '../../base/index.ts'
import { boardId, pinId, userId } from '../world/index.ts'
import { Scatter } from './scatter.ts'

export type ReplayOptions = {
  readonly seed: number
  readonly users: number
  readonly pins: number
  readonly boards: number
  /** At most as many as there are pins. */
  readonly topics: number
  /** Time of event 0; each follows `gapMs` after the one before. */
  readonly from: EpochMs
  readonly gapMs: number
}

export const replayDefaults: ReplayOptions = Object.freeze({
  seed: 1,
  users: 50_000,
  pins: 100_000,
  boards: 150_000,
  topics: 192,
  from: Date.UTC(2026, 0, 1),
  gapMs: 3,
})

/** One event in numbers; `at` overwrites it. `board` is NONE for the implicit board. */
export type ReplayRecord = {
  kind: number
  user: number
  pin: number
  board: number
  time: EpochMs
  weight: number
}

export const replayRecord = (): ReplayRecord => ({
  kind: 0,
  user: 0,
  pin: 0,
  board: NONE,
  time: 0,
  weight: 0,
})

const LOOK_BACK = 64
/** kindOf[floor(u * 100)]: the law of kinds, before unsaves find their save. */
const kindOf = Uint8Array.from(
  (
    [
      ['impression', 60],
      ['save', 16],
      ['closeup', 14],
      ['outbound', 5],
      ['hide', 3],
      ['unsave', 2],
    ] as const
  ).flatMap(([kind, percent]) => new Array<number>(percent).fill(kindCode[kind])),
)
const weightOf = Float64Array.from(Object.values(eventKinds), (kind) => kind.weight)
const IMPRESSION = kindCode.impression
const SAVE = kindCode.save
const UNSAVE = kindCode.unsave

export class ReplayWorkload {
  readonly options: ReplayOptions
  readonly #k0: number
  readonly #k1: number
  readonly #scatterUsers: Scatter
  readonly #scatterPins: Scatter
  /**
   * (n + 1)^power - 1 of the laws of rank: for users, and for topics of the two sizes there are.
   */
  readonly #userSpan: number
  readonly #pinSpans: readonly number[]
  readonly #record = replayRecord()
  readonly #draws = new Uint32Array(2)

  constructor(options: Partial<ReplayOptions> = {}) {
    const full = { ...replayDefaults, ...options }
    const { users, pins, boards, topics } = full
    assert(users >= 1 && users <= 2 ** 31, 'a replay has 1 to 2^31 users')
    assert(pins >= 1 && pins <= 2 ** 31, 'a replay has 1 to 2^31 pins')
    assert(topics >= 1, 'a replay has a topic')
    assert(boards >= 0 && boards < NONE, 'a board has a number')
    // With fewer pins than topics every pin is a topic of its own.
    this.options = { ...full, topics: Math.min(topics, pins) }
    this.#userSpan = (users + 1) ** 0.4 - 1
    this.#pinSpans = [0, 1].map(
      (more) => (Math.floor(pins / this.options.topics) + more + 1) ** 0.2 - 1,
    )
    this.#k0 = hash32(full.seed, 1) | 0
    this.#k1 = hash32(full.seed, 2) | 0
    this.#scatterUsers = new Scatter(users, hash32(full.seed, 3))
    this.#scatterPins = new Scatter(pins, hash32(full.seed, 4))
  }

  /** Writes event `i` into `out`; allocates nothing. */
  at(i: number, out: ReplayRecord): void {
    const kind = this.#kind(i)
    if (kind !== UNSAVE) {
      this.#fill(i, kind, out)
      return
    }
    for (let before = i - 1; before >= 0 && before >= i - LOOK_BACK; before--) {
      if (this.#kind(before) !== SAVE) continue
      this.#fill(before, SAVE, out)
      out.kind = UNSAVE
      out.weight = weightOf[UNSAVE]!
      out.time = this.#time(i)
      return
    }
    this.#fill(i, IMPRESSION, out)
  }

  /** Event `i` as an entry with outside ids; its id is unique in the whole run. */
  entryAt(i: number): EventEntry {
    const record = this.#record
    this.at(i, record)
    return {
      kind: kindNames[record.kind] as EventEntry['kind'],
      id: `e${i}`,
      time: record.time,
      user: userId(record.user),
      pin: pinId(record.pin),
      ...(record.board !== NONE && { board: boardId(record.board) }),
    }
  }

  /** The latent topic of a pin, for tests and reports. */
  topicOf(pin: number): number {
    return this.#scatterPins.rank(pin) % this.options.topics
  }

  #rankWithin(topic: number, u: number): number {
    const { pins, topics } = this.options
    const more = topic < pins % topics ? 1 : 0
    const held = Math.floor(pins / topics) + more
    return Math.min(held - 1, pinRankAt(u * this.#pinSpans[more]!))
  }

  #time(i: number): EpochMs {
    return this.options.from + i * this.options.gapMs
  }

  #kind(i: number): number {
    this.#draw(i, 0)
    return kindOf[Math.floor(unit(this.#draws[0]!) * 100)]!
  }

  #fill(i: number, kind: number, out: ReplayRecord): void {
    const { users, topics } = this.options
    this.#draw(i, 1)
    const userRank = Math.min(users - 1, userRankAt(unit(this.#draws[0]!) * this.#userSpan))
    const taste = this.#draws[1]!
    this.#draw(i, 2)
    const choice = this.#draws[0]!
    const interestCount = 1 + (this.#hash(userRank, 0) & 3)
    const interest = choice % interestCount
    const own = taste < 0.92 * 2 ** 32
    const topic = own ? this.#hash(userRank, 1 + interest) % topics : (choice >>> 2) % topics
    const pinRank = topic + topics * this.#rankWithin(topic, unit(this.#draws[1]!))
    out.kind = kind
    out.user = this.#scatterUsers.number(userRank)
    out.pin = this.#scatterPins.number(pinRank)
    out.board = kind === SAVE ? this.#board(userRank, interest, interestCount, choice) : NONE
    out.time = this.#time(i)
    out.weight = weightOf[kind]!
  }

  /** The user's board for an interest, or any of theirs; NONE where they have no board. */
  #board(userRank: number, interest: number, interestCount: number, choice: number): number {
    const { users, boards } = this.options
    const owned = userRank < boards ? Math.floor((boards - 1 - userRank) / users) + 1 : 0
    if (owned === 0) return NONE
    const misfiled = choice >>> 8 < 0.05 * 2 ** 24
    // Boards j, j + interests, … are about interest j; where there are fewer, they are shared.
    const about = Math.floor((owned - 1 - interest) / interestCount) + 1
    const slot =
      misfiled || about <= 0
        ? (choice >>> 3) % owned
        : interest + interestCount * ((choice >>> 3) % about)
    return userRank + users * slot
  }

  /** Two uniform u32 of event `i`, draw `lane`. */
  #draw(i: number, lane: number): void {
    threefry(this.#k0, this.#k1 ^ lane, i | 0, Math.floor(i / 4294967296) | 0, this.#draws)
  }

  /** A hash of a user's rank: what does not change from event to event. */
  #hash(rank: number, lane: number): number {
    let h = (rank ^ this.#k0) + Math.imul(lane + 1, 0x9e3779b9)
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return (h ^ (h >>> 16)) >>> 0
  }
}

export function replayWorkload(options: Partial<ReplayOptions> = {}): ReplayWorkload {
  return new ReplayWorkload(options)
}

/** Events [from, to) as entries. */
export function* replayEvents(
  options: Partial<ReplayOptions>,
  { from, to }: { readonly from: number; readonly to: number },
): Generator<EventEntry> {
  const workload = new ReplayWorkload(options)
  for (let i = from; i < to; i++) yield workload.entryAt(i)
}

const unit = (u32: number) => u32 / 4294967296

/** floor((x + 1)^2.5) - 1, written so that no power is taken. */
function userRankAt(x: number): number {
  const y = x + 1
  return Math.floor(y * y * Math.sqrt(y)) - 1
}

/** floor((x + 1)^5) - 1. */
function pinRankAt(x: number): number {
  const y = x + 1
  return Math.floor(y * y * y * y * y) - 1
}
