/**
 * Grows the boards of a circle, save by save. A visit is one person's; they choose a board
 * (Pitman-Yor over their own, a new one is about an interest of theirs) and find pins for it: on
 * another board of the topic (which makes the clustering), in a feed of what is saved lately
 * (preferential attachment), by search, or they upload one. They take what suits their taste after
 * a few looks. Some visits save without a board; what so spreads is only loosely what boards hold.
 */
import { assert, NONE, type Random } from '../../../base/index.ts'
import { topics } from '../vocabulary.ts'
import { pick } from '../weighted.ts'
import { FastRandom } from './fast-random.ts'
import { GrowingList } from './growing-list.ts'
import type { CircleLaws } from './laws.ts'
import { drawPeople, interestAt, LOOK_SIZE, nearTopic, type People, topicDraw } from './people.ts'
import { VISIT_SAVES_MAX, visitLength } from './visits.ts'

/** What grew, in the order of growing. */
export type Growth = {
  readonly people: People
  readonly pinCount: number
  readonly boardCount: number
  readonly pinTopic: Uint8Array
  /** Who uploaded it. */
  readonly pinMaker: Uint32Array
  readonly boardTopic: Uint8Array
  readonly boardOwner: Uint32Array
  /** Saves of visit v are [visitStarts[v], visitStarts[v + 1]). */
  readonly visitUser: Uint32Array
  readonly visitStarts: Uint32Array
  readonly savePin: Uint32Array
  /** NONE where the save went to no board. */
  readonly saveBoard: Uint32Array
}

const FEW_PINS = 5

export class CircleGrowth {
  readonly #laws: CircleLaws
  readonly #random: FastRandom
  readonly #topicOf: (unit: number) => number
  readonly #people: People
  /** By topic: pins, the pins of saves to boards and of quick saves in their order, boards. */
  readonly #pins = topics.map(() => new GrowingList())
  readonly #saves = topics.map(() => new GrowingList())
  readonly #quick = topics.map(() => new GrowingList())
  readonly #boards = topics.map(() => new GrowingList())
  readonly #pinTopic: Uint8Array
  readonly #pinMaker: Uint32Array
  readonly #pinLook: Float32Array
  readonly #pinQuality: Float32Array
  /** To boards. */
  readonly #pinSaves: Uint32Array
  readonly #boardTopic = new GrowingList(1024)
  readonly #boardOwner = new GrowingList(1024)
  /** The owner's board before it. */
  readonly #boardBefore = new GrowingList(1024)
  readonly #boardSize = new GrowingList(1024)
  #boardPins: Uint32Array
  readonly #newestBoard: Uint32Array
  readonly #visitUser = new GrowingList(1024)
  readonly #visitStarts = new GrowingList(1024)
  readonly #savePin: Uint32Array
  readonly #saveBoard: Uint32Array
  #pinCount = 0
  #saveCount = 0

  constructor(laws: CircleLaws, random: Random) {
    this.#laws = laws
    this.#topicOf = topicDraw(laws, random.split('topics'))
    this.#people = drawPeople(laws, random.split('people'), this.#topicOf)
    this.#random = new FastRandom(random.split('growth'))
    // A visit may overshoot, and every save may bring a pin.
    const most = laws.saves + VISIT_SAVES_MAX
    this.#pinTopic = new Uint8Array(most)
    this.#pinMaker = new Uint32Array(most)
    this.#pinLook = new Float32Array(most * LOOK_SIZE)
    this.#pinQuality = new Float32Array(most)
    this.#pinSaves = new Uint32Array(most)
    this.#boardPins = new Uint32Array(1024 * laws.boardPinsMax)
    this.#newestBoard = new Uint32Array(laws.users).fill(NONE)
    this.#savePin = new Uint32Array(most)
    this.#saveBoard = new Uint32Array(most)
  }

