/** The log as its delivery reads it: by partition, from anywhere, and on as it grows. */
import { pinwheelError } from '../../../base/index.ts'
import type { EventLog, Frame } from '../../log/index.ts'

export type Beginning = {
  /** A position in the first frame that is wanted; the log may begin later. */
  readonly from: number
  /** The last position of a frame, -1 for none: what follows it must be there. */
  readonly after: number
}

export interface DeliveredLog {
  readonly partitions: number
  /**
   * The frames of a partition from a beginning on, and those that come, until aborted. One without
   * entries tells that nothing more lies before it. LOG_DROPPED.
   */
  follow(partition: number, beginning: Beginning, signal: AbortSignal): AsyncIterable<Frame>
  /** Those from the one with position `from` on that begin before `to`. */
  range(partition: number, from: number, to: number): AsyncIterable<Frame>
}

/** A log on this machine's disk. */
export class DeliveredFileLog implements DeliveredLog {
  readonly #log: EventLog
  readonly #listeners = new Set<(frame: Frame) => void>()

  constructor(log: EventLog) {
    this.#log = log
    log.onFlushed((frame) => {
      for (const listener of this.#listeners) listener(frame)
    })
  }

  get partitions(): number {
    return this.#log.partitions
  }

  async *follow(
    partition: number,
    { from, after }: Beginning,
    signal: AbortSignal,
  ): AsyncIterable<Frame> {
    const first = this.#log.begins()[partition]!
    if (after + 1 < first) {
      const details = { directory: 'this host', partition, first }
      throw pinwheelError('LOG_DROPPED', { ...details, reason: 'its actors lack some of it' })
    }
    const come: Frame[] = []
    let wake = () => {}
    const listener = (frame: Frame) => {
      if (frame.partition !== partition) return
      come.push(frame)
      wake()
    }
    const stop = () => wake()
    this.#listeners.add(listener)
    signal.addEventListener('abort', stop)
    try {
      let next = from
      for await (const frame of this.range(partition, from, Number.POSITIVE_INFINITY)) {
        yield frame
        next = frame.first + frame.count
        if (signal.aborted) return
      }
      while (!signal.aborted) {
        const frame = come.shift()
        // What came while the log was read was read as well.
        if (frame && frame.first >= next) yield frame
        else if (!frame) await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', stop)
      this.#listeners.delete(listener)
    }
  }

  async *range(partition: number, from: number, to: number): AsyncIterable<Frame> {
    // Of the others nothing is wanted.
    const begins = this.#log.positions().map((end, p) => (p === partition ? from : end))
    for await (const frame of this.#log.read(begins)) {
      if (frame.partition !== partition) continue
      if (frame.first >= to) return
      yield frame
    }
  }
}
