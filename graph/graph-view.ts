/**
 * What a reader sees: a frozen graph and the delta over it, one epoch. A request takes the view
 * once and keeps it, so that an epoch lives until its last reader is gone.
 *
 * In host numbers, for whatever reads edges one by one: the boards of a pin are its frozen ones by
 * rank, then its fresh ones; a removed edge shows as NONE at its rank. Walkers read the arrays.
 */
import { NONE } from '../base/index.ts'
import { GraphDelta } from './delta.ts'
import type { DeltaMemory, GraphMemory } from './graph-store.ts'
import { PinBoardGraph } from './pin-board-graph.ts'
import { frozenDegree, GONE, hostOf, nodeOf, type Side } from './side.ts'

/** A view as it is sent to another thread: shared where its arrays are. */
export type ViewMemory = {
  readonly graph: GraphMemory
  readonly delta: DeltaMemory
  readonly epoch: number
}

export class GraphView {
  readonly frozen: PinBoardGraph
  readonly delta: GraphDelta
  /** Raised whenever a new graph is frozen. */
  readonly epoch: number

  constructor(frozen: PinBoardGraph, delta: GraphDelta, epoch: number) {
    this.frozen = frozen
    this.delta = delta
    this.epoch = epoch
  }

  /** The view on the thread that it was sent to. */
  static received({ graph, delta, epoch }: ViewMemory): GraphView {
    const frozen = new PinBoardGraph(graph)
    return new GraphView(frozen, new GraphDelta(frozen, delta), epoch)
  }

  memory(): ViewMemory {
    return { graph: this.frozen.memory(), delta: this.delta.memory(), epoch: this.epoch }
  }

  /** Host numbers of pins lie below this. */
  get pinCapacity(): number {
    return Math.max(this.frozen.nodeOfPin.length, this.delta.pins.freshNode.length)
  }

  /** Edges of a pin. */
  pinDegree(pin: number): number {
    const { pins } = this.delta
    const node = nodeOf(pins, pin)
    return node === NONE ? 0 : this.ranksOf(pins, node) - (pins.gone[node] ?? 0)
  }

  boardDegree(board: number): number {
    const { boards } = this.delta
    const node = nodeOf(boards, board)
    return node === NONE ? 0 : this.ranksOf(boards, node) - (boards.gone[node] ?? 0)
  }

  /** Ranks of a pin: its edges and those removed. */
  pinRanks(pin: number): number {
    const node = nodeOf(this.delta.pins, pin)
    return node === NONE ? 0 : this.ranksOf(this.delta.pins, node)
  }

  boardRanks(board: number): number {
    const node = nodeOf(this.delta.boards, board)
    return node === NONE ? 0 : this.ranksOf(this.delta.boards, node)
  }

  /** The board at `rank` of a pin, or NONE when that edge was removed. */
  boardOfPin(pin: number, rank: number): number {
    const { pins, boards } = this.delta
    const node = this.entryAt(pins, nodeOf(pins, pin), rank)
    return node >= GONE ? NONE : hostOf(boards, node)
  }

  /** The pin at `rank` of a board, or NONE when that edge was removed. */
  pinOfBoard(board: number, rank: number): number {
    const { pins, boards } = this.delta
    const node = this.entryAt(boards, nodeOf(boards, board), rank)
    return node >= GONE ? NONE : hostOf(pins, node)
  }

  /** Frozen and fresh entries of a node. */
  ranksOf(side: Side, node: number): number {
    return frozenDegree(side, node) + side.records[2 * node + 1]!
  }

  /** The entry at `rank` of a node: a node of the other side, with the highest bit if removed. */
  entryAt(side: Side, node: number, rank: number): number {
    const frozen = frozenDegree(side, node)
    return rank < frozen
      ? side.list[side.offset[node]! + rank]!
      : this.delta.pool[side.records[2 * node]! + rank - frozen]!
  }
}
