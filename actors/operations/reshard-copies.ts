/**
 * The log of a cluster for another number of partitions: every message of the old one is divided by
 * the owners of its entries, in the order of the old log, so that entries of an owner keep theirs,
 * and whoever had read up to a message of the old one has read up to a place of the new one.
 *
 * What was a resend stays one, or is left out. Where partitions become fewer, the entry that it
 * repeats may lie farther back in the new one than a window of duplicates reaches: who folds the
 * new log would take it for new. Where they become more, an id that came again after a window was
 * over may be within one now, and who folds the new log from its beginning counts it once.
 *
 * Memory: a window of duplicates (6.3 MiB) for each partition, old and new.
 */

import { FrameMarks } from '../hosts/dapr/frame-marks.ts'
import type { StreamMessage } from '../ingest/index.ts'
import { noFacts, type PartitionFacts, withMessage } from '../ingest/partition-facts.ts'
import { positionOf } from '../ingest/position.ts'
import { encodeFrame } from '../log/frame.ts'
import { DuplicateWindow, type EntryReader, type Frame, packedParts } from '../log/index.ts'

/** A place in the order of both logs. */
export type Cut = {
  /** Everything up to this message of the old one; */
  readonly sequence: number
  /** everything before this position of the new one, in whichever partition. */
  readonly position: number
  /** By new partition, where reading begins so that resends are known. */
  readonly begins: readonly number[]
}

export type CopiesOptions = {
  /** Numbers of partitions. */
  readonly from: number
  readonly to: number
  /** The last sequence of the old log, behind which the copies lie. */
  readonly last: number
  /** Sequences of the old log up to which somebody has read. */
  readonly cuts: readonly number[]
  readonly duplicateWindow?: number
}

/** Messages after which marks that nobody needs are forgotten. */
const TIDY = 4_096

export class Copies {
  readonly #to: number
  readonly #last: number
  readonly #old: readonly DuplicateWindow[]
  readonly #new: readonly DuplicateWindow[]
  readonly #marks: readonly FrameMarks[]
  /** Ascending, those that were not come to yet. */
  #ahead: readonly number[]
  #facts: PartitionFacts[]
  #end: number
  #bytes = 0
  readonly #cuts: Cut[] = []

  constructor({ from, to, last, cuts, duplicateWindow }: CopiesOptions) {
    this.#to = to
    this.#last = last
    this.#end = last
    const windows = (count: number) =>
      Array.from({ length: count }, () => new DuplicateWindow(duplicateWindow))
    this.#old = windows(from)
    this.#new = windows(to)
    this.#marks = this.#new.map(({ places }) => new FrameMarks(places))
    this.#ahead = [...new Set([...cuts, last])].toSorted((a, b) => a - b)
    this.#facts = noFacts(to)
  }

  /** The messages that stand for the next one of the old log, in their order. */
  take({ partition, sequence, payload }: Frame): StreamMessage[] {
    if (sequence > this.#last) return []
    this.#cut(sequence - 1)
    const old = this.#old[partition]!
    const isWanted = (reader: EntryReader, to: number) => stays(reader, old, this.#new[to]!)
    return packedParts(payload, this.#to, isWanted).map((part) => {
      const first = positionOf(++this.#end, 0)
      const data = encodeFrame({ ...part, sequence: 0, first: 0 })
      this.#marks[part.partition]!.add({ ...part, sequence: this.#end, first })
      const placed = { partition: part.partition, sequence: this.#end, data }
      this.#facts = withMessage(this.#facts, placed)
      this.#bytes += data.length
      if (this.#end % TIDY === 0) for (const marks of this.#marks) marks.forget(first)
      return { partition: part.partition, data }
    })
  }

  /** When all was taken: what was made of it. */
  finish() {
    this.#cut(Number.POSITIVE_INFINITY)
    return {
      last: this.#last,
      end: this.#end,
      bytes: this.#bytes,
      partitions: this.#facts,
      cuts: this.#cuts,
    }
  }

  /** Notes where those are who have read up to this message, or less. */
  #cut(sequence: number): void {
    while (this.#ahead.length > 0 && this.#ahead[0]! <= sequence) {
      const position = positionOf(this.#end + 1, 0)
      const begins = this.#marks.map((marks) => marks.begin(position - 1))
      this.#cuts.push({ sequence: this.#ahead[0]!, position, begins })
      this.#ahead = this.#ahead.slice(1)
    }
  }
}

/** Whether an entry is copied; both windows know it then. */
function stays(reader: EntryReader, old: DuplicateWindow, now: DuplicateWindow): boolean {
  if (!reader.isEvent) {
    old.pass()
    now.pass()
    return true
  }
  const { bytes, ownerStart, ownerEnd, eventStart, eventEnd } = reader
  const key = [bytes, ownerStart, ownerEnd, eventStart, eventEnd] as const
  if (old.check(...key) && !now.knows(...key)) return false
  now.check(...key)
  return true
}
