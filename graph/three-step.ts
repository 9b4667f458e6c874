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
import { NONE } from '../base/index.ts'
import type { GraphView } from './graph-view.ts'
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
  for (const pin of touched) {
    const score = joined[pin]! / view.pinDegree(pin) ** options.beta
    joined[pin] = 0
    best[pin] = 0
    if (score < heap.floor || unwanted.has(pin) || delta.isHidden(pin)) continue
    heap.offer(pin, score)
  }
  const { keys: pins, scores } = heap.sorted()
  return {
    pins,
    scores,
    because: Uint32Array.from(pins, (pin) => bestSeed[pin]!),
    steps: edges,
    cutShort: false,
  }
}

/** Adds one seed's three-step distribution to the joined scores; returns the edges read. */
function spread(
  view: GraphView,
  seed: WalkSeed,
  scratch: WalkScratch,
  touched: number[],
  options: ThreeStepOptions,
): number {
  const { joined, best, bestSeed } = scratch
  const degree = view.pinDegree(seed.pin)
  if (degree === 0) return 0
  const first = seed.weight * degree ** -options.alpha
  let ahead = 0
  const ranks = view.pinRanks(seed.pin)
  for (let r = 0; r < ranks; r++) {
    const board = view.boardOfPin(seed.pin, r)
    if (board !== NONE) ahead += view.boardDegree(board)
  }
  const every = Math.max(1, Math.ceil(ahead / options.edgesMax))
  let edges = 0
  for (let r = 0; r < ranks; r += every) {
    const board = view.boardOfPin(seed.pin, r)
    if (board === NONE) continue
    const size = view.boardDegree(board)
    const gain = every * first * size ** -options.alpha
    const places = view.boardRanks(board)
    for (let i = 0; i < places; i++) {
      const pin = view.pinOfBoard(board, i)
      if (pin === NONE) continue
      edges++
      if (joined[pin] === 0) touched.push(pin)
      joined[pin]! += gain
      // The seed met first keeps a tie: seeds come newest first.
      if (gain > best[pin]!) {
        best[pin] = gain
        bestSeed[pin] = seed.pin
      }
    }
  }
  return edges
}
