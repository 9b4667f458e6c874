/**
 * Building the frozen graph from edges in any order.
 *
 * Three stable sorts by one end, each spread over buckets that fit a cache (`edge-sort.ts`): by
 * board, which gives degrees and numbers of boards; rows of boards in their new order by pin, which
 * leaves every pin's row ascending, so that repeats stand together and are dropped; rows of pins in
 * their new order by board. The edges of a source are asked for twice, in the first sort.
 *
 * O(edges + host numbers) time. Memory beside the result: 8 bytes an edge + 8 a host number; 16
 * bytes an edge in all at the peak.
 */
import { NONE } from '../base/index.ts'
import { EdgeSort, type Rows } from './edge-sort.ts'
import {
  type BoardCodes,
  checkEnds,
  type EdgeList,
  type EdgeStream,
  edgeStream,
  graphInput,
  UNKNOWN_CODE,
} from './edge-source.ts'
import { type GraphStore, heapStore } from './graph-store.ts'
import { PinBoardGraph } from './pin-board-graph.ts'

/** Work between two pauses, in array elements: about a millisecond. */
const SLICE = 100_000

/** Builds at once. GRAPH_INPUT when an edge lies outside the counts. */
export function buildGraph(
  source: EdgeList | EdgeStream,
  store: GraphStore = heapStore,
): PinBoardGraph {
  const steps = buildGraphSteps(source, store)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/**
 * The same in slices: yields after about a millisecond of work, so that a thread which also answers
 * requests can build in between.
 */
export function* buildGraphSteps(
  source: EdgeList | EdgeStream,
  store: GraphStore = heapStore,
): Generator<void, PinBoardGraph> {
  const edges = edgeStream(source)
  const { edgeCount, pinCount, boardCount, codes } = edges
  const memory = store({
    pinOffset: pinCount + 2,
    pinBoards: edgeCount,
    boardOffset: boardCount + 2,
    boardPins: edgeCount,
    nodeOfPin: pinCount,
    pinOfNode: pinCount,
    nodeOfBoard: boardCount,
    boardOfNode: boardCount,
    groups: 0,
  })
  const pairs = new Int32Array(edgeCount * 2)

  // The later list of boards holds the first two sorts' rows until it is filled.
  const byBoard = rowsOver(memory.boardPins, boardCount)
  const toPins = new EdgeSort(pairs, { edgeCount, keyCount: pinCount, itemCount: boardCount })
  yield* sortByBoard(edges, pairs, byBoard, toPins)
  const boards = number(byBoard, memory.nodeOfBoard, memory.boardOfNode, codes)
  yield

  const byPin = rowsOver(memory.boardPins, pinCount)
  yield* spreadRows(toPins, byBoard, boards.nodes, memory.boardOfNode)
  const toBoards = new EdgeSort(pairs, {
    edgeCount,
    keyCount: boards.nodes,
    itemCount: pinCount,
  })
  const kept = yield* sortDistinct(toPins, byPin, toBoards)
  const pins = number(byPin, memory.nodeOfPin, memory.pinOfNode)
  yield
  const pinOffset = memory.pinOffset.subarray(0, pins.nodes + 2)
  offsets(byPin, memory.pinOfNode, pins.nodes, pinOffset)
  yield* moveRows(byPin, memory.nodeOfPin, pinOffset, memory.pinBoards)

  const pinBoards = memory.pinBoards.subarray(0, kept)
  const boardOffset = memory.boardOffset.subarray(0, boards.nodes + 2)
  const rows = { list: pinBoards, start: pinOffset, end: pinOffset.subarray(1) }
  yield* spreadRows(toBoards, rows, pins.nodes)
  const boardPins = memory.boardPins.subarray(0, kept)
  yield* sortBuckets(toBoards, {
    list: boardPins,
    start: boardOffset,
    end: boardOffset.subarray(1),
  })
  boardOffset[boards.nodes + 1] = kept

  return new PinBoardGraph({
    ...memory,
    pinOffset,
    pinBoards,
    boardOffset,
    boardPins,
    pinOfNode: memory.pinOfNode.subarray(0, pins.nodes),
    boardOfNode: memory.boardOfNode.subarray(0, boards.nodes),
    groups: boards.groups,
  })
}

function rowsOver(list: Uint32Array, keyCount: number): Rows {
  return { list, start: new Uint32Array(keyCount), end: new Uint32Array(keyCount) }
}

function* sortByBoard(
  edges: EdgeStream,
  pairs: Int32Array,
  rows: Rows,
  next: EdgeSort,
): Generator<void, void> {
  const { edgeCount, pinCount, boardCount } = edges
  const sort = new EdgeSort(pairs, { edgeCount, keyCount: boardCount, itemCount: pinCount })
  for (const pass of ['measure', 'spread'] as const) {
    let seen = 0
    for (const chunk of edges.chunks()) {
      seen += chunk.count
      if (seen > edges.edgeCount) break
      for (let from = 0; from < chunk.count; from += SLICE) {
        const to = Math.min(chunk.count, from + SLICE)
        if (pass === 'measure') {
          checkEnds(chunk, from, to, edges)
          sort.measure(chunk.boards, from, to)
        } else {
          sort.spread(chunk.boards, chunk.pins, from, to)
        }
        yield
      }
    }
    if (seen !== edges.edgeCount) {
      throw graphInput(`${edges.edgeCount} edges are announced, ${seen} or more come`)
    }
    if (pass === 'measure') sort.place()
  }
  if (!sort.isFilled) throw graphInput('its edges are not the same when they come again')
  yield* sortBuckets(sort, rows, next)
}

/** Spreads rows, which were measured before, by what they list. */
function* spreadRows(
  sort: EdgeSort,
  rows: Rows,
  count: number,
  order?: Uint32Array,
): Generator<void, void> {
  sort.place()
  for (let from = 0; from < count; ) {
    const to = sliceOfRows(rows, from, count, order)
    sort.spreadRows(rows, order, from, to)
    from = to
    yield
  }
}

/** The rows from `from` on that make a slice of work: the first of them that do not. */
function sliceOfRows(
  { start, end }: Rows,
  from: number,
  count: number,
  order?: Uint32Array,
): number {
  let row = from
  for (let work = 0; row < count && work < SLICE; row++) {
    const of = order ? order[row]! : row
    work = (work + end[of]! - start[of]! + 1) | 0
  }
  return row
}

/** Sorts every bucket, measuring for the sort that comes next. */
function* sortBuckets(sort: EdgeSort, rows: Rows, next?: EdgeSort): Generator<void, void> {
  for (let k = 0; k < sort.buckets; k++) {
    sort.sort(k, rows)
    // The items are the next sort's keys, and in cache now.
    if (next) next.measure(rows.list, ...sort.edges(k))
    yield
  }
}

/** The same where rows ascend; repeats are dropped and rows moved together. Returns the edges. */
function* sortDistinct(sort: EdgeSort, rows: Rows, next: EdgeSort): Generator<void, number> {
  let kept = 0
  for (let k = 0; k < sort.buckets; k++) {
    sort.sort(k, rows)
    kept = dropRepeats(rows, sort.keys(k), kept, next)
    yield
  }
  return kept
}

/** Moves the rows of keys [low, high) together from `at` on, without repeats; returns the end. */
function dropRepeats(
  { list, start, end }: Rows,
  [low, high]: readonly [number, number],
  at: number,
  next: EdgeSort,
): number {
  const { starts: tally, shift } = next.tally
  let to = at
  for (let key = low; key < high; key++) {
    const first = to
    const rowEnd = end[key]!
    let last = NONE
    for (let i = start[key]!; i < rowEnd; i++) {
      const item = list[i]!
      if (item === last) continue
      list[to++] = item
      tally[(item >>> shift) + 1]!++
      last = item
    }
    start[key] = first
    end[key] = to
  }
  return to
}

/**
 * Numbers the keys that have edges: by code where codes are given, then by falling degree, then by
 * host number.
 */
function number(
  { start, end }: Rows,
  nodeOf: Uint32Array,
  ofNode: Uint32Array,
  codes?: BoardCodes,
): { readonly nodes: number; readonly groups: Uint32Array } {
  const count = start.length
  let most = 0
  for (let v = 0; v < count; v++) most = Math.max(most, end[v]! - start[v]!)
  const places = new Uint32Array(most + 2)
  for (let v = 0; v < count; v++) places[most - (end[v]! - start[v]!) + 1]!++
  const nodes = count - places[most + 1]!
  for (let d = 0; d <= most; d++) places[d + 1]! += places[d]!
  nodeOf.fill(NONE)
  for (let v = 0; v < count; v++) {
    const degree = end[v]! - start[v]!
    if (degree > 0) ofNode[places[most - degree]!++] = v
  }
  const groups = codes ? groupByCode(ofNode.subarray(0, nodes), codes) : ungrouped(nodes)
  for (let node = 0; node < nodes; node++) nodeOf[ofNode[node]!] = node
  return { nodes, groups }
}

function ungrouped(nodes: number): Uint32Array {
  return nodes === 0 ? new Uint32Array(0) : Uint32Array.of(NONE, 0)
}

/** Orders boards by code, stably; gives [code, first node] of each group. */
function groupByCode(ofNode: Uint32Array, { topics, languages }: BoardCodes): Uint32Array {
  const codeOf = (board: number) => topics[board]! * (UNKNOWN_CODE + 1) + languages[board]!
  const members = new Map<number, number>()
  for (const board of ofNode) {
    const code = codeOf(board)
    members.set(code, (members.get(code) ?? 0) + 1)
  }
  const groups: number[] = []
  const next = new Map<number, number>()
  let first = 0
  for (const code of [...members.keys()].sort((a, b) => a - b)) {
    groups.push(code, first)
    next.set(code, first)
    first += members.get(code)!
  }
  for (const board of ofNode.slice()) {
    const at = next.get(codeOf(board))!
    ofNode[at] = board
    next.set(codeOf(board), at + 1)
  }
  return Uint32Array.from(groups)
}

function offsets(rows: Rows, ofNode: Uint32Array, nodes: number, offset: Uint32Array): void {
  for (let node = 0; node < nodes; node++) {
    const v = ofNode[node]!
    offset[node + 1] = offset[node]! + rows.end[v]! - rows.start[v]!
  }
  offset[nodes + 1] = offset[nodes]!
}

/** Rows to their places by node number: read in order, written at random, so nothing waits. */
function* moveRows(
  rows: Rows,
  nodeOf: Uint32Array,
  offset: Uint32Array,
  to: Uint32Array,
): Generator<void, void> {
  const count = rows.start.length
  for (let from = 0; from < count; ) {
    const end = sliceOfRows(rows, from, count)
    moveSlice(rows, nodeOf, offset, to, from, end)
    from = end
    yield
  }
}

function moveSlice(
  { list, start, end }: Rows,
  nodeOf: Uint32Array,
  offset: Uint32Array,
  to: Uint32Array,
  low: number,
  high: number,
): void {
  for (let v = low; v < high; v++) {
    const from = start[v]! | 0
    const stop = end[v]! | 0
    if (from === stop) continue
    let at = offset[nodeOf[v]!]! | 0
    for (let i = from; i < stop; i++) {
      to[at] = list[i]!
      at = (at + 1) | 0
    }
  }
}
