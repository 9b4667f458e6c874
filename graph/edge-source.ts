/** Edges on their way into a graph, in any order. */
import { pinwheelError } from '../base/index.ts'

/** pins[i] - boards[i], i below `count`, in host numbers. */
export type EdgeChunk = {
  readonly pins: Uint32Array
  readonly boards: Uint32Array
  readonly count: number
}

/** What a board is about: walks can be biased to it. */
export type BoardCodes = {
  /** By host number of a board; at most 65,534, or 65,535 where unknown. */
  readonly topics: Uint16Array
  readonly languages: Uint16Array
}
export const UNKNOWN_CODE = 0xffff

export type Counts = {
  /** Host numbers lie below these. */
  readonly pinCount: number
  readonly boardCount: number
  readonly codes?: BoardCodes
}

/** Repeated edges count once, though they raise the degree by which boards are numbered. */
export type EdgeList = Counts & {
  readonly pins: Uint32Array
  readonly boards: Uint32Array
  readonly edgeCount: number
}

/** Edges that are made or read when asked, so that they need not lie in memory. */
export type EdgeStream = Counts & {
  /** Of all chunks together. */
  readonly edgeCount: number
  /** The same edges in the same order at each call; a chunk is used up before the next is asked. */
  readonly chunks: () => Iterable<EdgeChunk>
}

/** Most edges of one graph: places in the builder's list of pairs stay below 2^31. */
export const EDGES_MAX = 2 ** 30
/** The highest bit of a number in a list of edges is kept free. */
export const NODES_MAX = 2 ** 31 - 1

/** The source as a stream. GRAPH_INPUT when it contradicts itself. */
export function edgeStream(source: EdgeList | EdgeStream): EdgeStream {
  const { edgeCount, pinCount, boardCount, codes } = source
  const isCount = (count: number, max: number) =>
    Number.isInteger(count) && count >= 0 && count <= max
  if (!isCount(edgeCount, EDGES_MAX)) {
    throw graphInput(`${edgeCount} edges; one graph holds at most ${EDGES_MAX}`)
  }
  if (!isCount(pinCount, NODES_MAX) || !isCount(boardCount, NODES_MAX)) {
    throw graphInput(`${pinCount} pins and ${boardCount} boards; at most ${NODES_MAX} of each`)
  }
  if (codes && Math.min(codes.topics.length, codes.languages.length) < boardCount) {
    throw graphInput(`the codes cover fewer than ${boardCount} boards`)
  }
  if ('chunks' in source) return source
  const { pins, boards } = source
  if (pins.length < edgeCount || boards.length < edgeCount) {
    throw graphInput(`fewer than ${edgeCount} edges are given`)
  }
  const counts = { edgeCount, pinCount, boardCount, ...(codes && { codes }) }
  return { ...counts, chunks: () => [{ pins, boards, count: edgeCount }] }
}

/** GRAPH_INPUT unless the chunk is arrays of as many edges as it says. */
export function checkChunk({ pins, boards, count }: EdgeChunk): void {
  // Of other arrays a negative number, or a fraction, would pass for a place.
  if (!(pins instanceof Uint32Array && boards instanceof Uint32Array)) {
    throw graphInput('pins and boards of edges come as Uint32Array')
  }
  if (pins.length < count || boards.length < count) {
    throw graphInput(`fewer than ${count} edges are in a chunk that announces them`)
  }
}

/** What is wrong with chunk[from, to), where an end is not known. */
export function unknownEnd(
  { pins, boards }: EdgeChunk,
  from: number,
  to: number,
  { pinCount, boardCount }: Counts,
) {
  let i = from
  while (i < to - 1 && pins[i]! < pinCount && boards[i]! < boardCount) i++
  const limits = `pins lie below ${pinCount}, boards below ${boardCount}`
  return graphInput(`an edge joins pin ${pins[i]} and board ${boards[i]}; ${limits}`)
}

export function graphInput(reason: string) {
  return pinwheelError('GRAPH_INPUT', { reason })
}
