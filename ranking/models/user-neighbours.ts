/**
 * What similar users have, as in 2013: the `neighbours` users whose items have the greatest cosine
 * with the history, each adding it to what they have (Herlocker et al., SIGIR 1999, for implicit
 * feedback). Nothing is fitted but who has what: a new save counts at once.
 *
 * A query: O(Σ users of each item of the history). Memory: 4 bytes a pair, twice.
 */
import { TopK } from '../../graph/index.ts'
import { type Rows, transposed } from '../algebra/index.ts'

export type UserNeighboursOptions = { readonly neighbours: number }
export const userNeighboursDefaults: UserNeighboursOptions = Object.freeze({ neighbours: 100 })

export class UserNeighbours {
  readonly #rows: Rows
  readonly #usersOf: Rows
  readonly #neighbours: number
  /** Of the query under way: items in common, by user. */
  readonly #common: Uint32Array

  /** `rows` without repeats. */
  constructor(
    rows: Rows,
    itemCount: number,
    { neighbours }: UserNeighboursOptions = userNeighboursDefaults,
  ) {
    this.#rows = rows
    this.#usersOf = transposed(rows, itemCount)
    this.#neighbours = neighbours
    this.#common = new Uint32Array(rows.offsets.length - 1)
  }

  /** Adds the scores of a history without repeats into `into`; `user` is no neighbour of theirs. */
  score(history: Uint32Array, user: number, into: Float64Array): void {
    const { offsets, items } = this.#rows
    const best = this.#nearest(history, user)
    best.keys.forEach((other, n) => {
      for (let i = offsets[other]!; i < offsets[other + 1]!; i++) {
        into[items[i]!]! += best.scores[n]!
      }
    })
  }

  #nearest(history: Uint32Array, user: number) {
    const { offsets } = this.#rows
    const { offsets: from, items: users } = this.#usersOf
    const common = this.#common
    const touched: number[] = []
    for (const item of history) {
      for (let i = from[item]!; i < from[item + 1]!; i++) {
        const other = users[i]!
        if (common[other]!++ === 0) touched.push(other)
      }
    }
    const heap = new TopK(Math.min(this.#neighbours, touched.length))
    for (const other of touched) {
      const size = Math.sqrt(history.length * (offsets[other + 1]! - offsets[other]!))
      if (other !== user) heap.offer(other, common[other]! / size)
      common[other] = 0
    }
    return heap.sorted()
  }
}
