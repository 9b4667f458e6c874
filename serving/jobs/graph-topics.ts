/** The topics that a look at the graph goes by, and where they come from. */
import { NONE } from '../../base/index.ts'
import { communityTopics } from '../../graph/analysis/index.ts'
import type { NamedEdges, PinBoardGraph, PinTopics } from '../../graph/index.ts'

/** Those that the source gave; communities where it gave none. */
export function topicsOf(
  { topics }: NamedEdges,
  graph: PinBoardGraph,
  seed: number,
): { readonly topics: PinTopics; readonly source: string } {
  if (topics) {
    const having = graph.pinOfNode.reduce((n, pin) => n + (topics.of[pin] === NONE ? 0 : 1), 0)
    const share = Math.round((100 * having) / Math.max(1, graph.pinNodes))
    return { topics, source: `given for ${share} % of the pins with edges` }
  }
  const found = communityTopics(graph, { seed })
  const modularity = found.modularity.toFixed(3)
  const source = `none given; ${found.count} communities of pins (Louvain, modularity ${modularity})`
  return { topics: found, source }
}
