/**
 * Events without end and without storage over a world's seed graphs: event i is a pure function of
 * (seed, i). Circle c has the events i with i mod circles = c; each of its days follows one of a
 * few day plans. A visit with q saves takes the next visit with q saves that its circle grew, its
 * person, pins and boards; what it only looks at is drawn from what was saved so far about its
 * topic. So saves alone, in order, grow the boards again, and after the last of a kind they begin
 * anew.
 *
 * One event in 64 is about a pin of another circle, which joins the circles to one graph.
 *
 * Cost of an event: five reads, of which two or three miss the nearest caches, and one hash.
 */
import { assert, type EpochMs, hash32, kindCode, mix32, Random } from '../../../base/index.ts'
import type { CircleWorld } from '../../world/index.ts'
import { DAY_EVENTS, type DayPlan, dayInstants, drawDayPlan } from './day-plan.ts'
import {
  emptyFrame,
  FRAME_EVENTS,
  type Frame,
  NO_RANK,
  packWord,
  RECORD_WORDS,
  readFrame,
  type StreamRecord,
  TIME_UNITS,
} from './frame.ts'
import { type StreamName, type StreamShape, streamShapes } from './mix.ts'
import { ROW_WORDS, StreamTables } from './stream-tables.ts'

export type StreamOptions = {
  readonly name: StreamName
  /** Time of day 0. */
  readonly from: EpochMs
}

export const streamDefaults: StreamOptions = Object.freeze({
  name: 'collect',
  from: Date.UTC(2026, 0, 1),
})

/** How many there are of each: every number is below it. */
export type StreamSizes = {
  readonly users: number
  readonly pins: number
  readonly boards: number
}

const DAY_MS = 86_400_000
const PLANS = 8
const IMPRESSION = kindCode.impression
const SAVE = kindCode.save
const UNSAVE = kindCode.unsave
/** Ranks of what a feed showed. */
const RANKS = 24
/** NONE as a signed word. */
const NO_BOARD = -1

export class EventStream {
  readonly world: CircleWorld
  readonly options: StreamOptions
  readonly shape: StreamShape
  /** Milliseconds that times are whole multiples of. */
  readonly unit: number
  readonly #tables: StreamTables
  readonly #instants: Float64Array
  readonly #key: number
  readonly #hot: number
  readonly #isCold: boolean
  readonly #rows: Uint32Array[] = []
  readonly #frame: Frame = emptyFrame()

  constructor(world: CircleWorld, options: Partial<StreamOptions> = {}) {
    this.world = world
    this.options = { ...streamDefaults, ...options }
    assert(PLANS % world.patterns === 0, 'patterns divide the plans')
    this.shape = streamShapes[this.options.name]
    const shape = this.shape
    const random = new Random(world.seed).split('stream').split(this.options.name)
    const plans: DayPlan[] = []
    for (let v = 0; v < PLANS; v++) plans.push(drawDayPlan(shape, random.split(v)))
    this.#tables = new StreamTables(world, plans)
    this.#instants = dayInstants(shape)
    this.#key = hash32(world.seed, 11) | 0
    this.#hot = Math.floor(shape.hot * 2 ** 16)
    this.#isCold = shape.isCold
    this.unit = this.#unitNeeded()
  }

  /** Events of a day of the whole world. */
  get dayEvents(): number {
    return DAY_EVENTS * this.world.circles
  }

  /** Of the events below `end`; only `cold-start` grows with them. */
  sizes(end: number): StreamSizes {
    const { circles, users, pins, boards } = this.world
    const days = this.#isCold ? Math.max(1, Math.ceil(end / this.dayEvents)) : 1
    const all = circles * days
    return { users: users * all, pins: pins * all, boards: boards * all }
  }

