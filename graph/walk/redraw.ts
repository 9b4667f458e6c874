/**
 * Drawing again for a walker that drew a removed edge: a few more tries, then exactly, so that
 * every edge that is left has the same chance, of those preferred where the walker prefers. Rare,
 * hence one by one and the same for both kernels.
 */
import { NONE } from '../../base/index.ts'
import type { GraphView } from '../graph-view.ts'
import { GONE, type Side } from '../side.ts'
import { below } from './below.ts'
import { type Preference, preferredCount, preferredPlace } from './preferred.ts'

const TRIES = 8

/** Another entry of `node`, a preferred one where one is left; NONE when none is left at all. */
export function redraw(
  view: GraphView,
  side: Side,
  node: number,
  random: number,
  preference?: Preference,
): number {
  if (preference) {
    const count = preferredCount(side, node, preference)
    const at = (k: number) => side.list[preferredPlace(side, node, preference, k)]!
    const entry = drawLeft(at, count, random)
    if (entry !== NONE) return entry
  }
  return drawLeft((rank) => view.entryAt(side, node, rank), view.ranksOf(side, node), random)
}

/** One of the entries that are left, each with the same chance, or NONE. */
function drawLeft(at: (k: number) => number, count: number, random: number): number {
  let r = random
  for (let i = 0; i < TRIES && count > 0; i++) {
    r = next(r)
    const entry = at(below(r, count))
    if (entry < GONE) return entry
  }
  let left = 0
  for (let k = 0; k < count; k++) if (at(k) < GONE) left++
  let skip = left > 0 ? below(next(r), left) : 0
  for (let k = 0; k < count; k++) {
    const entry = at(k)
    if (entry < GONE && skip-- === 0) return entry
  }
  return NONE
}

function next(random: number): number {
  return (Math.imul(random, 0x9e3779b1) + 0x7f4a7c15) >>> 0
}
