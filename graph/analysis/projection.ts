/**
 * Pins joined to pins by the boards they share: the graph in which communities are sought. Every
 * board of s pins adds 1 / (s - 1) to each of its pairs (Newman, "Scientific collaboration
 * networks II", Physical Review E 2001), so that a pin gives as much to a board as it has there,
 * and boards of everything do not join everything.
 *
 * Bounded: the most popular pins, the strongest neighbours of each, no boards beyond a size.
 * O(edges × boardPinsMax) at worst; 16 bytes a joined pair.
 */
import type { PinBoardGraph } from '../pin-board-graph.ts'
import { TopK } from '../top-k.ts'

export type ProjectionOptions = {
  /** The most popular pins take part. */
  readonly pinsMax: number
  /** A pair is joined when either pin has the other among its strongest so many. */
  readonly neighboursMax: number
  /** Boards with more pins than this are left out. */
  readonly boardPinsMax: number
}
export const projectionDefaults: ProjectionOptions = Object.freeze({
  pinsMax: 20_000,
  neighboursMax: 20,
  boardPinsMax: 1_000,
})

export type PinProjection = {
  /** Host numbers, most popular first; the pairs name places in it. */
  readonly pins: Uint32Array
  readonly from: Uint32Array
  readonly to: Uint32Array
  readonly weight: Float64Array
  /** Whether a pin, a board or a pair was left out. */
  readonly truncated: boolean
}

export function projectPins(
  graph: PinBoardGraph,
  given: Partial<ProjectionOptions> = {},
): PinProjection {
  const { pinsMax, neighboursMax, boardPinsMax } = { ...projectionDefaults, ...given }
  const { pinOffset, pinBoards, boardOffset, boardPins, pinOfNode } = graph
  // Nodes are numbered by falling degree.
  const count = Math.min(graph.pinNodes, pinsMax)
  let truncated = count < graph.pinNodes
  const weights = new Float64Array(count)
  /** Pairs as low * count + high, in the order in which they are chosen. */
  const chosen = new Map<number, number>()
  for (let pin = 0; pin < count; pin++) {
    const met: number[] = []
    for (let i = pinOffset[pin]!; i < pinOffset[pin + 1]!; i++) {
      const board = pinBoards[i]!
      const size = boardOffset[board + 1]! - boardOffset[board]!
      if (size > boardPinsMax) truncated = true
      if (size < 2 || size > boardPinsMax) continue
      for (let j = boardOffset[board]!; j < boardOffset[board + 1]!; j++) {
        const other = boardPins[j]!
        if (other >= count || other === pin) continue
        if (weights[other] === 0) met.push(other)
        weights[other]! += 1 / (size - 1)
      }
    }
    if (met.length > neighboursMax) truncated = true
    const best = new TopK(Math.min(neighboursMax, met.length))
    for (const other of met) {
      best.offer(other, weights[other]!)
      weights[other] = 0
    }
    const { keys, scores } = best.sorted()
    keys.forEach((other, i) => {
      chosen.set(Math.min(pin, other) * count + Math.max(pin, other), scores[i]!)
    })
  }
  const pairs = [...chosen.keys()]
  return {
    pins: pinOfNode.slice(0, count),
    from: Uint32Array.from(pairs, (pair) => Math.floor(pair / count)),
    to: Uint32Array.from(pairs, (pair) => pair % count),
    weight: Float64Array.from(chosen.values()),
    truncated,
  }
}
