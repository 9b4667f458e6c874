/** The shared graph's edges as a log has them: for commands that look at the graph alone. */
import type { NamedEdges } from '../../graph/index.ts'
import type { EventLog } from '../log/index.ts'
import { GraphFold } from './graph-fold.ts'

/** Folds the whole log; private boards, hidden and deleted things are left out. */
export async function edgesFromLog(log: EventLog): Promise<NamedEdges> {
  const fold = new GraphFold(log.partitions)
  for await (const frame of log.read()) fold.feed(frame)
  return fold.edges()
}
