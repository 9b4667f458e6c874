/**
 * Exact landing probabilities of the walk, by iteration over the whole graph: the oracle.
 *
 * A walk from a seed lands after pin -> board -> pin, then ends with probability `restart` or goes
 * on. Expected landings on pin p are x = Σ_k (1 - restart)^k M^(k+1) e_seed, where M is the two-hop
 * transition: personalised PageRank up to scale (Page et al. 1999). O(iterations × edges); for
 * small graphs.
 */
import { NONE } from '../base/index.ts'
import type { GraphView } from './graph-view.ts'

export type PageRankOptions = { readonly restart: number; readonly tolerance: number }
export const pageRankDefaults: PageRankOptions = Object.freeze({ restart: 0.5, tolerance: 1e-12 })

/** Shares of all landings by host number of a pin; they sum to 1 when the seed has an edge. */
export function exactPageRank(
  view: GraphView,
  seed: number,
  pinCount: number,
  given: Partial<PageRankOptions> = {},
): Float64Array {
  const { restart, tolerance } = { ...pageRankDefaults, ...given }
  const total = new Float64Array(pinCount)
  let here = new Float64Array(pinCount)
  here[seed] = 1
  let mass = 1
  while (mass > tolerance) {
    here = step(view, here)
    mass = 0
    for (let p = 0; p < pinCount; p++) {
      total[p]! += here[p]!
      here[p]! *= 1 - restart
      mass += here[p]!
    }
  }
  const sum = total.reduce((a, b) => a + b, 0)
  return sum === 0 ? total : total.map((x) => x / sum)
}

/** One hop pin -> board -> pin. */
function step(view: GraphView, from: Float64Array): Float64Array<ArrayBuffer> {
  const to = new Float64Array(from.length)
  for (let pin = 0; pin < from.length; pin++) {
    if (from[pin] === 0) continue
    const degree = view.pinDegree(pin)
    const ranks = view.pinRanks(pin)
    for (let r = 0; r < ranks; r++) {
      const board = view.boardOfPin(pin, r)
      if (board === NONE) continue
      const size = view.boardDegree(board)
      const share = from[pin]! / degree / size
      const places = view.boardRanks(board)
      for (let i = 0; i < places; i++) {
        const target = view.pinOfBoard(board, i)
        if (target !== NONE) to[target]! += share
      }
    }
  }
  return to
}
