/**
 * The frozen pin-board graph: compressed sparse rows in both directions.
 *
 * Pins are numbered by falling degree, so that the busy part of every array stays in cache; boards
 * by topic, then language, then falling degree, so that the boards of a topic are one range of
 * numbers and each pin's row, which ascends, is grouped by topic and language (docs/adr/0009). Both
 * orders are private to an epoch; `nodeOfPin` / `pinOfNode` (the same for boards) translate from
 * the host's numbers. An edge stands once in `pinBoards` and once in `boardPins`.
 *
 * Memory: 8 bytes an edge + 4 (offset) + 4 (number) a node + 4 a host number + 8 a group. After
 * Eksombatchai et al., "Pixie", WWW 2018, section 3.3.
 */
import { NONE } from '../base/index.ts'
import { type GraphMemory, received, sectionNames } from './graph-store.ts'

/** Boards of one topic and language: node numbers [first, end). */
export type BoardGroup = {
  readonly topic: number
  readonly language: number
  readonly first: number
  readonly end: number
}

export class PinBoardGraph {
  /**
   * Edges of pin node v: pinBoards[pinOffset[v] .. pinOffset[v + 1]), board nodes, ascending. One
   * more offset follows, so that the number behind the last node is a node without edges.
   */
  readonly pinOffset: Uint32Array
  readonly pinBoards: Uint32Array
  readonly boardOffset: Uint32Array
  readonly boardPins: Uint32Array
  /** NONE for a pin without edges. */
  readonly nodeOfPin: Uint32Array
  readonly pinOfNode: Uint32Array
  readonly nodeOfBoard: Uint32Array
  readonly boardOfNode: Uint32Array
  readonly #memory: GraphMemory

  constructor(sent: GraphMemory) {
    const memory = received(sent)
    this.#memory = memory
    this.pinOffset = memory.pinOffset
    this.pinBoards = memory.pinBoards
    this.boardOffset = memory.boardOffset
    this.boardPins = memory.boardPins
    this.nodeOfPin = memory.nodeOfPin
    this.pinOfNode = memory.pinOfNode
    this.nodeOfBoard = memory.nodeOfBoard
    this.boardOfNode = memory.boardOfNode
  }

  get edgeCount(): number {
    return this.pinBoards.length
  }
  /** Pins with at least one edge. */
  get pinNodes(): number {
    return this.pinOfNode.length
  }
  get boardNodes(): number {
    return this.boardOfNode.length
  }
  get byteLength(): number {
    return sectionNames.reduce((sum, name) => sum + this.#memory[name].byteLength, 0)
  }

  /** To be sent to another thread, for `new PinBoardGraph` there. */
  memory(): GraphMemory {
    return this.#memory
  }

  /** By rising topic, then language. */
  groups(): BoardGroup[] {
    const { groups } = this.#memory
    return Array.from({ length: groups.length / 2 }, (_, g) => ({
      topic: groups[2 * g]! >>> 16,
      language: groups[2 * g]! & 0xffff,
      first: groups[2 * g + 1]!,
      end: groups[2 * g + 3] ?? this.boardNodes,
    }))
  }

  /** Boards a pin stands on; 0 for a pin the epoch does not know. */
  degreeOfPin(pin: number): number {
    const node = pin < this.nodeOfPin.length ? this.nodeOfPin[pin]! : NONE
    return node === NONE ? 0 : this.pinOffset[node + 1]! - this.pinOffset[node]!
  }
}
