/**
 * What lists are like beside being right: how much of the catalogue they show and how evenly, how
 * far they are what everybody is shown, how unexpected, how alike within.
 */
import type { Random } from '../../base/index.ts'
import { degreesOf, type Rows, transposed } from '../algebra/index.ts'

export type ListFigures = {
  /** Share of the catalogue that is in some list. */
  readonly coverage: number
  /** Gini index of how often items are shown: 0 all alike, towards 1 a few alone. */
  readonly gini: number
  /** Mean share of a list that is also among the most popular items the user does not have. */
  readonly popularityOverlap: number
  /** Mean self-information, -log2 of the share of users who have the item (Zhou et al. 2010). */
  readonly novelty: number
  /**
   * Mean over pairs of a list of 1 less the cosine of who has them (Ziegler et al., WWW 2005); of
   * some users, drawn with the seed. Undefined where no list has two.
   */
  readonly intraListDistance: number | undefined
}

/** Users whose pairs are looked at. */
const PAIRED_USERS = 2_000

export class ListStatistics {
  readonly #usersOf: Rows
  readonly #users: number
  readonly #shown: Uint32Array
  readonly #degrees: Uint32Array
  /** Most popular first; of equal ones the lower number. */
  readonly #popular: Uint32Array
  readonly #paired: ReadonlySet<number>
  #lists = 0
  #entries = 0
  #overlap = 0
  #information = 0
  #distance = 0
  #pairs = 0

  /** `train` without repeats; lists will be of users out of `users`. */
  constructor(train: Rows, items: number, users: readonly number[], random: Random) {
    this.#usersOf = transposed(train, items)
    this.#users = train.offsets.length - 1
    this.#shown = new Uint32Array(items)
    this.#degrees = degreesOf(train, items)
    this.#popular = Uint32Array.from({ length: items }, (_, item) => item).sort(
      (a, b) => this.#degrees[b]! - this.#degrees[a]! || a - b,
    )
    this.#paired = new Set(random.shuffle([...users]).slice(0, PAIRED_USERS))
  }

  add(user: number, list: readonly number[], has: ReadonlySet<number>): void {
    if (list.length === 0) return
    this.#lists++
    this.#overlap += this.#overlapOf(list, has)
    for (const item of list) {
      this.#shown[item]!++
      this.#entries++
      this.#information -= Math.log2(Math.max(1, this.#degrees[item]!) / this.#users)
    }
    if (!this.#paired.has(user)) return
    for (let i = 1; i < list.length; i++) {
      for (let j = 0; j < i; j++) {
        this.#distance += 1 - this.#cosine(list[i]!, list[j]!)
        this.#pairs++
      }
    }
  }

  figures(): ListFigures {
    return {
      coverage: this.#shown.filter((count) => count > 0).length / this.#shown.length,
      gini: giniOf(this.#shown),
      popularityOverlap: this.#overlap / this.#lists,
      novelty: this.#information / this.#entries,
      intraListDistance: this.#pairs === 0 ? undefined : this.#distance / this.#pairs,
    }
  }

  #overlapOf(list: readonly number[], has: ReadonlySet<number>): number {
    const items = new Set(list)
    let common = 0
    let seen = 0
    for (let at = 0; seen < list.length && at < this.#popular.length; at++) {
      const item = this.#popular[at]!
      if (has.has(item)) continue
      seen++
      if (items.has(item)) common++
    }
    return common / list.length
  }

  /** Both lists of users ascend. */
  #cosine(one: number, other: number): number {
    const { offsets, items: users } = this.#usersOf
    const [endA, endB] = [offsets[one + 1]!, offsets[other + 1]!]
    let a = offsets[one]!
    let b = offsets[other]!
    let common = 0
    while (a < endA && b < endB) {
      const difference = users[a]! - users[b]!
      if (difference === 0) common++
      if (difference <= 0) a++
      if (difference >= 0) b++
    }
    const size = Math.sqrt(this.#degrees[one]! * this.#degrees[other]!)
    return size === 0 ? 0 : common / size
  }
}

/** 0 for nothing but zeros. */
export function giniOf(counts: Uint32Array): number {
  const ascending = counts.slice().sort()
  const n = ascending.length
  let sum = 0
  let ranked = 0
  ascending.forEach((count, i) => {
    sum += count
    ranked += (i + 1) * count
  })
  return sum === 0 ? 0 : (2 * ranked) / (n * sum) - (n + 1) / n
}
