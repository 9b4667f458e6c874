/**
 * The log as its users see it. The log is the truth: an entry is acknowledged when the log holds
 * it, and everything else is a fold of it.
 *
 * Entries lie in partitions; an entry's position counts from 0 within its partition. Frames carry a
 * host-wide sequence, so that a reader of all partitions sees one total order, the same every time.
 */

export type Frame = {
  readonly partition: number
  /** Host-wide order of frames. */
  readonly sequence: number
  /** Position of its first entry. */
  readonly first: number
  readonly count: number
  /** Packed entries (`packed-entry.ts`). */
  readonly payload: Uint8Array
}

export type Receipt = { readonly partition: number; readonly first: number; readonly last: number }

export interface EventLog {
  readonly partitions: number
  /** Positions the next entries will get, by partition. */
  positions(): readonly number[]
  /** Positions of the first entries that are there, by partition. */
  begins(): readonly number[]
  /**
   * Resolves when the entries are on the disk (or written, where the log was opened so), in order
   * of the calls per partition.
   * LOG_WRITE_FAILED: none of them is acknowledged.
   */
  append(partition: number, payload: Uint8Array, count: number): Promise<Receipt>
  /** All flushed frames in sequence order, from the given position of each partition. */
  read(from?: readonly number[]): AsyncIterable<Frame>
  /** Called with every frame once it is flushed, in order of sequence over all partitions. */
  onFlushed(listener: (frame: Frame) => void): void
  /**
   * Drops the oldest segments that lie wholly below the positions, as far as more than `keepBytes`
   * of each partition stay.
   */
  drop(below: readonly number[], keepBytes: number): Promise<void>
  /** Why appends are refused, once an fsync has failed. */
  readonly failure: string | undefined
  readonly stats: { readonly fsyncs: number; readonly frames: number; readonly bytes: number }
  close(): Promise<void>
}
