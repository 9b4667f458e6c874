/**
 * The frozen pin-board graph: compressed sparse rows in both directions.
 *
 * Nodes are numbered by falling degree, so that the busy part of every array stays in cache; this
 * order is private to an epoch, and `nodeOfPin` / `pinOfNode` (the same for boards) translate from
 * the host's numbers. An edge stands once in `pinBoards` and once in `boardPins`.
 *
 * Memory: 8 bytes an edge + 4 (offset) + 4 (number) a node + 4 a host number. Building takes
 * O(edges + nodes) time and 12 bytes an edge beside the result. All arrays come from an allocator,
 * so that threads can share them. After Eksombatchai et al., "Pixie", WWW 2018, section 3.3.
 */
import { type Allocator, heapAllocator, NONE, pinwheelError, u32Array } from '../base/index.ts'

export type EdgeList = {
  /** Host numbers; pins[i] - boards[i] is an edge. Repeated edges count once. */
  readonly pins: Uint32Array
  readonly boards: Uint32Array
  readonly edgeCount: number
  /** Host numbers lie below these. */
  readonly pinCount: number
  readonly boardCount: number
}

/** The arrays of a graph, as sent to another thread. */
export type GraphMemory = {
  readonly pinOffset: Uint32Array
  readonly pinBoards: Uint32Array
  readonly boardOffset: Uint32Array
  readonly boardPins: Uint32Array
  readonly nodeOfPin: Uint32Array
  readonly pinOfNode: Uint32Array
  readonly nodeOfBoard: Uint32Array
  readonly boardOfNode: Uint32Array
}

export class PinBoardGraph {
  /** Edges of pin node v: pinBoards[pinOffset[v] .. pinOffset[v + 1]), board nodes, ascending. */
  readonly pinOffset: Uint32Array
  readonly pinBoards: Uint32Array
  readonly boardOffset: Uint32Array
  readonly boardPins: Uint32Array
  /** NONE for a pin without edges. */
  readonly nodeOfPin: Uint32Array
  readonly pinOfNode: Uint32Array
  readonly nodeOfBoard: Uint32Array
  readonly boardOfNode: Uint32Array

  constructor(memory: GraphMemory) {
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
    return Object.values(this.memory()).reduce((sum, array) => sum + array.byteLength, 0)
  }

  memory(): GraphMemory {
    return {
      pinOffset: this.pinOffset,
      pinBoards: this.pinBoards,
      boardOffset: this.boardOffset,
      boardPins: this.boardPins,
      nodeOfPin: this.nodeOfPin,
      pinOfNode: this.pinOfNode,
      nodeOfBoard: this.nodeOfBoard,
      boardOfNode: this.boardOfNode,
    }
  }

  /** Boards a pin stands on; 0 for a pin the epoch does not know. */
  degreeOfPin(pin: number): number {
    const node = pin < this.nodeOfPin.length ? this.nodeOfPin[pin]! : NONE
    return node === NONE ? 0 : this.pinOffset[node + 1]! - this.pinOffset[node]!
  }
}

/** Work between two pauses of a sliced build, in array elements: about a millisecond. */
const SLICE = 100_000

