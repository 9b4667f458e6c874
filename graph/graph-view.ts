/**
 * One graph to walk: an epoch's frozen part and the overlay over it, in host numbers. Ranks below
 * the frozen degree are frozen edges, the rest fresh ones.
 */
import { NONE } from '../base/index.ts'
import type { GraphOverlay } from './overlay.ts'
import type { PinBoardGraph } from './pin-board-graph.ts'

export class GraphView {
  readonly frozen: PinBoardGraph
  readonly overlay: GraphOverlay
  /** Raised at every rebuild. */
  readonly epoch: number

  constructor(frozen: PinBoardGraph, overlay: GraphOverlay, epoch: number) {
    this.frozen = frozen
    this.overlay = overlay
    this.epoch = epoch
  }

  /** Edges of a pin, removed ones included. */
  pinDegree(pin: number): number {
    return this.frozen.degreeOfPin(pin) + this.overlay.pinDegree(pin)
  }

  boardDegree(board: number): number {
    return this.#frozenBoardDegree(board) + this.overlay.boardDegree(board)
  }

  /** The board at `rank` of a pin, or NONE when that edge was removed. */
  boardOfPin(pin: number, rank: number): number {
    const { frozen, overlay } = this
    const frozenDegree = frozen.degreeOfPin(pin)
    const board =
      rank < frozenDegree
        ? frozen.boardOfNode[frozen.pinBoards[frozen.pinOffset[frozen.nodeOfPin[pin]!]! + rank]!]!
        : overlay.boardOfPin(pin, rank - frozenDegree)
    return overlay.removalCount > 0 && overlay.isRemoved(pin, board) ? NONE : board
  }

  /** The pin at `rank` of a board, or NONE when that edge was removed. */
  pinOfBoard(board: number, rank: number): number {
    const { frozen, overlay } = this
    const frozenDegree = this.#frozenBoardDegree(board)
    const pin =
      rank < frozenDegree
        ? frozen.pinOfNode[
            frozen.boardPins[frozen.boardOffset[frozen.nodeOfBoard[board]!]! + rank]!
          ]!
        : overlay.pinOfBoard(board, rank - frozenDegree)
    return overlay.removalCount > 0 && overlay.isRemoved(pin, board) ? NONE : pin
  }

  #frozenBoardDegree(board: number): number {
    const { frozen } = this
    const node = board < frozen.nodeOfBoard.length ? frozen.nodeOfBoard[board]! : NONE
    return node === NONE ? 0 : frozen.boardOffset[node + 1]! - frozen.boardOffset[node]!
  }
}
