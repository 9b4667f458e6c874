/** What `graph push` and `graph bulk` send: a log's graph, a data set's, or a made-up one. */
import { FollowedGraph } from '../../actors/index.ts'
import { pinwheelError } from '../../base/index.ts'
import { type BoardRows, boardRows, generatedEdges } from '../../graph/index.ts'
import type { LogCursor } from '../../graph/neo4j/index.ts'
import { type GraphPlace, openGraph } from './open-graph.ts'

export type GraphSource = GraphPlace & {
  /** Edges of a made-up graph. */
  readonly generated?: number
  readonly seed: number
}

export type SourceRows = {
  readonly rows: BoardRows
  /** Where the log was; a data set has none. */
  readonly cursor?: LogCursor
}

/** CONFIG_INVALID unless one source is named. */
export function checkSource({ data, dataset, generated }: GraphSource): void {
  if ([data, dataset, generated].filter((given) => given !== undefined).length !== 1) {
    const problems =
      'It needs one of --data DIR, --dataset PATH with --format F, and --generated EDGES.'
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
}

/** Reads the source. A server may have the data directory. */
export async function sourceRows(source: GraphSource): Promise<SourceRows> {
  checkSource(source)
  const { data, generated, seed } = source
  if (generated !== undefined)
    return { rows: boardRows(generatedEdges({ edges: generated, seed })) }
  if (data === undefined) return { rows: boardRows(await openGraph(source)) }
  const followed = await FollowedGraph.open({ directory: data })
  await followed.advance()
  return { rows: boardRows(followed.edges()), cursor: followed.cursor }
}
