/**
 * Drawing again for a walker that drew a removed edge: a few more tries, then exactly, so that
 * every edge that is left has the same chance. Rare, hence one by one and the same for both
 * kernels.
 */
import { NONE } from '../../base/index.ts'
import type { GraphView } from '../graph-view.ts'
import { GONE, type Side } from '../side.ts'
import { below } from './below.ts'

const TRIES = 8

/** Another entry of `node`; NONE when none is left. */
export function redraw(view: GraphView, side: Side, node: number, random: number): number {
  const ranks = view.ranksOf(side, node)
  let r = random
  for (let i = 0; i < TRIES; i++) {
    r = (Math.imul(r, 0x9e3779b1) + 0x7f4a7c15) >>> 0
    const entry = view.entryAt(side, node, below(r, ranks))
    if (entry < GONE) return entry
  }
  const left = ranks - (side.gone[node] ?? 0)
  let skip = left > 0 ? below((Math.imul(r, 0x9e3779b1) + 0x7f4a7c15) >>> 0, left) : 0
  for (let rank = 0; rank < ranks; rank++) {
    const entry = view.entryAt(side, node, rank)
    if (entry < GONE && skip-- === 0) return entry
  }
  return NONE
}
