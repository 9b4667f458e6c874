/** The shared graph's edges as a log has them: for commands that look at the graph alone. */
import { bySpace, Interner, type Names } from '../../base/index.ts'
import { heapStore, type NamedEdges } from '../../graph/index.ts'
import type { EventLog } from '../log/index.ts'
import { BlockBatch, BlockPool, type RecordBlock, roles } from '../shard/record-block.ts'
import { Feeder, feederDefaults } from './feeder.ts'
import { GraphProjection } from './graph-projection.ts'

/** Folds the whole log; private boards, hidden and deleted things are left out. */
export async function edgesFromLog(log: EventLog): Promise<NamedEdges> {
  const names: Names = bySpace(() => new Interner())
  const graph = new GraphProjection({ pinCapacity: 1, boardCapacity: 1, store: heapStore })
  const blocks = new BlockPool(feederDefaults.blockRecords)
  const emit = (block: RecordBlock) => {
    const batch = new BlockBatch(block)
    for (let i = 0; i < block.count; i++) {
      if ((block.roles[i]! & roles.graph) !== 0) graph.apply(batch.record(i))
    }
    blocks.give(block.buffer)
  }
  const feeder = new Feeder({ names, partitions: log.partitions, blocks, emit })
  for await (const frame of log.read()) feeder.feed(frame)
  feeder.flush()
  const steps = graph.table.sharedSteps(() => {})
  let step = steps.next()
  while (!step.done) step = steps.next()
  const counts = { pinCount: names.pin.size, boardCount: names.board.size }
  return { edges: { ...step.value, ...counts }, pins: names.pin, boards: names.board }
}
