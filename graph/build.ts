/**
 * Building the frozen graph from edges in any order.
 *
 * Boards are counted and numbered. Edges are sorted by pin and number of board (`edge-sort.ts`),
 * each once; pins are numbered and their rows moved into that order; in it they are sorted by
 * board. The edges of a source are asked for twice, by the first two passes.
 *
 * O(edges + host numbers) time. Memory beside the result: 8 bytes a host number and, where edges
 * take one word while they are sorted, 4 for each edge of the largest bucket; else 8 bytes an edge.
 * So 16 bytes an edge in all at the peak; with one word and even buckets, little over 8.
 */
import { NONE } from '../base/index.ts'
import type { Tally } from './bucket-sort.ts'
import { BLOCK, EdgeSort } from './edge-sort.ts'
import {
  type BoardCodes,
  checkChunk,
  type EdgeChunk,
  type EdgeList,
  type EdgeStream,
  edgeStream,
  graphInput,
  UNKNOWN_CODE,
  unknownEnd,
} from './edge-source.ts'
import { type GraphMemory, type GraphStore, heapStore, heapWords } from './graph-store.ts'
import { PinBoardGraph } from './pin-board-graph.ts'

/** Work between two pauses, in array elements: about a millisecond. */
const SLICE = 100_000
/** Words that a second-level cache holds. */
const CACHED = 2 ** 19

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
  const toPins = new EdgeSort({ edgeCount, keyCount: pinCount })
  yield* measure(edges, memory.nodeOfBoard, toPins.tally)
  const boards = number(memory.nodeOfBoard, memory.boardOfNode, codes)
  yield
  // The later list of boards holds what is sorted until it is filled, if edges take one word.
  let pairs: Uint32Array | undefined
  const wordsFor = (sort: EdgeSort, items: number) => {
    if (sort.packs(items)) return memory.boardPins
    pairs ??= heapWords(edgeCount * 2)
    return pairs
  }
  const list = wordsFor(toPins, boards.nodes)
  toPins.place(boards.nodes, list, [memory.boardPins, memory.pinBoards])
  yield* spread(edges, memory.nodeOfBoard, toPins)

  const toBoards = new EdgeSort({ edgeCount, keyCount: boards.nodes })
  const byPin = { list, start: heapWords(pinCount), degree: memory.nodeOfPin }
  let kept = 0
  for (let k = 0; k < toPins.buckets; k++) {
    kept += toPins.sortDistinct(k, byPin, toBoards)
    yield
  }
  const pins = number(memory.nodeOfPin, memory.pinOfNode)
  yield
  const pinOffset = memory.pinOffset.subarray(0, pins.nodes + 2)
  offsets(pins.ends, pinOffset)
  yield* moveRows(byPin, memory, pinOffset, toPins)

  const pinBoards = memory.pinBoards.subarray(0, kept)
  const boardPins = memory.boardPins.subarray(0, kept)
  const boardOffset = memory.boardOffset.subarray(0, boards.nodes + 2)
  toBoards.place(pins.nodes, wordsFor(toBoards, pins.nodes))
  yield* spreadRows({ list: pinBoards, start: pinOffset }, pins.nodes, toBoards)
  for (let k = 0; k < toBoards.buckets; k++) {
    toBoards.sort(k, { list: boardPins, start: boardOffset })
    yield
  }
  boardOffset.fill(kept, boards.nodes)

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

/** Slices of the edges, in order. GRAPH_INPUT unless as many come as are announced. */
function* slices(edges: EdgeStream): Generator<readonly [EdgeChunk, number, number], void> {
  let seen = 0
  for (const chunk of edges.chunks()) {
    seen += chunk.count
    if (seen > edges.edgeCount) break
    for (let from = 0; from < chunk.count; from += SLICE) {
      yield [chunk, from, Math.min(chunk.count, from + SLICE)]
    }
  }
  if (seen !== edges.edgeCount) {
    throw graphInput(`${edges.edgeCount} edges are announced, ${seen} or more come`)
  }
}

/** Counts the edges of each board, and of each bucket of pins. */
function* measure(
  edges: EdgeStream,
  boardDegree: Uint32Array,
  tally: Tally,
): Generator<void, void> {
  const last = { pin: edges.pinCount - 1, board: edges.boardCount - 1 }
  for (const [chunk, from, to] of slices(edges)) {
    checkChunk(chunk)
    const signs = measureSlice(chunk, from, to, boardDegree, tally, last)
    if (signs < 0) throw unknownEnd(chunk, from, to, edges)
    yield
  }
}

