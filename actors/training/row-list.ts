/** Rows of training in the making: columns that grow. */
import type { IdentifiedRows } from '../../ranking/index.ts'

/** A pin that was shown and those drawn beside it. */
export type RowGroup = {
  /** A row a pin, the one that was shown first. */
  readonly features: Float32Array
  /** Hashes of outside ids. */
  readonly user: number
  readonly pins: readonly number[]
  readonly time: number
  /** Where the first stood. */
  readonly rank: number
  /** The chance of the first to be shown. */
  readonly propensity: number
  /** Of each, the chance to be drawn. */
  readonly drawChances: readonly number[]
}

export class RowList {
  readonly #features: number[] = []
  readonly #labels: number[] = []
  readonly #ranks: number[] = []
  readonly #times: number[] = []
  readonly #users: number[] = []
  readonly #pins: number[] = []
  readonly #drawn: number[] = []
  readonly #propensities: number[] = []
  readonly #drawChances: number[] = []

  get count(): number {
    return this.#labels.length
  }

  add({ features, user, pins, time, rank, propensity, drawChances }: RowGroup): void {
    for (const value of features) this.#features.push(value)
    pins.forEach((pin, i) => {
      this.#labels.push(0)
      this.#ranks.push(i === 0 ? rank : 0)
      this.#times.push(time)
      this.#users.push(user)
      this.#pins.push(pin)
      this.#drawn.push(i === 0 ? 0 : 1)
      this.#propensities.push(i === 0 ? propensity : 1)
      this.#drawChances.push(drawChances[i]!)
    })
  }

  /** The pin of `row` was saved; too late for one that was shown at `since` or before. */
  saved(row: number, since = Number.NEGATIVE_INFINITY): void {
    if (this.#times[row]! > since) this.#labels[row] = 1
  }

  /** Under the names of their features. */
  take(names: readonly string[]): IdentifiedRows {
    return {
      names,
      features: Float32Array.from(this.#features),
      labels: Float32Array.from(this.#labels),
      weights: new Float32Array(this.count).fill(1),
      ranks: Uint16Array.from(this.#ranks),
      times: Float64Array.from(this.#times),
      users: Uint32Array.from(this.#users),
      pins: Uint32Array.from(this.#pins),
      drawn: Uint8Array.from(this.#drawn),
      propensities: Float32Array.from(this.#propensities),
      drawChances: Float32Array.from(this.#drawChances),
    }
  }
}
