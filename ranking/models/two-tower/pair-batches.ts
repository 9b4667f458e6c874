/**
 * What a step of the two-tower model reads: pairs, histories and negatives, put into a trainer's
 * batch. What is drawn is a function of the stream that is given, so that a training that was cut
 * off goes on to the same bits.
 *
 * A batch's list has room for a part of all histories. They fill it in turns, each row's first
 * drawn pin, then each row's second, until it is full; a pin that is there already takes no room.
 */
import type { Random } from '../../../base/index.ts'
import { degreesOf, type Rows, rowOf } from '../../algebra/index.ts'
import type { Trainer } from '../../training/engine/index.ts'
import { type TagBags, UNTAGGED_ROW } from './tag-bags.ts'
import { placesOf, type TwoTowerShape } from './two-tower-network.ts'

/** A user and a pin that they saved, at each place. */
export type Pairs = { readonly users: Uint32Array; readonly pins: Uint32Array }

export type BatchOptions = {
  /** Pins of a user that a step looks at, at most. */
  readonly history: number
  /** Share of places where a pin is read as if it were new. */
  readonly idDropout: number
}

/** Taken from a logit that is not to count. */
const HIDDEN = 1e9

export class PairBatches {
  readonly #saves: Rows
  readonly #all: Rows
  readonly #bags: TagBags
  readonly #shape: TwoTowerShape
  readonly #options: BatchOptions
  /** Pins with saves: negatives are of them, and only they have an embedding of their own. */
  readonly known: Uint32Array
  readonly #isKnown: Uint8Array
  /** Of all saves; a pin without any counts as if it had one. */
  readonly #shareOf: Float64Array
  /** By pin, the mark of the row whose user saved it last. */
  readonly #savedIn: Float64Array
  #marks = 0
  readonly #list: PinList

