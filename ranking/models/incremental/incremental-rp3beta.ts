/**
 * RP3beta (Paudel et al., TiiS 2017; `models/rp3beta.ts`) that a save or an unsave changes at once.
 *
 * Kept are the sums S(i, j) over users with both of gain(items of the user); the score of j for a
 * history with i is degree(i)^-alpha S(i, j) degree(j)^-beta, with the degrees of now. The gain of
 * a user with n items is n^-alpha rounded to 2^-30, or 0 above `lengthMax`: the rounding is what a
 * fit differs by, at most 2^-31 n^alpha of a sum, below 1e-6 of it up to n = 100,000 at alpha .6.
 *
 * A save of a user with n items: n (n + 1) additions. A query: the rows of the history's items, and
 * a heap of `neighbours` for each that is longer. `README.md` has the memory.
 */
import { type Rows, rowOf } from '../../algebra/index.ts'
import { type Rp3BetaOptions, rp3BetaDefaults } from '../rp3beta.ts'
import { bytesOf, SumRow, UNIT } from './sum-row.ts'

export type IncrementalRp3betaOptions = Rp3BetaOptions & {
  /** Items of a user, at most, for them to count in sums; more say little and cost their square. */
  readonly lengthMax: number
}
export const incrementalRp3betaDefaults: IncrementalRp3betaOptions = Object.freeze({
  ...rp3BetaDefaults,
  lengthMax: 500,
})

export class IncrementalRp3beta {
  readonly #options: IncrementalRp3betaOptions
  readonly #itemsOf: number[][] = []
  readonly #sums: SumRow[] = []
  /** By item: how many have it, and that to the powers that a query needs. */
  readonly #degrees: number[] = []
  readonly #own: number[] = []
  readonly #popularity: number[] = []

  constructor(options: Partial<IncrementalRp3betaOptions> = {}) {
    this.#options = { ...incrementalRp3betaDefaults, ...options }
  }

  /** With rows without repeats, user by user: n² additions for n items, where saves take n³ / 3. */
  static from(rows: Rows, options: Partial<IncrementalRp3betaOptions> = {}): IncrementalRp3beta {
    const model = new IncrementalRp3beta(options)
    for (let user = 0; user < rows.offsets.length - 1; user++) {
      const items = [...rowOf(rows, user)]
      model.#itemsOf.push(items)
      for (const item of items) model.#count(item, 1)
      model.#addPairs(items, model.#gain(items.length))
    }
    return model
  }

  /** False where the user has the item already. */
  save(user: number, item: number): boolean {
    while (this.#itemsOf.length <= user) this.#itemsOf.push([])
    const items = this.#itemsOf[user]!
    if (items.includes(item)) return false
    const gain = this.#gain(items.length + 1)
    this.#addPairs(items, gain - this.#gain(items.length))
    this.#count(item, 1)
    this.#addTo(item, items, gain)
    items.push(item)
    return true
  }

  /** False where the user does not have the item. */
  unsave(user: number, item: number): boolean {
    const items = this.#itemsOf[user]
    const at = items?.indexOf(item) ?? -1
    if (!items || at < 0) return false
    const gain = this.#gain(items.length)
    items[at] = items.at(-1)!
    items.pop()
    this.#addTo(item, items, -gain)
    this.#addPairs(items, this.#gain(items.length) - gain)
    this.#count(item, -1)
    return true
  }

  /** Adds the history's scores into `into`; items beyond its length are left out. */
  score(history: Iterable<number>, into: Float64Array): void {
    const { neighbours } = this.#options
    for (const item of history) {
      const row = this.#sums[item]
      if (!row || row.size === 0) continue
      const own = this.#own[item]! / UNIT
      const weigh = (sum: number, other: number) => (own * sum) / this.#popularity[other]!
      if (row.size <= neighbours) {
        row.each((other, sum) => {
          if (other < into.length) into[other]! += weigh(sum, other)
        })
        continue
      }
      const { keys, scores } = row.best(neighbours, weigh)
      keys.forEach((other, n) => {
        if (other < into.length) into[other]! += scores[n]!
      })
    }
  }

  /** Of sums: how many there are, both ways, and the bytes of their tables. */
  get memory(): { readonly pairs: number; readonly bytes: number } {
    const pairs = this.#sums.reduce((sum, row) => sum + row.size, 0)
    return { pairs, bytes: bytesOf(this.#sums) }
  }

  /** In units. */
  #gain(length: number): number {
    const { alpha, lengthMax } = this.#options
    return length === 0 || length > lengthMax ? 0 : Math.round(length ** -alpha * UNIT)
  }

  #count(item: number, by: number): void {
    while (this.#sums.length <= item) {
      this.#sums.push(new SumRow())
      this.#degrees.push(0)
      this.#own.push(0)
      this.#popularity.push(0)
    }
    const degree = this.#degrees[item]! + by
    this.#degrees[item] = degree
    this.#own[item] = degree ** -this.#options.alpha
    this.#popularity[item] = degree ** this.#options.beta
  }

  /** Adds to the sums of `item` with each of `others`, both ways. */
  #addTo(item: number, others: readonly number[], amount: number): void {
    if (amount === 0) return
    const row = this.#sums[item]!
    for (const other of others) {
      row.add(other, amount)
      this.#sums[other]!.add(item, amount)
    }
  }

  /** Adds to the sums of all pairs. */
  #addPairs(items: readonly number[], amount: number): void {
    if (amount === 0) return
    for (const item of items) {
      const row = this.#sums[item]!
      for (const other of items) if (other !== item) row.add(other, amount)
    }
  }
}
