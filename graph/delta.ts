/**
 * Fresh saves and removals over a frozen graph: one writer, any reader at once.
 *
 * Each node has a record, where its fresh edges begin in the pool and how many there are. They lie
 * together: a full slice is copied to one of twice the size and its record changed, begin first,
 * number last, so that a reader who loads the number before the beginning never leaves a slice; the
 * old slice stays as it was. So a walker reads a fresh edge as fast as a frozen one. After Sharma
 * et al., "GraphJet", VLDB 2016, section 4, with slices copied instead of chained (docs/adr/0010).
 *
 * A frozen edge is taken away by setting the highest bit of its two entries (`GONE`); whoever draws
 * it draws again. New pins and boards get node numbers behind the frozen ones. Hidden pins are a
 * bitmap. The delta is thrown away when the next epoch is published.
 *
 * Memory: 8 bytes a node, and where edges are removed 4 more; 32 bytes an edge of capacity; 8 bytes
 * a host number of the reserved spaces. Committed by the system only where touched. add O(log
 * degree + fresh degree), remove the same.
 */
import { assert, NONE } from '../base/index.ts'
import { type DeltaMemory, deltaArrays, receivedDelta } from './graph-store.ts'
import type { PinBoardGraph } from './pin-board-graph.ts'
import {
  bounds,
  findNodes,
  frozenDegree,
  GONE,
  nodeOf,
  placeInRow,
  placeInSlice,
  type Side,
  sliceEnds,
} from './side.ts'
import { APPEND_MAX, growth, SliceAppender } from './slice-appender.ts'

export type DeltaOptions = {
  /** Host numbers lie below these. */
  readonly pinCapacity: number
  readonly boardCapacity: number
  /** Fresh edges it can hold, about. */
  readonly edgeCapacity: number
}

/** Words of the pool that a fresh edge takes both ways, slices left behind included, at most. */
const WORDS_PER_EDGE = 8
/** Edges whose loads overlap. */
const BLOCK = 256
/** Fewer new edges are not worth sorting. */
const APPEND_MIN = 4096

const POOL_END = 0
const EDGES = 1
const REMOVALS = 2
const HIDDEN = 3
const FRESH_PINS = 4
const FRESH_BOARDS = 5
const FENCE = 6

