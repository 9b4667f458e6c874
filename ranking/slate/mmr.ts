/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): the next item has the greatest
 * lambda · relevance - (1 - lambda) · its greatest similarity to an item taken before. O(count) a
 * pick and one row of similarities.
 */
import { byGain, type Diversifier } from './diversifier.ts'

export const mmr: Diversifier = {
  name: 'mmr',
  begin({ count, relevance, similarity }, lambda) {
    // Similarities are not negative: 0 also stands for "nothing taken yet".
    const nearest = new Float64Array(count)
    const row = new Float64Array(count)
    return byGain(
      count,
      (item) => lambda * relevance[item]! - (1 - lambda) * nearest[item]!,
      (item) => {
        similarity.to(item, row)
        for (let i = 0; i < count; i++) nearest[i] = Math.max(nearest[i]!, row[i]!)
      },
    )
  },
}
