/**
 * Entries of requests to the stream: packed for their partitions, acknowledged when the stream has
 * them. A resend has no effect anywhere, since whoever reads the stream knows it; that it is one is
 * told where this edge saw the first.
 */
import type { Entry } from '../../base/index.ts'
import { formatPosition, type Position } from '../hosts/embedded/position.ts'
import { DuplicateWindow, type EntryPart, EntryReader, entryParts } from '../log/index.ts'
import type { EdgeLog } from './edge-log.ts'

/** Entries of a partition among which this edge knows a resend. */
const PLACES = 8_192

export type EdgeVerdict = 'accepted' | 'duplicate'

export class EdgeIntake {
  readonly #log: Pick<EdgeLog, 'partitions' | 'append'>
  readonly #windows: readonly DuplicateWindow[]

  constructor(log: Pick<EdgeLog, 'partitions' | 'append'>) {
    this.#log = log
    this.#windows = Array.from({ length: log.partitions }, () => new DuplicateWindow(PLACES))
  }

  /**
   * INGEST_BUSY, INGEST_UNREACHABLE, LOG_WRITE_FAILED: none is acknowledged, though some may be in
   * the stream; sent again they count once.
   */
  async append(
    entries: readonly Entry[],
  ): Promise<{ readonly position: string; readonly verdicts: EdgeVerdict[] }> {
    const sent = entryParts(entries, this.#log.partitions).map(async (part) => {
      const { partition, payload, count } = part
      const { last } = await this.#log.append(partition, payload, count)
      return { partition, last, resent: this.#resent(part) }
    })
    // All must settle before any failure is told: others may yet be written.
    const results = await Promise.allSettled(sent)
    const position: Position = new Map()
    const verdicts = entries.map((): EdgeVerdict => 'accepted')
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason
      position.set(result.value.partition, result.value.last)
      for (const place of result.value.resent) verdicts[place] = 'duplicate'
    }
    return { position: formatPosition(position), verdicts }
  }

  /** Of what the stream has now: places of entries that it had before. */
  #resent({ partition, payload, places }: EntryPart): number[] {
    const window = this.#windows[partition]!
    const reader = new EntryReader(payload)
    return places.filter(() => {
      reader.next()
      const { bytes, ownerStart, ownerEnd, eventStart, eventEnd } = reader
      if (reader.isEvent) return window.check(bytes, ownerStart, ownerEnd, eventStart, eventEnd)
      window.pass()
      return false
    })
  }
}
