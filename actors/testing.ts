/** Records and states for tests of this room. */
import {
  aloneOnItsPage,
  bySpace,
  type Entry,
  Interner,
  type Names,
  type StateFields,
  type StateSchema,
} from '../base/index.ts'
import type { ActorContext } from './actor.ts'
import { EntryWriter, type Frame } from './log/index.ts'
import { Feeder } from './projections/feeder.ts'
import { BlockBatch, type EntryBatch, type RecordBlock } from './shard/record-block.ts'

export const newNames = (): Names => bySpace(() => new Interner())

/** One frame of one partition. */
export function frameOf(entries: readonly Entry[], first = 0, partition = 0): Frame {
  const writer = new EntryWriter()
  for (const entry of entries) writer.append(entry)
  return { partition, sequence: first, first, ...writer.take() }
}

/** The records that a feeder makes of entries, as one batch. */
export function recordsOf(entries: readonly Entry[], names: Names): RecordBlock {
  let made: RecordBlock | undefined
  const feeder = new Feeder({
    names,
    partitions: 1,
    emit: (block) => {
      made = block
    },
  })
  feeder.feed(frameOf(entries))
  feeder.flush()
  if (!made) throw new Error('no records were made')
  return made
}

/** Records `from .. to` of a block as an actor's batch. */
export function batchOf(block: RecordBlock, from = 0, to = block.count): EntryBatch {
  const order = Uint32Array.from({ length: block.count }, (_, i) => i)
  return new BlockBatch().open(block, order).window(from, to - from)
}

/** A state of its own and the context over it; `write` is a committed turn. */
export function standalone<F extends StateFields>(schema: StateSchema<F>) {
  const handle = aloneOnItsPage(schema)
  const context: ActorContext<F> = { id: 'x', state: handle.state }
  const write = (change: () => void) => {
    handle.stage.open()
    handle.begin()
    change()
    handle.commit()
    handle.stage.close()
  }
  return { handle, context, write }
}
