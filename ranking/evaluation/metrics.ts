/** Ranking metrics of one user. */

export type UserMetrics = {
  readonly recall: number
  readonly ndcg: number
  readonly hit: number
  /** 1 over the rank of the first hit, from 1; 0 without one. */
  readonly reciprocalRank: number
}

/**
 * `ranked` best first, `relevant` what the user turned out to save, `denominator` the count that
 * recall divides by (the raw convention counts repeated and leaked test tokens). The ideal of NDCG
 * is min(relevant items, k) hits: an item can be hit once, however often the test names it.
 */
export function userMetrics(
  ranked: ArrayLike<number>,
  relevant: ReadonlySet<number>,
  denominator: number,
  k: number,
): UserMetrics {
  let hits = 0
  let gain = 0
  let first = 0
  for (let rank = 0; rank < Math.min(k, ranked.length); rank++) {
    if (!relevant.has(ranked[rank]!)) continue
    hits++
    first ||= rank + 1
    gain += 1 / Math.log2(rank + 2)
  }
  let ideal = 0
  for (let rank = 0; rank < Math.min(k, relevant.size); rank++) ideal += 1 / Math.log2(rank + 2)
  return {
    recall: hits / denominator,
    ndcg: gain / ideal,
    hit: hits > 0 ? 1 : 0,
    reciprocalRank: first === 0 ? 0 : 1 / first,
  }
}
