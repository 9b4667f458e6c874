/** How central each node of a subgraph is within it. */
import { UndirectedGraph } from 'graphology'
import betweennessOf from 'graphology-metrics/centrality/betweenness.js'
import pagerankOf from 'graphology-metrics/centrality/pagerank.js'
import type { Subgraph } from './subgraph.ts'

/** By place in the subgraph's nodes. */
export type Centrality = {
  /** Share of a surfer's time (Page et al. 1999, damping .85); sums to 1. */
  readonly pagerank: Float64Array
  /** Share of the shortest paths of other pairs that pass (Brandes 2001), from 0 to 1. */
  readonly betweenness: Float64Array
}

/** O(nodes × edges) for betweenness: for subgraphs of a few thousand nodes. */
export function centralityOf({ nodes, edges }: Subgraph): Centrality {
  const graph = new UndirectedGraph()
  for (let i = 0; i < nodes.length; i++) graph.addNode(i)
  for (const [from, to] of edges) graph.addEdge(from, to)
  const pagerank = pagerankOf(graph, { getEdgeWeight: null })
  const betweenness = betweennessOf(graph, { getEdgeWeight: null, normalized: true })
  const column = (of: Readonly<Record<string, number>>) =>
    // The library divides by zero in a graph of one or two nodes, where nothing lies between.
    Float64Array.from(nodes.keys(), (i) => (Number.isFinite(of[i]) ? of[i]! : 0))
  return { pagerank: column(pagerank), betweenness: column(betweenness) }
}