/** Builds at once. GRAPH_INPUT when an edge lies outside the counts. */
export function buildGraph(edges: EdgeList, allocate: Allocator = heapAllocator): PinBoardGraph {
  const steps = buildGraphSteps(edges, allocate)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/**
 * The same build in slices: yields after about a millisecond of work, so that a thread which also
 * answers requests can build in between.
 */
export function* buildGraphSteps(
  edges: EdgeList,
  allocate: Allocator = heapAllocator,
): Generator<void, PinBoardGraph> {
  yield* checkEdges(edges)
  const pinDegree = yield* degrees(edges.pins, edges.edgeCount, edges.pinCount)
  const boardDegree = yield* degrees(edges.boards, edges.edgeCount, edges.boardCount)
  // First by pin, then by board: two stable counting sorts leave each row ascending.
  const pinOrder = yield* byFallingDegree(pinDegree, allocate)
  const boardOrder = yield* byFallingDegree(boardDegree, allocate)
  const byBoard = yield* scatter(edges, boardOrder, pinOrder, 'boards', 'pins')
  const byPin = yield* transpose(byBoard, pinOrder.of.length)
  const pins = yield* compact(byPin, allocate)
  const boards = yield* transpose(pins, boardOrder.of.length, allocate)
  return new PinBoardGraph({
    pinOffset: pins.offset,
    pinBoards: pins.list,
    boardOffset: boards.offset,
    boardPins: boards.list,
    nodeOfPin: pinOrder.node,
    pinOfNode: pinOrder.of,
    nodeOfBoard: boardOrder.node,
    boardOfNode: boardOrder.of,
  })
}

type Rows = { readonly offset: Uint32Array; readonly list: Uint32Array }
type Order = { readonly node: Uint32Array; readonly of: Uint32Array }

function* checkEdges(edges: EdgeList): Generator<void, void> {
  const { pins, boards, edgeCount, pinCount, boardCount } = edges
  if (pins.length < edgeCount || boards.length < edgeCount) {
    throw pinwheelError('GRAPH_INPUT', { reason: `fewer than ${edgeCount} edges are given` })
  }
  for (let i = 0; i < edgeCount; i++) {
    if (pins[i]! >= pinCount || boards[i]! >= boardCount) {
      const edge = `edge ${i} joins pin ${pins[i]} and board ${boards[i]}`
      const reason = `${edge}; pins lie below ${pinCount}, boards below ${boardCount}`
      throw pinwheelError('GRAPH_INPUT', { reason })
    }
    if (i % SLICE === SLICE - 1) yield
  }
}

function* degrees(ends: Uint32Array, edgeCount: number, count: number) {
  const degree = new Uint32Array(count)
  for (let i = 0; i < edgeCount; i++) {
    degree[ends[i]!]!++
    if (i % SLICE === SLICE - 1) yield
  }
  return degree
}

/** Numbers nodes by falling degree, ties by host number; nodes without edges get none. */
function* byFallingDegree(degree: Uint32Array, allocate: Allocator): Generator<void, Order> {
  let max = 0
  let nodes = 0
  for (let v = 0; v < degree.length; v++) {
    const d = degree[v]!
    if (d > max) max = d
    if (d > 0) nodes++
  }
  const starts = new Uint32Array(max + 2)
  for (let v = 0; v < degree.length; v++) starts[max - degree[v]! + 1]!++
  for (let d = 0; d <= max; d++) starts[d + 1]! += starts[d]!
  yield
  const node = u32Array(allocate, degree.length).fill(NONE)
  const of = u32Array(allocate, nodes)
  for (let v = 0; v < degree.length; v++) {
    const d = degree[v]!
    if (d === 0) continue
    const n = starts[max - d]!++
    node[v] = n
    of[n] = v
    if (v % SLICE === SLICE - 1) yield
  }
  return { node, of }
}

/** Counting sort of the edges by one end; rows hold the other end, in input order. */
function* scatter(
  edges: EdgeList,
  rowOrder: Order,
  itemOrder: Order,
  rowEnd: 'pins' | 'boards',
  itemEnd: 'pins' | 'boards',
): Generator<void, Rows> {
  const rowOf = edges[rowEnd]
  const itemOf = edges[itemEnd]
  const offset = new Uint32Array(rowOrder.of.length + 1)
  for (let i = 0; i < edges.edgeCount; i++) {
    offset[rowOrder.node[rowOf[i]!]! + 1]!++
    if (i % SLICE === SLICE - 1) yield
  }
  for (let r = 0; r < rowOrder.of.length; r++) offset[r + 1]! += offset[r]!
  const next = offset.slice()
  const list = new Uint32Array(edges.edgeCount)
  for (let i = 0; i < edges.edgeCount; i++) {
    list[next[rowOrder.node[rowOf[i]!]!]!++] = itemOrder.node[itemOf[i]!]!
    if (i % SLICE === SLICE - 1) yield
  }
  return { offset, list }
}

/** The other direction; visiting rows in order leaves its rows ascending. */
function* transpose(
  rows: Rows,
  itemCount: number,
  allocate: Allocator = heapAllocator,
): Generator<void, Rows> {
  const offset = u32Array(allocate, itemCount + 1)
  const { list } = rows
  for (let i = 0; i < list.length; i++) {
    offset[list[i]! + 1]!++
    if (i % SLICE === SLICE - 1) yield
  }
  for (let v = 0; v < itemCount; v++) offset[v + 1]! += offset[v]!
  const next = offset.slice()
  const other = u32Array(allocate, list.length)
  let row = 0
  for (let i = 0; i < list.length; i++) {
    while (rows.offset[row + 1]! <= i) row++
    other[next[list[i]!]!++] = row
    if (i % SLICE === SLICE - 1) yield
  }
  return { offset, list: other }
}

/** Drops repeated items from ascending rows. */
function* compact(rows: Rows, allocate: Allocator): Generator<void, Rows> {
  const count = rows.offset.length - 1
  let kept = 0
  for (let r = 0; r < count; r++) {
    for (let i = rows.offset[r]!; i < rows.offset[r + 1]!; i++) {
      if (i === rows.offset[r] || rows.list[i] !== rows.list[i - 1]) kept++
    }
    if (r % SLICE === SLICE - 1) yield
  }
  const offset = u32Array(allocate, count + 1)
  const list = u32Array(allocate, kept)
  let n = 0
  for (let r = 0; r < count; r++) {
    for (let i = rows.offset[r]!; i < rows.offset[r + 1]!; i++) {
      if (i === rows.offset[r] || rows.list[i] !== rows.list[i - 1]) list[n++] = rows.list[i]!
    }
    offset[r + 1] = n
    if (r % SLICE === SLICE - 1) yield
  }
  return { offset, list }
}