  /**
   * `saves` teach, without repeats; what only `all` has beside them is no negative of its user
   * either.
   */
  constructor(
    { saves, all }: { readonly saves: Rows; readonly all: Rows },
    bags: TagBags,
    shape: TwoTowerShape,
    options: BatchOptions,
  ) {
    this.#saves = saves
    this.#all = all
    this.#bags = bags
    this.#shape = shape
    this.#options = options
    const degrees = degreesOf(saves, shape.pins)
    this.known = Uint32Array.from(degrees.keys()).filter((pin) => degrees[pin]! > 0)
    this.#isKnown = Uint8Array.from(degrees, (degree) => Number(degree > 0))
    this.#shareOf = Float64Array.from(degrees, (degree) => {
      return Math.max(1, degree) / saves.items.length
    })
    this.#savedIn = new Float64Array(shape.pins)
    this.#list = new PinList(shape.pins)
  }

  /**
   * Fills the batch with pairs; those from `count` on are there because a batch is full and weigh
   * nothing.
   */
  fill(trainer: Trainer, pairs: Pairs, random: Random, count = pairs.users.length): void {
    const rows = pairs.users.length
    const { classes, all } = placesOf(this.#shape, rows)
    const list = this.#list.clear()
    const targets = trainer.index('targets')
    pairs.pins.forEach((pin, i) => {
      targets[i] = BigInt(list.put(pin))
    })
    const drawn = random.split('negatives')
    for (let i = rows; i < classes; i++) list.put(this.known[drawn.below(this.known.length)]!)
    const used = list.pins.length
    list.skipTo(classes)
    this.#putHistories(trainer, pairs, random.split('history'))
    list.skipTo(all)
    this.#putPins(trainer, random.split('ids'))
    this.#correct(trainer, pairs, used)
    trainer.input('weights').fill(1, 0, count).fill(0, count)
  }

  #putHistories(trainer: Trainer, { users, pins }: Pairs, random: Random): void {
    const list = this.#list
    const { all } = placesOf(this.#shape, users.length)
    const weights = trainer.input('history weights').fill(0)
    const histories = Array.from(users, (user, i) => this.#drawOthers(user, pins[i]!, random))
    const places = histories.map((): number[] => [])
    const longest = Math.max(...histories.map(({ length }) => length))
    for (let turn = 0; turn < longest; turn++) {
      for (const [i, history] of histories.entries()) {
        const pin = history[turn]
        if (pin !== undefined && (list.has(pin) || list.pins.length < all)) {
          places[i]!.push(list.put(pin))
        }
      }
    }
    places.forEach((own, i) => {
      for (const place of own) weights[i * all + place] = 1 / own.length
    })
  }

  /** What the user saved beside the pin, up to `history` of it, drawn. */
  #drawOthers(user: number, pin: number, random: Random): readonly number[] {
    const others = Array.from(rowOf(this.#saves, user)).filter((other) => other !== pin)
    const length = Math.min(this.#options.history, others.length)
    for (let h = 0; h < Math.min(length, others.length - 1); h++) {
      const from = h + random.below(others.length - h)
      const held = others[h]!
      others[h] = others[from]!
      others[from] = held
    }
    return others.slice(0, length)
  }

  /** What the list reads of the tables; places that were skipped read what the first one reads. */
  #putPins(trainer: Trainer, random: Random): void {
    const { slots } = this.#shape
    const { rows, sizes } = this.#bags
    const [tagIds, ids] = [trainer.table('tags').ids, trainer.table('ids').ids]
    const [ofTags, ofId] = [trainer.input('tag weights'), trainer.input('id weights')]
    const { pins } = this.#list
    pins.forEach((pin = pins[0]!, at) => {
      const size = sizes[pin]!
      for (let s = 0; s < slots; s++) {
        tagIds[at * slots + s] = rows[pin * slots + s]!
        ofTags[at * slots + s] = s < size ? 1 / size : 0
      }
      const isNew = random.unit() < this.#options.idDropout || this.#isKnown[pin] === 0
      ids[at] = isNew ? UNTAGGED_ROW : pin + 1
      ofId[at] = isNew ? 0 : 1
    })
  }

  /** The logarithm of the chance that a pin is among the classes; what is none is hidden. */
  #correct(trainer: Trainer, { users, pins: targets }: Pairs, used: number): void {
    const rows = users.length
    const { classes } = placesOf(this.#shape, rows)
    const evenly = (classes - rows) * Math.log1p(-1 / this.known.length)
    const { pins } = this.#list
    const often = Float32Array.from({ length: used }, (_, c) => {
      const missed = rows * Math.log1p(-this.#shareOf[pins[c]!]!) + (classes > rows ? evenly : 0)
      return Math.log(-Math.expm1(missed))
    })
    const correction = trainer.input('correction').fill(HIDDEN)
    for (let i = 0; i < rows; i++) {
      const mark = ++this.#marks
      for (const pin of rowOf(this.#all, users[i]!)) this.#savedIn[pin] = mark
      const own = correction.subarray(i * classes, (i + 1) * classes)
      for (let c = 0; c < used; c++) {
        const pin = pins[c]!
        if (this.#savedIn[pin] !== mark || pin === targets[i]) own[c] = often[c]!
      }
    }
  }
}

/** Pins by place, each once. */
class PinList {
  /** Undefined where a place was skipped. */
  pins: (number | undefined)[] = []
  readonly #placeOf: Int32Array

  constructor(pinCount: number) {
    this.#placeOf = new Int32Array(pinCount).fill(-1)
  }

  clear(): this {
    for (const pin of this.pins) if (pin !== undefined) this.#placeOf[pin] = -1
    this.pins = []
    return this
  }

  has(pin: number): boolean {
    return this.#placeOf[pin]! >= 0
  }

  /** Its place, new or known. */
  put(pin: number): number {
    if (!this.has(pin)) {
      this.#placeOf[pin] = this.pins.length
      this.pins.push(pin)
    }
    return this.#placeOf[pin]!
  }

  skipTo(place: number): void {
    while (this.pins.length < place) this.pins.push(undefined)
  }
}
