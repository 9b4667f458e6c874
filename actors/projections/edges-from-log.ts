/** The shared graph's edges as a log has them: for commands that look at the graph alone. */
import { pinwheelError } from '../../base/index.ts'
import type { NamedEdges } from '../../graph/index.ts'
import type { EventLog } from '../log/index.ts'
import { GraphFold } from './graph-fold.ts'

/** Folds the whole log; private boards, hidden and deleted things are left out. LOG_DROPPED. */
export async function edgesFromLog(log: EventLog, directory: string): Promise<NamedEdges> {
  const begins = log.begins()
  const partition = begins.findIndex((first) => first > 0)
  if (partition >= 0) {
    const first = begins[partition]!
    const reason = 'this needs the whole log. PINWHEEL_LOG_MB=0 keeps one whole'
    throw pinwheelError('LOG_DROPPED', { directory, partition, first, reason })
  }
  const fold = new GraphFold(log.partitions)
  for await (const frame of log.read()) fold.feed(frame)
  return fold.edges()
}
