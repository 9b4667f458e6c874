/**
 * The log as data for evaluation: what users saved, and what they saw and did not save. It is read
 * by the code that every fold of the log reads it with, so resends are no rows and entries that
 * were taken out do not exist.
 *
 * A save is a save. Impressions (but those that were not viewed), close-ups, clicks out and hides
 * are showings; `InteractionsBuilder` says which of them are rows. An unsave takes nothing back: at
 * the time the user had saved it. Kinds that an operator declares are no rows. A user who was
 * deleted has no rows from before.
 */
import { bySpace, Interner, kindCode, type Names } from '../../base/index.ts'
import { type Interactions, InteractionsBuilder } from '../../ranking/index.ts'
import type { Frame } from '../log/index.ts'
import { Feeder, feederDefaults } from '../projections/feeder.ts'
import { BlockBatch, BlockPool, type RecordBlock } from '../shard/record-block.ts'

const showings: readonly number[] = [
  kindCode.impression,
  kindCode.closeup,
  kindCode.outbound,
  kindCode.hide,
]

/** What it reads: a log that is open, or one that another process writes. */
export interface FrameSource {
  readonly partitions: number
  read(): AsyncIterable<Frame>
}

/** `resends`: entries that were no rows because the log had them. */
export async function interactionsFromLog(
  log: FrameSource,
  onProgress?: (entries: number) => void,
): Promise<{ readonly interactions: Interactions; readonly resends: number }> {
  const names: Names = bySpace(() => new Interner())
  const builder = new InteractionsBuilder()
  let seen = 0
  const blocks = new BlockPool(feederDefaults.blockRecords)
  const emit = (block: RecordBlock) => {
    seen += gather(block, names, builder)
    blocks.give(block)
  }
  const { partitions } = log
  const feeder = new Feeder({ names, partitions, blocks, emit, contexts: true })
  for await (const frame of log.read()) {
    feeder.feed(frame)
    onProgress?.(feeder.entries)
  }
  feeder.flush()
  return { interactions: builder.build('times', seen > 0), resends: feeder.resends }
}

/** Adds the rows of a block; how many were showings. */
function gather(block: RecordBlock, names: Names, builder: InteractionsBuilder): number {
  const batch = new BlockBatch(block)
  let seen = 0
  for (let i = 0; i < block.count; i++) {
    const { kind, owner, pin, time } = batch.record(i)
    if (kind === kindCode['delete-user']) builder.forget(names.user.id(owner))
    const isSave = kind === kindCode.save
    const isShowing = showings.includes(kind)
    if (!isSave && !isShowing) continue
    if (isShowing && block.payloads.get(i)?.context?.viewed === false) continue
    builder.meet(names.user.id(owner), names.pin.id(pin), time, isSave)
    if (isShowing) seen++
  }
  return seen
}
