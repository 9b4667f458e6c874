/**
 * Co-occurrence in sequences (`models/cooccurrence.ts`) that a save or an unsave changes at once,
 * whenever it comes: a save stands where its time says, saves of one time by item.
 *
 * Kept are, for each item, the sums over its pairs, and its degree. A save moves the pairs across
 * its place one step apart and adds its own: at most gapMax² + 2 gapMax pairs. The place is found
 * by halving; what stands behind it in the user's sequence moves up. A query: the rows of the
 * history's items, with a heap of `neighbours` for each that is longer. `README.md` has the memory.
 */
import { type CooccurrenceOptions, cooccurrenceDefaults } from '../cooccurrence.ts'
import { bytesOf, SumRow, UNIT } from './sum-row.ts'

/** Of one user, one item and one time there is one save. */
export type TimedSave = { readonly user: number; readonly item: number; readonly time: number }

type Place = { readonly item: number; readonly time: number }

export class IncrementalCooccurrence {
  readonly #options: CooccurrenceOptions
  /** By user, oldest first. */
  readonly #sequences: Place[][] = []
  readonly #sums: SumRow[] = []
  readonly #degrees: number[] = []
  /** By gap up to gapMax + 1, in units: what a pair adds in the direction of time, and against. */
  readonly #forward: readonly number[]
  readonly #backward: readonly number[]

  constructor(options: Partial<CooccurrenceOptions> = {}) {
    this.#options = { ...cooccurrenceDefaults, ...options }
    const { gapMax, backward } = this.#options
    const amounts = (of: number) =>
      Array.from({ length: gapMax + 2 }, (_, gap) => {
        return gap === 0 || gap > gapMax ? 0 : Math.round((of * UNIT) / gap)
      })
    this.#forward = amounts(1)
    this.#backward = amounts(backward)
  }

  /** False where there is the same save already. */
  save({ user, item, time }: TimedSave): boolean {
    while (this.#sequences.length <= user) this.#sequences.push([])
    while (this.#sums.length <= item) {
      this.#sums.push(new SumRow())
      this.#degrees.push(0)
    }
    const sequence = this.#sequences[user]!
    const place = { item, time }
    const at = placeOf(sequence, place)
    if (isAt(sequence, at, place)) return false
    this.#across(sequence, at, 1)
    sequence.splice(at, 0, place)
    this.#own(sequence, at, 1)
    return true
  }

  /** False where there is no such save. */
  unsave({ user, ...place }: TimedSave): boolean {
    const sequence = this.#sequences[user] ?? []
    const at = placeOf(sequence, place)
    if (!isAt(sequence, at, place)) return false
    this.#own(sequence, at, -1)
    sequence.splice(at, 1)
    this.#across(sequence, at, -1)
    return true
  }

  /**
   * Adds the scores that `history` (newest first) gives to `into`; calls `touch` at a first score.
   * Items beyond its length are left out.
   */
  query(
    history: readonly number[],
    into: Float64Array,
    touch: (item: number, from: number) => void,
  ): void {
    const { neighbours, recency } = this.#options
    let times = 1
    for (const item of history) {
      const own = this.#degrees[item]
      const row = this.#sums[item]
      const give = (target: number, weight: number) => {
        if (target >= into.length) return
        if (into[target] === 0) touch(target, item)
        into[target]! += times * weight
      }
      if (own !== undefined && row && row.size > 0) {
        const { keys, scores } = row.best(neighbours, (sum, target) => {
          return sum / Math.sqrt(own * this.#degrees[target]!)
        })
        for (const [n, target] of keys.entries()) give(target, scores[n]!)
      }
      times *= recency
      if (times < 1e-6) return
    }
  }

  /** Of sums: how many there are, and the bytes of their tables. */
  get memory(): { readonly pairs: number; readonly bytes: number } {
    const pairs = this.#sums.reduce((sum, row) => sum + row.size, 0)
    return { pairs, bytes: bytesOf(this.#sums) }
  }

  /** Moves pairs across a place a step apart (1), or together (-1), while nobody stands there. */
  #across(sequence: readonly Place[], at: number, by: 1 | -1): void {
    const { gapMax } = this.#options
    for (let a = Math.max(0, at - gapMax); a < at; a++) {
      const end = Math.min(sequence.length, a + gapMax + 1)
      for (let b = at; b < end; b++) this.#move(sequence[a]!, sequence[b]!, b - a, by)
    }
  }

  #move(a: Place, b: Place, gap: number, by: 1 | -1): void {
    const far = gap + 1
    const forward = by * (this.#forward[far]! - this.#forward[gap]!)
    this.#add(a.item, b.item, forward, by * (this.#backward[far]! - this.#backward[gap]!))
  }

  /** Adds the pairs of who stands at a place, or takes them. */
  #own(sequence: readonly Place[], at: number, by: 1 | -1): void {
    const { gapMax } = this.#options
    const end = Math.min(sequence.length, at + gapMax + 1)
    for (let other = Math.max(0, at - gapMax); other < end; other++) {
      const gap = Math.abs(other - at)
      if (gap === 0) continue
      const [a, b] = other < at ? [other, at] : [at, other]
      const amounts = [by * this.#forward[gap]!, by * this.#backward[gap]!] as const
      this.#add(sequence[a]!.item, sequence[b]!.item, ...amounts)
    }
  }

  /** A pair in the order of time. An item's pairs with itself count in its degree alone. */
  #add(first: number, second: number, forward: number, backward: number): void {
    this.#degrees[first]! += forward
    this.#degrees[second]! += forward
    if (first === second) return
    this.#sums[first]!.add(second, forward)
    this.#sums[second]!.add(first, backward)
  }
}

/** Where a save stands, or would. */
function placeOf(sequence: readonly Place[], { item, time }: Place): number {
  let low = 0
  let high = sequence.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = sequence[middle]!
    if (other.time < time || (other.time === time && other.item < item)) low = middle + 1
    else high = middle
  }
  return low
}

function isAt(sequence: readonly Place[], at: number, { item, time }: Place): boolean {
  const there = sequence[at]
  return there?.item === item && there.time === time
}
