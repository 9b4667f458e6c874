/**
 * A small part of the graph as plain data, for a page, a file or graphology.
 *
 * `egoNetwork`: what lies within a number of hops of a pin (pin to board is one hop). Each ring
 * takes the most popular first until a limit is reached, so a cut is the same every time, keeps
 * what is kept connected, and is told (`truncated`). `between`: the shortest paths of two pins.
 */
import { assert, NONE, pinwheelError } from '../../base/index.ts'
import type { PinBoardGraph } from '../pin-board-graph.ts'

export type SubgraphNode = {
  readonly kind: 'pin' | 'board'
  /** Host number. */
  readonly number: number
  /** Edges in the whole graph. */
  readonly degree: number
  /** Hops from the centre. */
  readonly hop: number
}

export type Subgraph = {
  /** The centre first. */
  readonly nodes: readonly SubgraphNode[]
  /** Places in `nodes`. */
  readonly edges: readonly (readonly [from: number, to: number])[]
  readonly truncated: boolean
}

export type EgoOptions = {
  readonly radius: number
  readonly nodesMax: number
  readonly edgesMax: number
  /** Ends of edges looked at; a reading that ends here is a cut. */
  readonly readsMax: number
}
export const egoDefaults: EgoOptions = Object.freeze({
  radius: 2,
  nodesMax: 2_000,
  edgesMax: 20_000,
  readsMax: 1_000_000,
})

/** PIN_UNKNOWN for a pin without edges; GRAPH_OPTIONS for options out of range. */
export function egoNetwork(
  graph: PinBoardGraph,
  pin: number,
  given: Partial<EgoOptions> = {},
): Subgraph {
  const options = { ...egoDefaults, ...given }
  checkEgo(options)
  const centre = pinNode(graph, pin)
  const grown = new Growth(graph, options)
  let ring = [grown.add(centre, 0)]
  for (let hop = 1; hop <= options.radius && ring.length > 0; hop++) ring = grown.ring(ring, hop)
  return grown.done()
}

function checkEgo(options: EgoOptions): void {
  const bounds = { radius: 6, nodesMax: 100_000, edgesMax: 1_000_000, readsMax: 1e9 } as const
  for (const [name, high] of Object.entries(bounds)) {
    const value = options[name as keyof EgoOptions]
    if (Number.isInteger(value) && value >= 1 && value <= high) continue
    const expected = `a whole number from 1 to ${high}`
    throw pinwheelError('GRAPH_OPTIONS', { option: name, value, expected })
  }
}

/** The node of a pin in this graph; PIN_UNKNOWN when it has no edge. */
export function pinNode(graph: PinBoardGraph, pin: number): number {
  const node = graph.nodeOfPin[pin] ?? NONE
  if (node === NONE) throw pinwheelError('PIN_UNKNOWN', { id: pin })
  return node
}

/** The nodes on the other side of `node`, which is a board at odd hops. */
export function neighbours(graph: PinBoardGraph, node: number, hop: number): Uint32Array {
  return hop % 2 === 0
    ? graph.pinBoards.subarray(graph.pinOffset[node]!, graph.pinOffset[node + 1]!)
    : graph.boardPins.subarray(graph.boardOffset[node]!, graph.boardOffset[node + 1]!)
}

export function describeNode(graph: PinBoardGraph, node: number, hop: number): SubgraphNode {
  const isPin = hop % 2 === 0
  return {
    kind: isPin ? 'pin' : 'board',
    number: isPin ? graph.pinOfNode[node]! : graph.boardOfNode[node]!,
    degree: neighbours(graph, node, hop).length,
    hop,
  }
}

/** Grows ring by ring; edges run between neighbouring rings only, since the graph is bipartite. */
class Growth {
  readonly #graph: PinBoardGraph
  readonly #options: EgoOptions
  readonly #nodes: SubgraphNode[] = []
  /** Graph nodes by place. */
  readonly #ids: number[] = []
  readonly #edges: [number, number][] = []
  /** Places of pins and of boards by node. */
  readonly #places = [new Map<number, number>(), new Map<number, number>()] as const
  #reads = 0
  #truncated = false

  constructor(graph: PinBoardGraph, options: EgoOptions) {
    this.#graph = graph
    this.#options = options
  }

  add(node: number, hop: number): number {
    const place = this.#nodes.length
    this.#nodes.push(describeNode(this.#graph, node, hop))
    this.#ids.push(node)
    this.#places[hop % 2]!.set(node, place)
    return place
  }

  /** Adds the ring at `hop` around the places of the ring before; returns its places. */
  ring(inner: readonly number[], hop: number): number[] {
    const { nodesMax, edgesMax } = this.#options
    const known = this.#places[hop % 2]!
    const found = new Set<number>()
    const rows = inner.map((place) => this.#read(place, hop - 1))
    for (const row of rows) for (const node of row) if (!known.has(node)) found.add(node)
    const room = Math.min(nodesMax - this.#nodes.length, edgesMax - this.#edges.length)
    // Nodes are numbered by falling degree, so the smallest are the most popular.
    const taken = Uint32Array.from(found).sort().subarray(0, Math.max(0, room))
    if (taken.length < found.size) this.#truncated = true
    const ring = Array.from(taken, (node) => this.add(node, hop))
    this.#join(inner, rows, ring, hop)
    return ring
  }

  /** An edge to every new node first; then the others while there is room. */
  #join(inner: readonly number[], rows: readonly Uint32Array[], ring: number[], hop: number): void {
    const joined = new Set<number>()
    const more: [number, number][] = []
    const isNew = new Set(ring)
    rows.forEach((row, i) => {
      for (const node of row) {
        const place = this.#places[hop % 2]!.get(node)
        if (place === undefined || !isNew.has(place)) continue
        if (joined.has(place)) more.push([inner[i]!, place])
        else {
          joined.add(place)
          this.#edges.push([inner[i]!, place])
        }
      }
    })
    const room = this.#options.edgesMax - this.#edges.length
    assert(room >= 0, 'a ring has no more nodes than there is room for edges')
    for (const edge of more.slice(0, room)) this.#edges.push(edge)
    if (more.length > room) this.#truncated = true
  }

  #read(place: number, hop: number): Uint32Array {
    const row = neighbours(this.#graph, this.#ids[place]!, hop)
    const left = this.#options.readsMax - this.#reads
    this.#reads += Math.min(left, row.length)
    if (row.length <= left) return row
    this.#truncated = true
    return row.subarray(0, left)
  }

  done(): Subgraph {
    return { nodes: this.#nodes, edges: this.#edges, truncated: this.#truncated }
  }
}
