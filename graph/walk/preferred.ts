/** The frozen edges of a node that a bias prefers: those to boards in its ranges. */
import { GONE, type Side } from '../side.ts'
import { LABEL_MIX } from './slots.ts'
import type { Beginning } from './walk-kernel.ts'

export type Preference = NonNullable<Beginning['bias']>

/** Whether the coin of a walker falls for the bias, as in the kernel. */
export function prefers({ strength }: Preference, coin: number): boolean {
  return Math.imul(coin, LABEL_MIX) >>> 0 <= strength
}

/** How many there are, removed ones included. */
export function preferredCount(side: Side, node: number, { ranges }: Preference): number {
  const { offset, list } = side
  const at = Math.min(node, offset.length - 2)
  let total = 0
  for (let r = 0; r < ranges.length; r += 2) {
    const low = lowerBound(list, offset[at]!, offset[at + 1]!, ranges[r]!)
    total += lowerBound(list, low, offset[at + 1]!, ranges[r + 1]!) - low
  }
  return total
}

/** The place in the list of the k-th of them. */
export function preferredPlace(
  side: Side,
  node: number,
  { ranges }: Preference,
  k: number,
): number {
  const { offset, list } = side
  const at = Math.min(node, offset.length - 2)
  let skip = k
  for (let r = 0; ; r += 2) {
    const low = lowerBound(list, offset[at]!, offset[at + 1]!, ranges[r]!)
    const width = lowerBound(list, low, offset[at + 1]!, ranges[r + 1]!) - low
    if (skip < width) return low + skip
    skip -= width
  }
}

function lowerBound(list: Uint32Array, first: number, end: number, item: number): number {
  let low = first
  let size = end - first
  while (size > 0) {
    const half = size >>> 1
    const middle = low + half
    if ((list[middle]! & ~GONE) >>> 0 < item) {
      low = middle + 1
      size -= half + 1
    } else {
      size = half
    }
  }
  return low
}
