/**
 * The exact three-step walk from seeds, pin -> board -> pin, as scores: P3 (Cooper et al., "Random
 * walks in recommender systems", WWW 2014) and RP3beta (Paudel et al., TiiS 2017): transition
 * probabilities to the power `alpha`, the target's popularity to the power `-beta`. Computed from
 * the graph when asked, so that it is always fresh: no table to fit. Also the oracle of the walk
 * with restart 1 (alpha 1).
 *
 * A seed reads at most `edgesMax` edges; where it would read more, every j-th board is taken and
 * weighted by j. O(seeds × edgesMax). Uses the thread's WalkScratch.
 */
import type { GraphView } from './graph-view.ts'
import { powersOf } from './powers.ts'
import { GONE, hostOf, nodeOf, type Side } from './side.ts'
import { TopK } from './top-k.ts'
import type { WalkSeed } from './walk/allocate-steps.ts'
import type { WalkScratch } from './walk/scratch.ts'
import type { WalkResult } from './walk/walk.ts'

export type ThreeStepOptions = {
  readonly alpha: number
  readonly beta: number
  readonly top: number
  readonly edgesMax: number
}

export const threeStepDefaults: ThreeStepOptions = Object.freeze({
  alpha: 0.6,
  beta: 0.5,
  top: 250,
  edgesMax: 8_000,
})

/** The best pins by exact three-step score; seeds, excluded and hidden pins are not returned. */
export function threeStep(
  view: GraphView,
  seeds: readonly WalkSeed[],
  excluded: Iterable<number>,
  scratch: WalkScratch,
  given: Partial<ThreeStepOptions> = {},
): WalkResult {
  const options = { ...threeStepDefaults, ...given }
  const touched: number[] = []
  let edges = 0
  for (const seed of seeds) edges += spread(view, seed, scratch, touched, options)
  const { joined, best, bestSeed } = scratch
  const unwanted = new Set(excluded)
  for (const { pin } of seeds) unwanted.add(pin)
  const heap = new TopK(Math.min(options.top, touched.length))
  const { delta } = view
  const powerOf = powersOf(options.beta)
  for (const node of touched) {
    const score = joined[node]! / powerOf(degreeOf(view, delta.pins, node))
    joined[node] = 0
    best[node] = 0
    if (score < heap.floor) continue
    const pin = hostOf(delta.pins, node)
    if (!unwanted.has(pin) && !delta.isHidden(pin)) heap.offer(pin, score, node)
  }
  const { keys: pins, scores, notes } = heap.sorted()
  return {
    pins,
    scores,
    because: notes.map((node) => bestSeed[node]!),
    steps: edges,
    cutShort: false,
  }
}

/** Adds one seed's three-step distribution to the sums by pin node; returns the edges read. */
function spread(
  view: GraphView,
  seed: WalkSeed,
  scratch: WalkScratch,
  touched: number[],
  { alpha, edgesMax }: ThreeStepOptions,
): number {
  const { joined, best, bestSeed } = scratch
  const { pins, boards, pool } = view.delta
  const start = nodeOf(pins, seed.pin)
  const degree = view.pinDegree(seed.pin)
  if (degree === 0) return 0
  const powerOf = powersOf(-alpha)
  const first = seed.weight * powerOf(degree)
  const ranks = view.ranksOf(pins, start)
  let ahead = 0
  for (let r = 0; r < ranks; r++) {
    const board = view.entryAt(pins, start, r)
    if (board < GONE) ahead += degreeOf(view, boards, board)
  }
  const every = Math.max(1, Math.ceil(ahead / edgesMax))
  let edges = 0
  let [gain, loud] = [0, 0]
  const land = (list: Uint32Array, from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const pin = list[i]!
      if (pin >= GONE) continue
      edges++
      const before = joined[pin]!
      if (before === 0) touched.push(pin)
      joined[pin] = before + gain
      // The seed met first keeps a tie: seeds come newest first.
      if (loud > best[pin]!) {
        best[pin] = loud
        bestSeed[pin] = seed.pin
      }
    }
  }
  for (let r = 0; r < ranks; r += every) {
    const board = view.entryAt(pins, start, r)
    if (board >= GONE) continue
    gain = every * first * powerOf(degreeOf(view, boards, board))
    // As `best` holds it, so that ties are ties.
    loud = Math.fround(gain)
    const isFrozen = board < boards.ofNode.length
    if (isFrozen) land(boards.list, boards.offset[board]!, boards.offset[board + 1]!)
    const fresh = boards.records[2 * board]!
    land(pool, fresh, fresh + boards.records[2 * board + 1]!)
  }
  return edges
}

/** Edges of a node that were not removed. */
function degreeOf(view: GraphView, side: Side, node: number): number {
  return view.ranksOf(side, node) - (side.gone[node] ?? 0)
}
