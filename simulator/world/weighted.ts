/**
 * Drawing an item in proportion to its weight from a table of running sums: O(log n) a draw, and
 * any range of the table is a distribution of its own, so "the pins born so far" needs no rebuild.
 */

/** Running sums of `weights`: sums[i] is the weight of the items before i; one longer. */
export function runningSums(weights: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(weights.length + 1)
  for (let i = 0; i < weights.length; i++) sums[i + 1] = sums[i]! + weights[i]!
  return sums
}

/** The item of [from, to) at `unit` in [0, 1) of the range's weight. */
export function pick(sums: Float64Array, from: number, to: number, unit: number): number {
  const target = sums[from]! + unit * (sums[to]! - sums[from]!)
  let low = from
  let high = to - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sums[middle + 1]! > target) high = middle
    else low = middle + 1
  }
  return low
}

/** How many of the ascending numbers list[from..to) are below `value`. */
export function countBelow(
  list: ArrayLike<number>,
  range: { readonly from: number; readonly to: number },
  value: number,
): number {
  let low = range.from
  let high = range.to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (list[middle]! < value) low = middle + 1
    else high = middle
  }
  return low - range.from
}
