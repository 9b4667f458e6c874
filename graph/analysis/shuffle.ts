/**
 * The same degrees with everything else left to chance: what a figure of the graph is compared
 * with. Curveball trades (Strona et al., "A fast and unbiased procedure to randomize ecological
 * binary matrices with fixed row and column totals", Nature Communications 2014): two boards put
 * the pins that only one of them has together and deal them out again, each getting as many as it
 * gave. No edge is ever doubled. O(trades × board size); 4 bytes an edge beside the result.
 */
import type { Random } from '../../base/index.ts'
import type { EdgeList } from '../edge-source.ts'
import type { PinBoardGraph } from '../pin-board-graph.ts'

/** Trades a board on average; the authors find 5 enough. */
export const TRADES_PER_BOARD = 5

/** Edges in host numbers, every degree as before. */
export function shuffleEdges(graph: PinBoardGraph, random: Random): EdgeList {
  const { boardOffset, boardNodes, pinOfNode, boardOfNode, pinNodes } = graph
  const pins = graph.boardPins.slice()
  /** 1: on the first board; 2: on both. */
  const seen = new Uint8Array(pinNodes)
  const trades = boardNodes < 2 ? 0 : boardNodes * TRADES_PER_BOARD
  for (let trade = 0; trade < trades; trade++) {
    const a = random.below(boardNodes)
    const b = (a + 1 + random.below(boardNodes - 1)) % boardNodes
    const rowA = pins.subarray(boardOffset[a]!, boardOffset[a + 1]!)
    const rowB = pins.subarray(boardOffset[b]!, boardOffset[b + 1]!)
    deal(rowA, rowB, seen, random)
  }
  const boards = new Uint32Array(pins.length)
  for (let b = 0; b < boardNodes; b++) {
    boards.fill(boardOfNode[b]!, boardOffset[b]!, boardOffset[b + 1]!)
  }
  return {
    pins: pins.map((node) => pinOfNode[node]!),
    boards,
    edgeCount: pins.length,
    pinCount: graph.nodeOfPin.length,
    boardCount: graph.nodeOfBoard.length,
  }
}

function deal(rowA: Uint32Array, rowB: Uint32Array, seen: Uint8Array, random: Random): void {
  for (const pin of rowA) seen[pin] = 1
  const pool: number[] = []
  for (const pin of rowB) {
    if (seen[pin] === 1) seen[pin] = 2
    else pool.push(pin)
  }
  for (const pin of rowA) if (seen[pin] === 1) pool.push(pin)
  random.shuffle(pool)
  let next = 0
  // Row B first: what `seen` says of it is lost when row A has been rewritten.
  for (let i = 0; i < rowB.length; i++) if (seen[rowB[i]!] !== 2) rowB[i] = pool[next++]!
  for (let i = 0; i < rowA.length; i++) {
    const pin = rowA[i]!
    if (seen[pin] === 1) rowA[i] = pool[next++]!
    seen[pin] = 0
  }
}
