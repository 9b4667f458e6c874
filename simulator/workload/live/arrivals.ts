/**
 * When requests are due: instants drawn from the seed alone, before and whatever is answered. A
 * client that waited for answers would ask less of a server the slower it is, and never see what
 * people see who come meanwhile ("coordinated omission").
 *
 * The rate goes in a line from `from` to `to`. With L(t) arrivals expected until t, arrival n is
 * where L reaches the sum of n exponential gaps (Poisson) or n + 1/2 (uniform): the unit process
 * on a stretched line of time.
 */
import { assert, type Random } from '../../../base/index.ts'

export const arrivalLaws = ['poisson', 'uniform'] as const
export type ArrivalLaw = (typeof arrivalLaws)[number]

export type ArrivalOptions = {
  readonly law: ArrivalLaw
  /** Arrivals a second at the beginning and at the end; not both 0. */
  readonly from: number
  readonly to: number
  readonly seconds: number
  /** At most so many. */
  readonly countMax?: number
  readonly random: Random
}

export class Arrivals {
  readonly #options: ArrivalOptions
  /** L where the last arrival was. */
  #reached = 0
  #count = 0

  constructor(options: ArrivalOptions) {
    const { from, to, seconds } = options
    assert(from >= 0 && to >= 0 && from + to > 0, 'a rate is not negative, nor 0 all the time')
    assert(seconds > 0, 'arrivals take time')
    this.#options = options
  }

  /** Milliseconds from the start of the next arrival, or undefined after the last. */
  next(): number | undefined {
    const { law, from, to, seconds, countMax = Number.POSITIVE_INFINITY, random } = this.#options
    if (this.#count >= countMax) return undefined
    if (law === 'uniform') this.#reached = this.#count + 0.5
    else this.#reached += -Math.log(1 - random.unit())
    if (this.#reached >= ((from + to) / 2) * seconds) return undefined
    this.#count++
    const bend = (to - from) / (2 * seconds)
    // The root of L(t) = from t + bend t^2 that stays exact where the bend is nearly 0.
    const root = Math.sqrt(Math.max(0, from * from + 4 * bend * this.#reached))
    return Math.min(seconds, (2 * this.#reached) / (from + root)) * 1_000
  }
}