/** Gives a negative number if an end of an edge is too large. */
function measureSlice(
  { pins, boards }: EdgeChunk,
  from: number,
  to: number,
  boardDegree: Uint32Array,
  { starts, shift }: Tally,
  last: { readonly pin: number; readonly board: number },
): number {
  const lastPin = last.pin | 0
  const lastBoard = last.board | 0
  let signs = 0
  for (let low = from; low < to; low += BLOCK) {
    const high = Math.min(low + BLOCK, to)
    if (boardDegree.length > CACHED) {
      // Degrees are not negative: they are only looked up here, before they are counted up.
      for (let i = low; i < high; i++) signs |= boardDegree[boards[i]!]!
    }
    for (let i = low; i < high; i++) {
      const pin = pins[i]! | 0
      const board = boards[i]! | 0
      signs |= pin | board | (lastPin - pin) | (lastBoard - board)
      // Too large a number counts for nothing.
      starts[((pin >>> shift) + 1) | 0]!++
      boardDegree[board]!++
    }
  }
  return signs
}

function* spread(
  edges: EdgeStream,
  nodeOfBoard: Uint32Array,
  sort: EdgeSort,
): Generator<void, void> {
  for (const [chunk, from, to] of slices(edges)) {
    sort.spread({ keys: chunk.pins, items: chunk.boards, itemOf: nodeOfBoard }, from, to)
    yield
  }
  if (!sort.isFilled) throw graphInput('its edges are not the same when they come again')
}

/** Spreads rows by what they list. */
function* spreadRows(
  rows: { readonly list: Uint32Array; readonly start: Uint32Array },
  count: number,
  sort: EdgeSort,
): Generator<void, void> {
  for (let from = 0; from < count; ) {
    const to = endOfSlice(rows.start, from, count)
    sort.spreadRows(rows, from, to)
    from = to
    yield
  }
}

/** The rows from `from` on that make a slice of work: the first of them that do not. */
function endOfSlice(start: Uint32Array, from: number, count: number): number {
  const full = start[from]! + SLICE
  let row = from + 1
  while (row < count && start[row]! < full) row++
  return row
}

/**
 * Numbers the keys that have edges: by code where codes are given, then by falling degree, then by
 * host number. `nodeOf` holds degrees at first. Where there are no codes, nodes of the degree that
 * is d below the highest end at ends[d].
 */
function number(
  nodeOf: Uint32Array,
  ofNode: Uint32Array,
  codes?: BoardCodes,
): { readonly nodes: number; readonly groups: Uint32Array; readonly ends: Uint32Array } {
  const count = nodeOf.length
  let most = 0
  for (let v = 0; v < count; v++) if (nodeOf[v]! > most) most = nodeOf[v]!
  const places = heapWords(most + 2)
  for (let v = 0; v < count; v++) {
    const degree = nodeOf[v]!
    // Most keys may have none.
    if (degree !== 0) places[most - degree + 1]!++
  }
  for (let d = 0; d < most; d++) places[d + 1]! += places[d]!
  const nodes = places[most]!
  for (let v = 0; v < count; v++) {
    const degree = nodeOf[v]!
    if (degree === 0) {
      nodeOf[v] = NONE
      continue
    }
    const node = places[most - degree]!++
    ofNode[node] = v
    nodeOf[v] = node
  }
  if (!codes) return { nodes, groups: ungrouped(nodes), ends: places.subarray(0, most) }
  const groups = groupByCode(ofNode.subarray(0, nodes), codes)
  for (let node = 0; node < nodes; node++) nodeOf[ofNode[node]!] = node
  return { nodes, groups, ends: places.subarray(0, most) }
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
  const byDegree = heapWords(ofNode.length)
  byDegree.set(ofNode)
  for (const board of byDegree) {
    const at = next.get(codeOf(board))!
    ofNode[at] = board
    next.set(codeOf(board), at + 1)
  }
  return Uint32Array.from(groups)
}

/** Where rows begin, of nodes by falling degree. */
function offsets(ends: Uint32Array, offset: Uint32Array): void {
  let node = 0
  let at = 0
  for (let d = 0; d < ends.length; d++) {
    const end = ends[d]!
    const degree = ends.length - d
    for (; node < end; node++) {
      offset[node] = at
      at = (at + degree) | 0
    }
  }
  offset.fill(at, node)
}

/** Rows to their places by node number: read in order, written at random, so nothing waits. */
function* moveRows(
  { list, start }: { readonly list: Uint32Array; readonly start: Uint32Array },
  { nodeOfPin, pinBoards }: GraphMemory,
  offset: Uint32Array,
  sort: EdgeSort,
): Generator<void, void> {
  for (let k = 0; k < sort.buckets; k++) {
    const [low, high] = sort.keys(k)
    const nodes = nodeOfPin.subarray(low, high)
    moveSlice(list, start.subarray(low, high), nodes, pinBoards, offset)
    yield
  }
}

function moveSlice(
  list: Uint32Array,
  start: Uint32Array,
  nodes: Uint32Array,
  to: Uint32Array,
  offset: Uint32Array,
): void {
  for (let row = 0; row < nodes.length; row++) {
    const node = nodes[row]!
    if (node === NONE) continue
    const end = offset[node + 1]! | 0
    let from = start[row]! | 0
    for (let at = offset[node]! | 0; at < end; at++) {
      to[at] = list[from]!
      from = (from + 1) | 0
    }
  }
}
