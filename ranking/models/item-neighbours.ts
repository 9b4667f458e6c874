/**
 * Items by items that are saved with them, pruned to the `neighbours` best of each: the sparse
 * product of rows with themselves, weighed. A user's score is the sum over the items of the
 * history.
 *
 * Fit: for each item, over its users, over their items, one dense row of accumulators:
 * O(Σ row length²) time, 12 bytes × neighbours an item.
 */
import { TopK } from '../../graph/index.ts'
import { type Rows, transposed } from '../algebra/index.ts'

export type Weighing = {
  readonly neighbours: number
  /** What a user who has both items adds to their sum, by user: above 0. */
  readonly gains: Float64Array
  /** The weight of `other` for a history with `item`. */
  readonly weight: (sum: number, item: number, other: number) => number
}

export type NeighboursMemory = {
  readonly offsets: Uint32Array
  readonly targets: Uint32Array
  readonly weights: Float64Array
}

export class ItemNeighbours {
  readonly memory: NeighboursMemory

  constructor(memory: NeighboursMemory) {
    this.memory = memory
  }

  /** Adds the history's scores into `into`. */
  score(history: Iterable<number>, into: Float64Array): void {
    const { offsets, targets, weights } = this.memory
    for (const item of history) {
      for (let i = offsets[item]!; i < offsets[item + 1]!; i++) {
        into[targets[i]!]! += weights[i]!
      }
    }
  }
}

/** `rows` without repeats. */
export function fitItemNeighbours(
  rows: Rows,
  itemCount: number,
  { neighbours, gains, weight }: Weighing,
): ItemNeighbours {
  const usersOf = transposed(rows, itemCount)
  const sums = new Float64Array(itemCount)
  const offsets = new Uint32Array(itemCount + 1)
  const targets: Uint32Array[] = []
  const weights: Float64Array[] = []
  for (let item = 0; item < itemCount; item++) {
    const touched: number[] = []
    for (let o = usersOf.offsets[item]!; o < usersOf.offsets[item + 1]!; o++) {
      const user = usersOf.items[o]!
      const gain = gains[user]!
      for (let i = rows.offsets[user]!; i < rows.offsets[user + 1]!; i++) {
        const other = rows.items[i]!
        if (sums[other] === 0) touched.push(other)
        sums[other]! += gain
      }
    }
    const heap = new TopK(Math.min(neighbours, touched.length))
    for (const other of touched) {
      if (other !== item) heap.offer(other, weight(sums[other]!, item, other))
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
  return new ItemNeighbours({ offsets, targets: allTargets, weights: allWeights })
}

export type CosineOptions = {
  readonly neighbours: number
  /**
   * 1: users weigh by the square of ln(1 + items / items of theirs), so that who saves everything
   * says little (TF-IDF, an item as a document of its users); 0: all users alike.
   */
  readonly inverseFrequency: number
}
export const cosineDefaults: CosineOptions = Object.freeze({ neighbours: 400, inverseFrequency: 1 })

/**
 * Neighbours by the cosine of items' users (Sarwar et al., "Item-based collaborative filtering
 * recommendation algorithms", WWW 2001). `rows` without repeats.
 */
export function fitCosineNeighbours(
  rows: Rows,
  itemCount: number,
  { neighbours, inverseFrequency }: CosineOptions = cosineDefaults,
): ItemNeighbours {
  const users = rows.offsets.length - 1
  const gains = Float64Array.from({ length: users }, (_, user) => {
    const length = rows.offsets[user + 1]! - rows.offsets[user]!
    return inverseFrequency === 0 ? 1 : Math.log(1 + itemCount / length) ** 2
  })
  const norms = new Float64Array(itemCount)
  for (let user = 0; user < users; user++) {
    for (let i = rows.offsets[user]!; i < rows.offsets[user + 1]!; i++) {
      norms[rows.items[i]!]! += gains[user]!
    }
  }
  const weight = (sum: number, item: number, other: number) => {
    return sum / Math.sqrt(norms[item]! * norms[other]!)
  }
  return fitItemNeighbours(rows, itemCount, { neighbours, gains, weight })
}
