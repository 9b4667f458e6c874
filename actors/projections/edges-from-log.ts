/** The shared graph's edges as a log has them: for commands that look at the graph alone. */
import { bySpace, Interner, kindCode, type Names, NONE } from '../../base/index.ts'
import { heapStore, type NamedEdges, type PinTopics } from '../../graph/index.ts'
import type { EventLog } from '../log/index.ts'
import {
  BlockBatch,
  BlockPool,
  type EntryView,
  type RecordBlock,
  roles,
} from '../shard/record-block.ts'
import { Feeder, feederDefaults } from './feeder.ts'
import { GraphProjection } from './graph-projection.ts'

/** Nobody walks here: room for what is hidden is all that matters. */
const capacities = { pinCapacity: 2 ** 26, boardCapacity: 1, store: heapStore }

/** Folds the whole log; private boards, hidden and deleted things are left out. */
export async function edgesFromLog(log: EventLog): Promise<NamedEdges> {
  const names: Names = bySpace(() => new Interner())
  const graph = new GraphProjection(capacities)
  const blocks = new BlockPool(feederDefaults.blockRecords)
  const topics = new TopicFold()
  const emit = (block: RecordBlock) => {
    const batch = new BlockBatch(block)
    for (let i = 0; i < block.count; i++) {
      if ((block.roles[i]! & roles.graph) === 0) continue
      graph.apply(batch.record(i))
      topics.apply(batch.record(i))
    }
    blocks.give(block.buffer)
  }
  const feeder = new Feeder({ names, partitions: log.partitions, blocks, emit })
  for await (const frame of log.read()) feeder.feed(frame)
  feeder.flush()
  const steps = graph.table.sharedSteps()
  let step = steps.next()
  while (!step.done) step = steps.next()
  const counts = { pinCount: names.pin.size, boardCount: names.board.size }
  const told = topics.of(names.pin.size, names.tag.size)
  return {
    edges: { ...step.value, ...counts },
    pins: names.pin,
    boards: names.board,
    ...(told && { topics: told }),
  }
}

/** What pin entries say of topics; the last entry of a pin counts. */
class TopicFold {
  readonly #topic: number[] = []
  readonly #time: number[] = []

  apply({ kind, pin, time, payload }: EntryView): void {
    if (kind !== kindCode.pin || time < (this.#time[pin] ?? Number.NEGATIVE_INFINITY)) return
    this.#time[pin] = time
    this.#topic[pin] = payload?.topic ?? NONE
  }

  /** Undefined when no pin has a topic. */
  of(pinCount: number, count: number): PinTopics | undefined {
    const of = Uint32Array.from({ length: pinCount }, (_, pin) => this.#topic[pin] ?? NONE)
    return of.every((topic) => topic === NONE) ? undefined : { of, count }
  }
}
