/**
 * Fresh saves over a frozen graph: one writer appends, any thread reads at once.
 *
 * An added edge is a link in two lists, from its pin and from its board; a reader first loads the
 * published count, so it never follows a half-written link. A removed edge (frozen or fresh) is
 * kept in an open-addressing set of (pin, board). Hidden pins are a bitmap. Everything is in host
 * numbers. The overlay is thrown away when the background rebuild publishes the next epoch.
 *
 * Memory: 16 bytes an edge of capacity, 12 bytes a removal, and 8 bytes a host number of the
 * reserved spaces, committed by the system only where touched. add, remove O(1); reading a list
 * O(its length).
 */
import { type Allocator, assert, heapAllocator, u32Array } from '../base/index.ts'

export type OverlayOptions = {
  /** Host numbers lie below these. */
  readonly pinCapacity: number
  readonly boardCapacity: number
  /** Fresh edges it can hold. */
  readonly edgeCapacity: number
  readonly removalCapacity: number
}

export type OverlayMemory = {
  /** [0] edges, [1] removals, [2] hidden pins. */
  readonly counts: Uint32Array
  readonly edgePin: Uint32Array
  readonly edgeBoard: Uint32Array
  readonly nextOfPin: Uint32Array
  readonly nextOfBoard: Uint32Array
  /** Newest edge + 1 by host number; 0 where none. */
  readonly headOfPin: Uint32Array
  readonly headOfBoard: Uint32Array
  readonly pinDegree: Uint32Array
  readonly boardDegree: Uint32Array
  readonly removedPin: Uint32Array
  readonly removedBoard: Uint32Array
  /** 0 free, 1 removed, 2 saved again. */
  readonly removedState: Uint32Array
  readonly hidden: Uint32Array
}

const EDGES = 0
const REMOVALS = 1
const HIDDEN = 2
const REMOVED = 1
const BACK = 2

export class GraphOverlay {
  readonly #m: OverlayMemory

  constructor(memory: OverlayMemory) {
    this.#m = memory
  }

  static create(options: OverlayOptions, allocate: Allocator = heapAllocator): GraphOverlay {
    const { pinCapacity, boardCapacity, edgeCapacity } = options
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, options.removalCapacity * 2)))
    const of = (length: number) => u32Array(allocate, length)
    return new GraphOverlay({
      counts: of(4),
      edgePin: of(edgeCapacity),
      edgeBoard: of(edgeCapacity),
      nextOfPin: of(edgeCapacity),
      nextOfBoard: of(edgeCapacity),
      headOfPin: of(pinCapacity),
      headOfBoard: of(boardCapacity),
      pinDegree: of(pinCapacity),
      boardDegree: of(boardCapacity),
      removedPin: of(slots),
      removedBoard: of(slots),
      removedState: of(slots),
      hidden: of(Math.ceil(pinCapacity / 32)),
    })
  }

  memory(): OverlayMemory {
    return this.#m
  }

  get edgeCount(): number {
    return Atomics.load(this.#m.counts, EDGES)
  }
  get removalCount(): number {
    return Atomics.load(this.#m.counts, REMOVALS)
  }
  get hiddenCount(): number {
    return Atomics.load(this.#m.counts, HIDDEN)
  }
  /** True when nothing differs from the frozen graph. */
  get isEmpty(): boolean {
    return this.edgeCount === 0 && this.removalCount === 0
  }
  get isFull(): boolean {
    const { edgePin, removedState } = this.#m
    return this.edgeCount === edgePin.length || this.removalCount * 2 >= removedState.length
  }

  /** Adds an edge that the frozen graph does not have, or takes a removal back. False when full. */
  add(pin: number, board: number): boolean {
    const m = this.#m
    const slot = this.#removal(pin, board)
    if (m.removedState[slot] === REMOVED) {
      m.removedState[slot] = BACK
      return true
    }
    const edge = this.edgeCount
    if (edge === m.edgePin.length || pin >= m.headOfPin.length || board >= m.headOfBoard.length) {
      return false
    }
    m.edgePin[edge] = pin
    m.edgeBoard[edge] = board
    m.nextOfPin[edge] = m.headOfPin[pin]!
    m.nextOfBoard[edge] = m.headOfBoard[board]!
    Atomics.store(m.headOfPin, pin, edge + 1)
    Atomics.store(m.headOfBoard, board, edge + 1)
    m.pinDegree[pin]!++
    m.boardDegree[board]!++
    Atomics.store(m.counts, EDGES, edge + 1)
    return true
  }

  /** Hides an edge, frozen or fresh. False when full. */
  remove(pin: number, board: number): boolean {
    const m = this.#m
    if (this.removalCount * 2 >= m.removedState.length) return false
    const slot = this.#removal(pin, board)
    const fresh = m.removedState[slot] === 0
    m.removedPin[slot] = pin
    m.removedBoard[slot] = board
    m.removedState[slot] = REMOVED
    if (fresh) Atomics.add(m.counts, REMOVALS, 1)
    return true
  }

  isRemoved(pin: number, board: number): boolean {
    return this.#m.removedState[this.#removal(pin, board)] === REMOVED
  }

  hide(pin: number, hidden: boolean): void {
    const m = this.#m
    assert(pin < m.headOfPin.length, 'a pin lies below the reserved capacity')
    const bit = 1 << (pin & 31)
    const was = (m.hidden[pin >>> 5]! & bit) !== 0
    if (was === hidden) return
    m.hidden[pin >>> 5]! ^= bit
    Atomics.add(m.counts, HIDDEN, hidden ? 1 : -1)
  }

  isHidden(pin: number): boolean {
    return (this.#m.hidden[pin >>> 5]! & (1 << (pin & 31))) !== 0
  }

  pinDegree(pin: number): number {
    return this.#m.pinDegree[pin] ?? 0
  }
  boardDegree(board: number): number {
    return this.#m.boardDegree[board] ?? 0
  }

  /** The `rank`-th newest fresh board of a pin; rank < pinDegree. */
  boardOfPin(pin: number, rank: number): number {
    const m = this.#m
    let edge = m.headOfPin[pin]!
    for (let i = 0; i < rank && m.nextOfPin[edge - 1] !== 0; i++) edge = m.nextOfPin[edge - 1]!
    return m.edgeBoard[edge - 1]!
  }

  /** The `rank`-th newest fresh pin of a board; rank < boardDegree. */
  pinOfBoard(board: number, rank: number): number {
    const m = this.#m
    let edge = m.headOfBoard[board]!
    for (let i = 0; i < rank && m.nextOfBoard[edge - 1] !== 0; i++) edge = m.nextOfBoard[edge - 1]!
    return m.edgePin[edge - 1]!
  }

  /** Slot of (pin, board), or the free one where it would stand. */
  #removal(pin: number, board: number): number {
    const { removedPin, removedBoard, removedState } = this.#m
    const mask = removedState.length - 1
    let h = Math.imul(pin, 0x9e3779b1) ^ Math.imul(board, 0x85ebca6b)
    h ^= h >>> 15
    let slot = h & mask
    while (removedState[slot] !== 0 && (removedPin[slot] !== pin || removedBoard[slot] !== board)) {
      slot = (slot + 1) & mask
    }
    return slot
  }
}
