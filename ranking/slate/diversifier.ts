/**
 * The port of what chooses the next pin of a slate. It is greedy: it gives one item after the other
 * and is told in between, by `fits`, which ones caps have closed to.
 *
 * Items are numbered by falling score (ties by outside id), so that equal gains fall to the lower
 * number and the order in which candidates were found decides nothing.
 */
import type { Similarity } from './similarity.ts'

export type SlateItems = {
  readonly count: number
  /** From 0 to 1, falling. */
  readonly relevance: Float64Array
  readonly similarity: Similarity
}

export interface Greedy {
  /**
   * Gives items, each once over all calls, as long as one fits. What `fits` refuses once, it must
   * refuse until the end of the call.
   */
  picks(fits: (item: number) => boolean): IterableIterator<number>
}

export interface Diversifier {
  readonly name: string
  /** `lambda`: weight of relevance, 0 to 1; at 1 the order is that of scores. */
  begin(items: SlateItems, lambda: number): Greedy
}

/** The order of scores. */
export function inOrder(count: number): Greedy {
  const taken = new Uint8Array(count)
  return {
    *picks(fits) {
      for (let item = 0; item < count; item++) {
        if (taken[item] === 1 || !fits(item)) continue
        taken[item] = 1
        yield item
      }
    },
  }
}

/** The greedy choice by a gain that changes with what was taken; O(count) a pick. */
export function byGain(
  count: number,
  gain: (item: number) => number,
  take: (item: number) => void,
): Greedy {
  const taken = new Uint8Array(count)
  return {
    *picks(fits) {
      const closed = new Uint8Array(count)
      for (;;) {
        let best = -1
        let most = Number.NEGATIVE_INFINITY
        for (let item = 0; item < count; item++) {
          if (taken[item] === 1 || closed[item] === 1) continue
          const value = gain(item)
          if (value <= most) continue
          if (fits(item)) {
            best = item
            most = value
          } else closed[item] = 1
        }
        if (best < 0) return
        taken[best] = 1
        take(best)
        yield best
      }
    },
  }
}
