/**
 * A part of the graph as GEXF 1.3, which Gephi and others read: outside ids as labels, and kind,
 * degree, hop, PageRank, betweenness and community as columns. The text is made here; who writes it
 * to a file is the caller's business.
 */
import { UndirectedGraph } from 'graphology'
import gexf from 'graphology-gexf'
import type { IdReader } from '../named-edges.ts'
import type { Centrality } from './centrality.ts'
import type { Subgraph } from './subgraph.ts'

export type GexfOptions = {
  readonly pins: IdReader
  readonly boards: IdReader
  /** By place in the subgraph's nodes. */
  readonly centrality?: Centrality
  /** Community of a pin by its host number. */
  readonly community?: (pin: number) => number | undefined
}

export function toGexf(subgraph: Subgraph, options: GexfOptions): string {
  const { pins, boards, centrality, community } = options
  const graph = new UndirectedGraph()
  subgraph.nodes.forEach(({ kind, number, degree, hop }, place) => {
    const group = kind === 'pin' ? community?.(number) : undefined
    graph.addNode(`${kind} ${number}`, {
      label: printable((kind === 'pin' ? pins : boards).id(number)),
      kind,
      degree,
      hop,
      ...(centrality && {
        pagerank: centrality.pagerank[place],
        betweenness: centrality.betweenness[place],
      }),
      ...(group !== undefined && { community: group }),
    })
  })
  const key = (place: number) => `${subgraph.nodes[place]!.kind} ${subgraph.nodes[place]!.number}`
  for (const [from, to] of subgraph.edges) {
    graph.addEdgeWithKey(`${key(from)} - ${key(to)}`, key(from), key(to))
  }
  return gexf.write(graph, { version: '1.3' })
}

/** Ids have no control characters, but two other code points that XML cannot carry at all. */
function printable(id: string): string {
  return id.replace(/[\ufffe\uffff]/g, '\ufffd')
}