  /** Event `i`, as `frame` has it; a frame is made for it. */
  at(i: number, out: StreamRecord): StreamRecord {
    const first = Math.floor(i / FRAME_EVENTS) * FRAME_EVENTS
    if (this.#frame.count === 0 || this.#frame.first !== first) this.fill(this.#frame, first)
    return readFrame(this.#frame, i - first, out)
  }

  /**
   * Writes the frame that begins at event `first`, a multiple of FRAME_EVENTS; allocates nothing.
   */
  fill(frame: Frame, first: number): void {
    assert(first % FRAME_EVENTS === 0, 'a frame begins at a multiple of its length')
    const { circles } = this.world
    const round = Math.floor(first / circles)
    const day = Math.floor(round / DAY_EVENTS)
    const slot = round - day * DAY_EVENTS
    const circle = first - round * circles
    frame.first = first
    frame.count = FRAME_EVENTS
    frame.unit = this.unit
    frame.start = this.#start(day, slot, circle)
    const left = (DAY_EVENTS - slot) * circles - circle
    const today = Math.min(FRAME_EVENTS, left)
    this.#fillDay(frame, { day, slot, circle, from: 0, to: today })
    if (today === FRAME_EVENTS) return
    this.#fillDay(frame, { day: day + 1, slot: 0, circle: 0, from: today, to: FRAME_EVENTS })
  }

  #start(day: number, slot: number, circle: number): EpochMs {
    const from = this.#instants[slot]!
    const step = (this.#instants[slot + 1]! - from) / this.world.circles
    const exact = this.options.from + day * DAY_MS + from + step * circle
    return Math.floor(exact / this.unit) * this.unit
  }

  /** A circle that has the pattern of circle `id`: maybe itself. */
  #other(id: number, h: number): number {
    const { circles, patterns } = this.world
    const circle = id % circles
    const pattern = circle % patterns
    const alike = Math.floor((circles - 1 - pattern) / patterns) + 1
    return id - circle + pattern + patterns * ((h >>> 8) % alike)
  }

  /** The least power of two in which the longest frame has fewer than TIME_UNITS units. */
  #unitNeeded(): number {
    const { circles } = this.world
    const slots = Math.ceil(FRAME_EVENTS / circles) + 1
    let longest = 0
    for (let slot = 0; slot < DAY_EVENTS; slot++) {
      const end = slot + slots
      const over = Math.floor(end / DAY_EVENTS)
      const span = this.#instants[end % DAY_EVENTS]! + over * DAY_MS - this.#instants[slot]!
      if (span > longest) longest = span
    }
    let unit = 1
    while (longest / unit >= TIME_UNITS - 1) unit *= 2
    return unit
  }

  /** Events [from, to) of a frame, all of one day, the first at an instant and of a circle. */
  #fillDay(frame: Frame, { day, slot: firstSlot, circle, from, to }: Place): void {
    const { events, savePin, saveBoard, topicPins } = this.#tables
    const { circles, users, pins, boards } = this.world
    const { words } = frame
    const hot = this.#hot
    const rowsOf = this.#rowsOf(day)
    const instants = this.#instants
    const perUnit = 1 / this.unit
    const perCircle = perUnit / circles
    const since = this.options.from + day * DAY_MS - frame.start
    const firstId = this.#isCold ? day * circles : 0
    const i = frame.first + from
    const key = Math.imul(Math.floor(i / 4294967296), 0x9e3779b1) ^ this.#key
    const low = frame.first | 0
    let slot = firstSlot
    let c = circle
    let time = (since + instants[slot]!) * perUnit
    let step = (instants[slot + 1]! - instants[slot]!) * perCircle
    for (let n = from; n < to; n++) {
      const h = mix32((low + n) ^ key) >>> 0
      const lane = c & (PLANS - 1)
      const event = events[lane * DAY_EVENTS + slot]!
      const rows = rowsOf[lane]!
      const row = ROW_WORDS * (event & 0xffff)
      const kind = (event >>> 16) & 15
      const id = firstId + c
      let pin: number
      let board = NO_BOARD
      let rank = NO_RANK
      if (kind === SAVE || kind === UNSAVE) {
        const save = rows[row + 1]! + (event >>> 20)
        pin = savePin[save]!
        board = saveBoard[save]!
        if (board !== NO_BOARD) board += Math.imul(id, boards)
      } else {
        // The top bits say whether the pin is of another circle; these are others.
        const drawn = (Math.imul(h, 0x9e3779b1) >>> 0) / 4294967296
        pin = topicPins[rows[row + 2]! + ((drawn * rows[row + 3]!) | 0)]!
        if (kind === IMPRESSION) rank = (((h >>> 8) & 0xffff) * RANKS) >>> 16
      }
      if ((h & 0xffff) < hot) pin = 0
      const home = h >>> 26 === 0 ? this.#other(id, h) : id
      const at = n * RECORD_WORDS
      // Words of 32 bits, whose low ones are right whatever the sign: doubles cost a half more.
      words[at] = (rows[row]! + Math.imul(id, users)) | 0
      words[at + 1] = (pin + Math.imul(home, pins)) | 0
      words[at + 2] = board
      words[at + 3] = packWord(kind, rank, (time + step * c) | 0)
      if (++c < circles) continue
      c = 0
      slot++
      time = (since + instants[slot]!) * perUnit
      step = (instants[slot + 1]! - instants[slot]!) * perCircle
    }
  }

  /** Rows of each of the PLANS lanes that circles share; patterns divide them. */
  #rowsOf(day: number): Uint32Array[] {
    const { patterns, circles } = this.world
    for (let lane = 0; lane < Math.min(PLANS, circles); lane++) {
      this.#rows[lane] = this.#tables.rows(lane, lane % patterns, day)
    }
    return this.#rows
  }
}

type Place = {
  readonly day: number
  readonly slot: number
  readonly circle: number
  readonly from: number
  readonly to: number
}
