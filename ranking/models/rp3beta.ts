/**
 * RP3beta as a fitted model (Paudel et al., TiiS 2017): item-to-item three-step transition
 * probabilities, each to the power alpha, divided by the target's popularity to the power beta,
 * pruned to the `neighbours` best of each item. A user's score is the sum over the items of the
 * history.
 *
 * Fit: for each item, over its users, over their items, one dense row of accumulators:
 * O(Σ row length²) time, 8 bytes × neighbours an item.
 */
import { TopK } from '../../graph/index.ts'
import type { Rows } from '../evaluation/dataset.ts'

export type Rp3BetaOptions = {
  readonly alpha: number
  readonly beta: number
  readonly neighbours: number
}
export const rp3BetaDefaults: Rp3BetaOptions = Object.freeze({
  alpha: 0.6,
  beta: 0.5,
  neighbours: 400,
})

export class Rp3Beta {
  readonly #offsets: Uint32Array
  readonly #targets: Uint32Array
  readonly #weights: Float64Array

  constructor(offsets: Uint32Array, targets: Uint32Array, weights: Float64Array) {
    this.#offsets = offsets
    this.#targets = targets
    this.#weights = weights
  }

  /** Adds the history's scores into `into`. */
  score(history: Iterable<number>, into: Float64Array): void {
    for (const item of history) {
      for (let i = this.#offsets[item]!; i < this.#offsets[item + 1]!; i++) {
        into[this.#targets[i]!]! += this.#weights[i]!
      }
    }
  }
}

/** `rows` without repeats. */
export function fitRp3Beta(
  rows: Rows,
  itemCount: number,
  options: Rp3BetaOptions = rp3BetaDefaults,
): Rp3Beta {
  const { alpha, beta, neighbours } = options
  const users = rows.offsets.length - 1
  const itemOffset = new Uint32Array(itemCount + 1)
  for (const item of rows.items) itemOffset[item + 1]!++
  for (let i = 0; i < itemCount; i++) itemOffset[i + 1]! += itemOffset[i]!
  const next = itemOffset.slice()
  const usersOf = new Uint32Array(rows.items.length)
  for (let u = 0; u < users; u++) {
    for (let i = rows.offsets[u]!; i < rows.offsets[u + 1]!; i++)
      usersOf[next[rows.items[i]!]!++] = u
  }
  const degree = (item: number) => itemOffset[item + 1]! - itemOffset[item]!
  const userGain = Float64Array.from(
    { length: users },
    (_, u) => (rows.offsets[u + 1]! - rows.offsets[u]!) ** -alpha,
  )
  const popularity = Float64Array.from({ length: itemCount }, (_, i) => degree(i) ** beta)
  const sums = new Float64Array(itemCount)
  const offsets = new Uint32Array(itemCount + 1)
  const targets: Uint32Array[] = []
  const weights: Float64Array[] = []
  for (let item = 0; item < itemCount; item++) {
    const touched: number[] = []
    for (let o = itemOffset[item]!; o < itemOffset[item + 1]!; o++) {
      const user = usersOf[o]!
      const gain = userGain[user]!
      for (let i = rows.offsets[user]!; i < rows.offsets[user + 1]!; i++) {
        const other = rows.items[i]!
        if (sums[other] === 0) touched.push(other)
        sums[other]! += gain
      }
    }
    const own = degree(item) ** -alpha
    const heap = new TopK(Math.min(neighbours, touched.length))
    for (const other of touched) {
      if (other !== item) heap.offer(other, (own * sums[other]!) / popularity[other]!)
      sums[other] = 0
    }
    const { keys, scores } = heap.sorted()
    targets.push(keys)
    weights.push(scores)
    offsets[item + 1] = offsets[item]! + keys.length
  }
  const allTargets = new Uint32Array(offsets[itemCount]!)
  const allWeights = new Float64Array(offsets[itemCount]!)
  for (const [item, list] of targets.entries()) allTargets.set(list, offsets[item]!)
  for (const [item, list] of weights.entries()) allWeights.set(list, offsets[item]!)
  return new Rp3Beta(offsets, allTargets, allWeights)
}