  grow(): Growth {
    while (this.#saveCount < this.#laws.saves) this.#visit()
    this.#visitStarts.push(this.#saveCount)
    const ended = ({ items, length }: GrowingList) => items.slice(0, length)
    return {
      people: this.#people,
      pinCount: this.#pinCount,
      boardCount: this.#boardTopic.length,
      pinTopic: this.#pinTopic.slice(0, this.#pinCount),
      pinMaker: this.#pinMaker.slice(0, this.#pinCount),
      boardTopic: Uint8Array.from(ended(this.#boardTopic)),
      boardOwner: ended(this.#boardOwner),
      visitUser: ended(this.#visitUser),
      visitStarts: ended(this.#visitStarts),
      savePin: this.#savePin.slice(0, this.#saveCount),
      saveBoard: this.#saveBoard.slice(0, this.#saveCount),
    }
  }

  #visit(): void {
    const random = this.#random
    const { activity } = this.#people
    const user = pick(activity, 0, this.#laws.users, random.unit())
    const wanted = this.#savesWanted()
    const before = this.#saveCount
    if (random.unit() < this.#laws.quick) this.#saveQuickly(user, wanted)
    else this.#fileSaves(user, wanted)
    if (this.#saveCount === before) return
    this.#visitUser.push(user)
    this.#visitStarts.push(before)
  }

  /** Saves of a visit that has one. */
  #savesWanted(): number {
    const random = this.#random
    for (;;) {
      const r = Math.sqrt(-2 * Math.log(1 - random.unit()))
      const length = visitLength(r * Math.cos(2 * Math.PI * random.unit()))
      let saves = 0
      for (let i = 0; i < length; i++) if (random.unit() < this.#laws.savesOfActions) saves++
      if (saves > 0) return Math.min(saves, VISIT_SAVES_MAX)
    }
  }

  #saveQuickly(user: number, wanted: number): void {
    const { quickOwn, quickFeed, quickWindow } = this.#laws
    const random = this.#random
    for (let i = 0; i < wanted; i++) {
      const own = random.unit() < quickOwn
      const topic = own ? this.#interest(user) : this.#topicOf(random.unit())
      const spread = this.#quick[topic]!
      const isFeed = random.unit() < quickFeed && spread.length > 3
      const list = isFeed ? spread : this.#pins[topic]!
      if (list.length === 0) continue
      const pin = isFeed ? this.#late(list, quickWindow) : list.items[random.below(list.length)]!
      spread.push(pin)
      this.#note(pin, NONE)
    }
  }

  #fileSaves(user: number, wanted: number): void {
    const { stay, misfiled, boardPinsMax } = this.#laws
    const random = this.#random
    let board = NONE
    for (let i = 0; i < wanted; i++) {
      const isFull = board !== NONE && this.#boardSize.items[board]! >= boardPinsMax
      if (board === NONE || isFull || random.unit() > stay) board = this.#choose(user)
      const pin = this.#find(user, board)
      const to = random.unit() < misfiled ? this.#anyBoard(user) : board
      if (this.#holds(to, pin) || this.#boardSize.items[to]! >= boardPinsMax) continue
      this.#boardPins[to * boardPinsMax + this.#boardSize.items[to]!++] = pin
      this.#saves[this.#pinTopic[pin]!]!.push(pin)
      this.#pinSaves[pin]!++
      this.#note(pin, to)
    }
  }

  #note(pin: number, board: number): void {
    this.#savePin[this.#saveCount] = pin
    this.#saveBoard[this.#saveCount++] = board
  }

  /** One of the user's boards with room, or a new one. */
  #choose(user: number): number {
    const { boardStrength, boardDiscount, boardPinsMax } = this.#laws
    const sizes = this.#boardSize.items
    const before = this.#boardBefore.items
    let held = 0
    let count = 0
    for (let b = this.#newestBoard[user]!; b !== NONE; b = before[b]!) {
      if (sizes[b]! >= boardPinsMax) continue
      held += sizes[b]!
      count++
    }
    let left = this.#random.unit() * (held + boardStrength) - boardStrength - boardDiscount * count
    if (left < 0) return this.#begin(user)
    let chosen = NONE
    for (let b = this.#newestBoard[user]!; b !== NONE && left >= 0; b = before[b]!) {
      if (sizes[b]! >= boardPinsMax) continue
      chosen = b
      left -= sizes[b]! - boardDiscount
    }
    return chosen === NONE ? this.#begin(user) : chosen
  }

  #begin(user: number): number {
    const { boardPinsMax } = this.#laws
    const board = this.#boardTopic.length
    const topic = this.#interest(user)
    this.#boardTopic.push(topic)
    this.#boardOwner.push(user)
    this.#boardBefore.push(this.#newestBoard[user]!)
    this.#boardSize.push(0)
    this.#newestBoard[user] = board
    this.#boards[topic]!.push(board)
    if ((board + 1) * boardPinsMax > this.#boardPins.length) {
      const more = new Uint32Array(Math.ceil(this.#boardPins.length * 1.5) + boardPinsMax)
      more.set(this.#boardPins)
      this.#boardPins = more
    }
    return board
  }

  #anyBoard(user: number): number {
    let count = 0
    const before = this.#boardBefore.items
    for (let b = this.#newestBoard[user]!; b !== NONE; b = before[b]!) count++
    let left = this.#random.below(count)
    let board = this.#newestBoard[user]!
    for (; left > 0; left--) board = before[board]!
    return board
  }

  #holds(board: number, pin: number): boolean {
    const from = board * this.#laws.boardPinsMax
    const to = from + this.#boardSize.items[board]!
    for (let at = from; at < to; at++) if (this.#boardPins[at] === pin) return true
    return false
  }

  #find(user: number, board: number): number {
    const { copy, feed, search, upload, looks } = this.#laws
    const topic = this.#aboutWhat(user, this.#boardTopic.items[board]!)
    const where = this.#random.unit() * (upload + copy + feed + search) - upload
    if (where < 0 || this.#pins[topic]!.length < FEW_PINS) return this.#upload(user, topic)
    for (let look = 1; look <= looks; look++) {
      const pin = this.#meet(topic, board, where)
      if (pin === NONE || this.#holds(board, pin)) continue
      if (this.#isEverywhere(pin)) continue
      if (look === looks || this.#likes(user, pin)) return pin
    }
    return this.#upload(user, topic)
  }

  /** What the next pin for a board about `topic` is about. */
  #aboutWhat(user: number, topic: number): number {
    const random = this.#random
    const { nearTopic: near, ownInterest, anyTopic } = this.#laws
    const u = random.unit()
    if (u < near) return nearTopic(topic, random.unit())
    if (u < near + ownInterest) return this.#interest(user)
    return u < near + ownInterest + anyTopic ? this.#topicOf(random.unit()) : topic
  }

  /** A pin of the topic as one comes across it; NONE where nothing is found. */
  #meet(topic: number, board: number, where: number): number {
    const random = this.#random
    const { copy, feed, feedWindow, boardPinsMax } = this.#laws
    if (where < copy) {
      const boards = this.#boards[topic]!
      if (boards.length === 0) return NONE
      const other = boards.items[random.below(boards.length)]!
      const size = this.#boardSize.items[other]!
      if (other === board || size === 0) return NONE
      return this.#boardPins[other * boardPinsMax + random.below(size)]!
    }
    if (where < copy + feed) {
      const saves = this.#saves[topic]!
      return saves.length === 0 ? NONE : this.#late(saves, feedWindow)
    }
    const pins = this.#pins[topic]!
    return pins.items[random.below(pins.length)]!
  }

  /** One of the latest `share` of a list, at least of twenty. */
  #late({ items, length }: GrowingList, share: number): number {
    const window = Math.min(length, Math.max(20, Math.ceil(length * share)))
    return items[length - 1 - this.#random.below(window)]!
  }

  #isEverywhere(pin: number): boolean {
    const { satiation } = this.#laws
    return this.#random.unit() * (satiation + this.#pinSaves[pin]!) > satiation
  }

  #likes(user: number, pin: number): boolean {
    const { look } = this.#people
    let likeness = 0
    for (let k = 0; k < LOOK_SIZE; k++) {
      likeness += look[user * LOOK_SIZE + k]! * this.#pinLook[pin * LOOK_SIZE + k]!
    }
    const utility = 0.45 * likeness + 2 * (this.#pinQuality[pin]! - 0.5) - 0.5
    return this.#random.unit() < 1 / (1 + Math.exp(-utility))
  }

  #upload(user: number, topic: number): number {
    const random = this.#random
    const pin = this.#pinCount++
    assert(pin < this.#pinTopic.length, 'a save brings one pin at most')
    this.#pinTopic[pin] = topic
    this.#pinMaker[pin] = user
    this.#pinQuality[pin] = random.unit()
    const { look } = this.#people
    for (let k = 0; k < LOOK_SIZE; k++) {
      const noise =
        Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit())
      this.#pinLook[pin * LOOK_SIZE + k] = 0.7 * look[user * LOOK_SIZE + k]! + 0.7 * noise
    }
    this.#pins[topic]!.push(pin)
    return pin
  }

  #interest(user: number): number {
    const { interestStarts, interests } = this.#people
    const from = interestStarts[user]!
    const count = interestStarts[user + 1]! - from
    return interests[from + interestAt(this.#random.unit(), count, this.#laws.interestDecay)]!
  }
}