export class GraphDelta {
  readonly #m: DeltaMemory
  readonly pins: Side
  readonly boards: Side
  /** Of a block of edges: their nodes, and places that adding them will look at. */
  readonly #block = {
    pin: new Uint32Array(BLOCK),
    board: new Uint32Array(BLOCK),
    ends: { pin: new Int32Array(2 * BLOCK), board: new Int32Array(2 * BLOCK) },
    slices: { pin: new Uint32Array(BLOCK), board: new Uint32Array(BLOCK) },
    row: new Int32Array(BLOCK),
    seen: 0,
  }
  /** Of pins and boards, once they are used. */
  #appenders: readonly SliceAppender[] | undefined

  constructor(graph: PinBoardGraph, sent: DeltaMemory) {
    const memory = receivedDelta(sent)
    this.#m = memory
    this.pins = {
      offset: graph.pinOffset,
      list: graph.pinBoards,
      records: memory.pinRecords,
      gone: memory.pinGone,
      nodeOf: graph.nodeOfPin,
      ofNode: graph.pinOfNode,
      freshNode: memory.freshPinNode,
      ofFresh: memory.pinOfFresh,
      freshCount: FRESH_PINS,
    }
    this.boards = {
      offset: graph.boardOffset,
      list: graph.boardPins,
      records: memory.boardRecords,
      gone: memory.boardGone,
      nodeOf: graph.nodeOfBoard,
      ofNode: graph.boardOfNode,
      freshNode: memory.freshBoardNode,
      ofFresh: memory.boardOfFresh,
      freshCount: FRESH_BOARDS,
    }
  }

  /** An empty delta beside the graph: shared, and in WASM memory, where the graph is. */
  static create(graph: PinBoardGraph, options: DeltaOptions): GraphDelta {
    const { pinCapacity, boardCapacity, edgeCapacity } = options
    const freshPins = Math.min(pinCapacity, edgeCapacity)
    const freshBoards = Math.min(boardCapacity, edgeCapacity)
    const memory = deltaArrays(graph.memory(), {
      counts: 8,
      // One more record: nobody's, without edges.
      pinRecords: 2 * (graph.pinNodes + freshPins + 1),
      boardRecords: 2 * (graph.boardNodes + freshBoards + 1),
      pool: 1 + edgeCapacity * WORDS_PER_EDGE,
      pinGone: graph.pinNodes,
      boardGone: graph.boardNodes,
      freshPinNode: pinCapacity,
      freshBoardNode: boardCapacity,
      pinOfFresh: freshPins,
      boardOfFresh: freshBoards,
      hidden: Math.ceil(pinCapacity / 32),
    })
    // Word 0 is what a walker draws from a node without edges.
    memory.pool[0] = NONE
    memory.counts[POOL_END] = 1
    return new GraphDelta(graph, memory)
  }

  memory(): DeltaMemory {
    return this.#m
  }

  get pool(): Uint32Array {
    return this.#m.pool
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
  /** True when walkers see the frozen graph as it is. */
  get isEmpty(): boolean {
    return this.edgeCount === 0 && this.removalCount === 0
  }

  /** Shows an edge that is not shown. False, and nothing changes, when there is no room for it. */
  add(pin: number, board: number): boolean {
    const pinNode = nodeOf(this.pins, pin)
    const boardNode = nodeOf(this.boards, board)
    return this.#restore(pinNode, boardNode) || this.#insert(pin, board, pinNode, boardNode)
  }

  /**
   * Shows pins[i] - boards[i] for i from `from` to `to`, several times as fast as one by one: what
   * an edge needs is loaded for a block of edges before the first is added, so that cache misses
   * overlap. Returns the first that has no room, or `to`. With `areNew` the caller vouches that
   * they differ and that none was shown or removed in this epoch; they are not looked for, and many
   * are appended in the order of nodes: twice as fast again.
   */
  addMany(
    pins: Uint32Array,
    boards: Uint32Array,
    from: number,
    to: number,
    areNew = false,
  ): number {
    const { pin, board } = this.#block
    const first = areNew ? this.#appendMany(pins, boards, from, to) : from
    for (let at = first; at < to; at += BLOCK) {
      const end = Math.min(to, at + BLOCK)
      this.#warm(pins, boards, at, end, areNew)
      for (let i = at; i < end; i++) {
        let pinNode = pin[i - at]!
        let boardNode = board[i - at]!
        // The block itself may have brought them.
        if (pinNode === NONE) pinNode = nodeOf(this.pins, pins[i]!)
        if (boardNode === NONE) boardNode = nodeOf(this.boards, boards[i]!)
        const isIn = !areNew && this.#restore(pinNode, boardNode)
        if (!isIn && !this.#insert(pins[i]!, boards[i]!, pinNode, boardNode)) return i
      }
    }
    return to
  }

  /** Appends new edges in large blocks; returns the first of a block too small or without room. */
  #appendMany(pins: Uint32Array, boards: Uint32Array, from: number, to: number): number {
    let at = from
    while (to - at >= APPEND_MIN) {
      const end = Math.min(to, at + APPEND_MAX)
      if (!this.#appendBlock(pins, boards, at, end)) break
      at = end
    }
    return at
  }

  #appendBlock(pins: Uint32Array, boards: Uint32Array, from: number, to: number): boolean {
    const { counts, pool } = this.#m
    const fence = counts.subarray(FENCE, FENCE + 1)
    this.#appenders ??= [this.pins, this.boards].map(
      ({ records }) => new SliceAppender(records, pool, fence),
    )
    const [ofPins, ofBoards] = this.#appenders as [SliceAppender, SliceAppender]
    const n = to - from
    if (!this.#nodesFor(this.pins, pins, from, n, ofPins.incoming)) return false
    if (!this.#nodesFor(this.boards, boards, from, n, ofBoards.incoming)) return false
    const begin = counts[POOL_END]!
    const middle = begin + ofPins.take(ofBoards.incoming, n)
    const end = middle + ofBoards.take(ofPins.incoming, n)
    if (end > pool.length) return false
    ofPins.append(begin)
    ofBoards.append(middle)
    counts[POOL_END] = end
    counts[EDGES]! += n
    return true
  }

  /** Nodes of host numbers, made where there are none. False when there is no room for one. */
  #nodesFor(side: Side, hosts: Uint32Array, from: number, n: number, to: Uint32Array): boolean {
    findNodes(side, hosts, from, n, to)
    for (let i = 0; i < n; i++) {
      if (to[i] !== NONE) continue
      // The block itself may have brought it.
      const known = nodeOf(side, hosts[from + i]!)
      to[i] = known === NONE ? this.#newNode(side, hosts[from + i]!) : known
      if (to[i] === NONE) return false
    }
    return true
  }

  /** Finds the nodes of a block, and loads what adding will look at: one array a loop. */
  #warm(pins: Uint32Array, boards: Uint32Array, from: number, to: number, areNew: boolean): void {
    const n = to - from
    const { pin, board, slices } = this.#block
    findNodes(this.pins, pins, from, n, pin)
    findNodes(this.boards, boards, from, n, board)
    let seen = areNew ? 0 : this.#warmRows(n)
    sliceEnds(this.pins, pin, n, slices.pin)
    sliceEnds(this.boards, board, n, slices.board)
    const { pool } = this.#m
    for (let i = 0; i < n; i++) seen |= pool[slices.pin[i]!]!
    for (let i = 0; i < n; i++) seen |= pool[slices.board[i]!]!
    // Kept, so that the loads are not seen as useless.
    this.#block.seen = seen
  }

  /** Loads the middle of the shorter frozen row of each edge. */
  #warmRows(n: number): number {
    const { pin, board, ends, row } = this.#block
    const { pins, boards } = this
    bounds(pins, pin, n, ends.pin)
    bounds(boards, board, n, ends.board)
    for (let i = 0; i < n; i++) {
      const first = ends.pin[2 * i]!
      const ofPin = ends.pin[2 * i + 1]! - first
      const start = ends.board[2 * i]!
      const ofBoard = ends.board[2 * i + 1]! - start
      // Negative: a place in the boards' list.
      row[i] = ofPin <= ofBoard ? first + (ofPin >>> 1) : -1 - start - (ofBoard >>> 1)
    }
    let seen = 0
    for (let i = 0; i < n; i++) {
      const place = row[i]!
      seen |= place >= 0 ? pins.list[place]! : boards.list[-1 - place]!
    }
    return seen
  }

  /** Shows an edge that this epoch has heard of; false when it has not. */
  #restore(pinNode: number, boardNode: number): boolean {
    if (pinNode === NONE || boardNode === NONE) return false
    if (!this.#isFrozen(pinNode, boardNode)) return this.#isFresh(pinNode, boardNode)
    this.#mark(pinNode, boardNode, false)
    return true
  }

  #insert(pin: number, board: number, pinNode: number, boardNode: number): boolean {
    const p = pinNode === NONE ? this.#newNode(this.pins, pin) : pinNode
    const b = boardNode === NONE ? this.#newNode(this.boards, board) : boardNode
    if (p === NONE || b === NONE) return false
    const { counts, pool } = this.#m
    const ofPin = this.pins.records[2 * p + 1]!
    const ofBoard = this.boards.records[2 * b + 1]!
    const forPin = growth(ofPin)
    const forBoard = growth(ofBoard)
    if (forPin + forBoard > 0 && counts[POOL_END]! + forPin + forBoard > pool.length) return false
    this.#append(this.pins.records, p, b, ofPin, forPin)
    this.#append(this.boards.records, b, p, ofBoard, forBoard)
    counts[EDGES]!++
    return true
  }

  /** Takes an edge away, if it is shown. */
  remove(pin: number, board: number): void {
    const pinNode = nodeOf(this.pins, pin)
    const boardNode = nodeOf(this.boards, board)
    if (pinNode === NONE || boardNode === NONE) return
    if (this.#isFrozen(pinNode, boardNode)) {
      this.#mark(pinNode, boardNode, true)
      return
    }
    if (!this.#isFresh(pinNode, boardNode)) return
    this.#drop(this.pins, pinNode, boardNode)
    this.#drop(this.boards, boardNode, pinNode)
    this.#m.counts[EDGES]!--
  }

  hide(pin: number, hidden: boolean): void {
    const words = this.#m.hidden
    assert(pin >>> 5 < words.length, 'the pin lies in the reserved space')
    const bit = 1 << (pin & 31)
    const before = words[pin >>> 5]!
    if (((before & bit) !== 0) === hidden) return
    Atomics.store(words, pin >>> 5, hidden ? before | bit : before & ~bit)
    this.#m.counts[HIDDEN]! += hidden ? 1 : -1
  }

  /** Takes over which pins are hidden. */
  hideAs(other: GraphDelta): void {
    const { hidden, counts } = this.#m
    hidden.set(other.#m.hidden.subarray(0, hidden.length))
    Atomics.store(counts, HIDDEN, other.hiddenCount)
  }

  isHidden(pin: number): boolean {
    const words = this.#m.hidden
    return pin >>> 5 < words.length && (words[pin >>> 5]! & (1 << (pin & 31))) !== 0
  }

  /** Whether the edge is in the frozen rows, removed or not: looked for in the shorter one. */
  #isFrozen(pinNode: number, boardNode: number): boolean {
    const { pins, boards } = this
    if (pinNode >= pins.ofNode.length || boardNode >= boards.ofNode.length) return false
    return frozenDegree(pins, pinNode) <= frozenDegree(boards, boardNode)
      ? placeInRow(pins, pinNode, boardNode) >= 0
      : placeInRow(boards, boardNode, pinNode) >= 0
  }

  /** Whether the edge is among the fresh ones: looked for at the end that has fewer. */
  #isFresh(pinNode: number, boardNode: number): boolean {
    const { pins, boards } = this
    const { pool } = this.#m
    const ofPin = pins.records[2 * pinNode + 1]!
    const ofBoard = boards.records[2 * boardNode + 1]!
    return ofPin <= ofBoard
      ? placeInSlice(pool, pins.records[2 * pinNode]!, ofPin, boardNode) >= 0
      : placeInSlice(pool, boards.records[2 * boardNode]!, ofBoard, pinNode) >= 0
  }

  #mark(pinNode: number, boardNode: number, gone: boolean): void {
    const { pins, boards } = this
    const at = placeInRow(pins, pinNode, boardNode)
    if (pins.list[at]! >= GONE === gone) return
    const back = placeInRow(boards, boardNode, pinNode)
    Atomics.store(pins.list, at, gone ? boardNode + GONE : boardNode)
    Atomics.store(boards.list, back, gone ? pinNode + GONE : pinNode)
    const by = gone ? 1 : -1
    pins.gone[pinNode]! += by
    boards.gone[boardNode]! += by
    this.#m.counts[REMOVALS]! += by
  }

  #newNode(side: Side, host: number): number {
    const { counts } = this.#m
    const number = counts[side.freshCount]!
    if (host >= side.freshNode.length || number === side.ofFresh.length) return NONE
    const node = side.ofNode.length + number
    side.ofFresh[number] = host
    Atomics.store(side.freshNode, host, node + 1)
    counts[side.freshCount] = number + 1
    return node
  }

  /** To the `degree` fresh edges of a node, in a new slice of so many words unless 0. */
  #append(records: Uint32Array, node: number, item: number, degree: number, words: number): void {
    const { pool, counts } = this.#m
    let begin = records[2 * node]!
    if (words > 0) {
      const to = counts[POOL_END]!
      counts[POOL_END] = to + words
      for (let i = 0; i < degree; i++) pool[to + i] = pool[begin + i]!
      begin = to
      Atomics.store(records, 2 * node, begin)
    }
    pool[begin + degree] = item
    Atomics.store(records, 2 * node + 1, degree + 1)
  }

  /** The last fresh edge takes the place of the one that goes. */
  #drop({ records }: Side, node: number, item: number): void {
    const { pool } = this.#m
    const begin = records[2 * node]!
    const degree = records[2 * node + 1]!
    const at = placeInSlice(pool, begin, degree, item)
    Atomics.store(pool, at, pool[begin + degree - 1]!)
    Atomics.store(records, 2 * node + 1, degree - 1)
  }
}
