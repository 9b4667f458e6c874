/** The shared graph of a log by outside ids, without actors or a server: a fold of its frames. */
import { bySpace, Interner, kindCode, type Names, NONE } from '../../base/index.ts'
import { heapStore, type NamedEdges, type PinTopics } from '../../graph/index.ts'
import type { Frame } from '../log/index.ts'
import {
  BlockBatch,
  BlockPool,
  type EntryView,
  type RecordBlock,
  roles,
} from '../shard/record-block.ts'
import type { EdgeTable } from './edge-table.ts'
import { Feeder, feederDefaults } from './feeder.ts'
import { GraphProjection } from './graph-projection.ts'

export class GraphFold {
  readonly names: Names = bySpace(() => new Interner())
  readonly #graph = new GraphProjection({
    pinCapacity: 1,
    boardCapacity: 1,
    memory: { store: heapStore },
  })
  readonly #topics = new TopicFold()
  readonly #feeder: Feeder

  constructor(partitions: number) {
    const blocks = new BlockPool(feederDefaults.blockRecords)
    const emit = (block: RecordBlock) => {
      const batch = new BlockBatch(block)
      for (let i = 0; i < block.count; i++) {
        if ((block.roles[i]! & roles.graph) === 0) continue
        this.#graph.apply(batch.record(i))
        this.#topics.apply(batch.record(i))
      }
      blocks.give(block)
    }
    this.#feeder = new Feeder({ names: this.names, partitions, blocks, emit })
  }

  feed(frame: Frame): void {
    this.#feeder.feed(frame)
  }

  /** Everything the log said of edges, what was fed last included. */
  table(): EdgeTable {
    this.#feeder.flush()
    return this.#graph.table
  }

  /** The shared edges: private boards, hidden and deleted things are left out. */
  edges(): NamedEdges {
    const steps = this.table().sharedSteps()
    let step = steps.next()
    while (!step.done) step = steps.next()
    const { pin: pins, board: boards, tag } = this.names
    const counts = { pinCount: pins.size, boardCount: boards.size }
    const topics = this.#topics.of(pins.size, tag.size)
    return { edges: { ...step.value, ...counts }, pins, boards, ...(topics && { topics }) }
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
