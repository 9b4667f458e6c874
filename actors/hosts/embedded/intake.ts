/**
 * The way in: entries are packed for their partitions and appended; what the feeder then says of
 * them, who knows resends, becomes the answer.
 */
import { type Entry, entryOwner } from '../../../base/index.ts'
import { EntryWriter, type EventLog, type Frame } from '../../log/index.ts'
import type { Feeder } from '../../projections/feeder.ts'
import { hashOf } from './outside-ids.ts'
import { formatPosition, type Position, parsePosition } from './position.ts'

export type Verdict = 'accepted' | 'duplicate'
export type Ingested = { readonly position: string; readonly verdicts: readonly Verdict[] }

/** The entries of one request that go to one partition. */
type Part = { readonly partition: number; readonly payload: Uint8Array; readonly count: number }

export class Intake {
  readonly #log: EventLog
  readonly #feeder: Feeder
  readonly #writers: readonly EntryWriter[]
  /** Places of resends in payloads, until who appended them has been told. */
  readonly #resent = new WeakMap<Uint8Array, readonly number[]>()

  constructor(log: EventLog, feeder: Feeder) {
    this.#log = log
    this.#feeder = feeder
    this.#writers = Array.from({ length: log.partitions }, () => new EntryWriter())
  }

  partitionOf(id: string): number {
    return hashOf(id) % this.#log.partitions
  }

  /** False when `after` names entries of this user's partition that are not fed yet. */
  hasApplied(after: string | undefined, id: string): boolean {
    if (after === undefined) return true
    const partition = this.partitionOf(id)
    const position = parsePosition(after, this.#log.partitions).get(partition)
    return position === undefined || position < this.#feeder.positions()[partition]!
  }

  /** Hands a flushed frame on. */
  feed(frame: Frame): void {
    const resent = this.#feeder.feed(frame)
    if (resent.length > 0) this.#resent.set(frame.payload, resent)
  }

  /** LOG_WRITE_FAILED when none of a partition's could be written. */
  async append(entries: readonly Entry[]): Promise<Ingested> {
    const touched = new Set<number>()
    for (const entry of entries) {
      const partition = this.partitionOf(entryOwner(entry))
      this.#writers[partition]!.append(entry)
      touched.add(partition)
    }
    const parts = Array.from(touched, (partition): Part => {
      return { partition, ...this.#writers[partition]!.take() }
    })
    // All must settle before any failure is told: others may yet be written.
    const results = await Promise.allSettled(
      parts.map(({ partition, payload, count }) => this.#log.append(partition, payload, count)),
    )
    for (const result of results) if (result.status === 'rejected') throw result.reason
    this.#feeder.flush()
    const position: Position = new Map()
    for (const result of results) {
      if (result.status === 'fulfilled') position.set(result.value.partition, result.value.last)
    }
    return { position: formatPosition(position), verdicts: this.#verdicts(entries, parts) }
  }

  /** What the feeder said of the entries: it has read them before their append resolves. */
  #verdicts(entries: readonly Entry[], parts: readonly Part[]): Verdict[] {
    const verdicts = entries.map((): Verdict => 'accepted')
    const resent = new Map<number, ReadonlySet<number>>()
    for (const { partition, payload } of parts) {
      const places = this.#resent.get(payload)
      if (places) resent.set(partition, new Set(places))
    }
    if (resent.size === 0) return verdicts
    const next = new Map<number, number>()
    entries.forEach((entry, i) => {
      const partition = this.partitionOf(entryOwner(entry))
      const place = next.get(partition) ?? 0
      next.set(partition, place + 1)
      if (resent.get(partition)?.has(place)) verdicts[i] = 'duplicate'
    })
    return verdicts
  }
}
