/**
 * What clients did and heard, as they know it: what they sent, what was acknowledged where, and
 * what they read. Kept outside of the host; laws compare it with the log and with the host.
 */
import type { Verdict } from '../../actors/index.ts'
import { type Entry, entryOwner, hashBytes, isEvent } from '../../base/index.ts'

/** What tells an entry from every other; a resend has the same. */
export function keyOf(entry: Entry): string {
  return isEvent(entry) ? `${entry.user} ${entry.id}` : `${entry.kind} ${entry.id} ${entry.time}`
}

/** Where an acknowledged entry stands. */
export type Place = { readonly partition: number; readonly position: number }

export type AcknowledgedEntry = Place & {
  readonly entry: Entry
  readonly key: string
  readonly verdict: Verdict
}

/** A request that was acknowledged, and the client's count of its requests. */
export type AcknowledgedBatch = {
  readonly client: string
  readonly entries: readonly AcknowledgedEntry[]
  /** False for a batch that had been acknowledged before and was sent again. */
  readonly isFirst: boolean
}

/** A read that waited for `after`: what it had to show, and what it showed. */
export type WitnessRead = {
  readonly user: string
  /** False when the host said that it had not come so far. */
  readonly isCurrent: boolean
  readonly expected: readonly number[]
  readonly applied: readonly number[]
}

export type Feed = {
  readonly user: string
  /** Pins whose impressions were acknowledged before it was asked for. */
  readonly seen: ReadonlySet<string>
  readonly pins: readonly string[]
}

/** What is known of a counter to which 1 was added again and again. */
export class CounterHistory {
  attempts = 0
  /** Results that were acknowledged. */
  readonly results: number[] = []
}

export class History {
  readonly partitions: number
  readonly sent = new Map<string, Entry>()
  readonly batches: AcknowledgedBatch[] = []
  readonly reads: WitnessRead[] = []
  readonly feeds: Feed[] = []
  readonly counters = new Map<string, CounterHistory>()
  /** What did not come to an end though nothing hindered it. */
  readonly stuck: string[] = []
  readonly #partitionOf = new Map<string, number>()
  readonly #seen = new Map<string, Set<string>>()

  constructor(partitions: number) {
    this.partitions = partitions
  }

  send(entries: readonly Entry[]): void {
    for (const entry of entries) this.sent.set(keyOf(entry), entry)
  }

  acknowledge(
    batch: Omit<AcknowledgedBatch, 'entries'> & { readonly entries: readonly Entry[] },
    position: string,
    verdicts: readonly Verdict[],
  ): AcknowledgedBatch {
    const places = this.#places(batch.entries, position)
    const entries = batch.entries.map((entry, i): AcknowledgedEntry => {
      if (isEvent(entry) && entry.kind === 'impression') this.#see(entry.user, entry.pin!)
      return { ...places[i]!, entry, key: keyOf(entry), verdict: verdicts[i]! }
    })
    const acknowledged = { ...batch, entries }
    this.batches.push(acknowledged)
    return acknowledged
  }

  /** Pins whose impressions were acknowledged so far. */
  seenBy(user: string): ReadonlySet<string> {
    return new Set(this.#seen.get(user))
  }

  counter(id: string): CounterHistory {
    const known = this.counters.get(id)
    if (known) return known
    const counter = new CounterHistory()
    this.counters.set(id, counter)
    return counter
  }

  partitionOf(owner: string): number {
    const known = this.#partitionOf.get(owner)
    if (known !== undefined) return known
    const bytes = Buffer.from(owner)
    const partition = hashBytes(bytes, 0, bytes.length) % this.partitions
    this.#partitionOf.set(owner, partition)
    return partition
  }

  /** A position names the last entry in each partition; the others stand before it in order. */
  #places(entries: readonly Entry[], position: string): Place[] {
    const next = new Map<number, number>()
    const partitions = entries.map((entry) => this.partitionOf(entryOwner(entry)))
    for (const part of position.split('.')) {
      const [partition, last] = part.split('-').map(Number)
      const count = partitions.filter((p) => p === partition).length
      next.set(partition!, last! - count + 1)
    }
    return partitions.map((partition) => {
      const at = next.get(partition) ?? Number.NaN
      next.set(partition, at + 1)
      return { partition, position: at }
    })
  }

  #see(user: string, pin: string): void {
    const seen = this.#seen.get(user)
    if (seen) seen.add(pin)
    else this.#seen.set(user, new Set([pin]))
  }
}
