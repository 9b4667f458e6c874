/**
 * One direction of a graph, frozen and fresh, as the arrays that `delta.ts` writes and everybody
 * reads: finding a node, its host number, and an edge.
 */
import { NONE } from '../base/index.ts'

/** Set in an entry of the frozen rows whose edge was removed. */
export const GONE = 0x80000000

/** One direction of the graph, frozen and fresh. */
export type Side = {
  readonly offset: Uint32Array
  readonly list: Uint32Array
  /** Two words a node: begin in the pool, number. */
  readonly records: Uint32Array
  /** Removed frozen edges by node. */
  readonly gone: Uint32Array
  readonly nodeOf: Uint32Array
  readonly ofNode: Uint32Array
  /** Node + 1 by host number, for nodes that the epoch does not know. */
  readonly freshNode: Uint32Array
  readonly ofFresh: Uint32Array
  /** The word of `counts` with the fresh nodes. */
  readonly freshCount: number
}

/** The nodes of a block of host numbers, for the writer, who reads its own words as they are. */
export function findNodes(
  side: Side,
  hosts: Uint32Array,
  from: number,
  n: number,
  to: Uint32Array,
): void {
  const { nodeOf: frozen, freshNode } = side
  const known = frozen.length
  if (known === 0) to.fill(NONE)
  else for (let i = 0; i < n; i++) to[i] = frozen[Math.min(hosts[from + i]!, known - 1)]!
  for (let i = 0; i < n; i++) {
    const host = hosts[from + i]!
    if (host < known && to[i] !== NONE) continue
    // 0, which is nobody's, becomes NONE.
    to[i] = host < freshNode.length ? freshNode[host]! - 1 : NONE
  }
}

/** Where the frozen rows of a block of nodes begin and end; nothing for nodes without one. */
export function bounds({ offset }: Side, nodes: Uint32Array, n: number, to: Int32Array): void {
  const last = offset.length - 2
  for (let i = 0; i < n; i++) {
    const node = Math.min(nodes[i]!, last)
    to[2 * i] = offset[node]!
    to[2 * i + 1] = offset[node + 1]!
  }
}

/** Where the next fresh edges of a block of nodes go. */
export function sliceEnds({ records }: Side, nodes: Uint32Array, n: number, to: Uint32Array): void {
  const last = records.length / 2 - 1
  for (let i = 0; i < n; i++) {
    const node = Math.min(nodes[i]!, last)
    to[i] = records[2 * node]! + records[2 * node + 1]!
  }
}

export function frozenDegree({ offset, ofNode }: Side, node: number): number {
  return node < ofNode.length ? offset[node + 1]! - offset[node]! : 0
}

/** The node of a host number, frozen or fresh, or NONE. */
export function nodeOf(side: Side, host: number): number {
  const frozen = host < side.nodeOf.length ? side.nodeOf[host]! : NONE
  if (frozen !== NONE) return frozen
  const fresh = host < side.freshNode.length ? Atomics.load(side.freshNode, host) : 0
  return fresh === 0 ? NONE : fresh - 1
}

/** The host number of a node. */
export function hostOf(side: Side, node: number): number {
  const { length } = side.ofNode
  return node < length ? side.ofNode[node]! : side.ofFresh[node - length]!
}

/** Binary search in an ascending row, whatever was removed. */
export function placeInRow({ offset, list }: Side, node: number, item: number): number {
  let low = offset[node]!
  const end = offset[node + 1]!
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle]! & ~GONE) >>> 0 < item) low = middle + 1
    else high = middle
  }
  return low < end && (list[low]! & ~GONE) >>> 0 === item ? low : -1
}

export function placeInSlice(
  pool: Uint32Array,
  begin: number,
  degree: number,
  item: number,
): number {
  for (let i = begin; i < begin + degree; i++) if (pool[i] === item) return i
  return -1
}
