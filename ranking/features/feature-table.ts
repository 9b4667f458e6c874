/**
 * What ranking knows of pins, in columns by PinIndex: the only view of pins that rankers read, as
 * the port `FeatureReader`. Here also the table that a projection of the log fills.
 *
 * Columns come from an allocator with a fixed capacity, so every thread of a host reads the same
 * memory. One thread writes a given pin. Counters are sums, descriptions latest-wins, and the day
 * buckets keep the newest `DAYS` days seen of any counted kind, as a pin's actor does: the table is a
 * function of the multiset of entries, and of the actors' states (`restore`).
 * Memory: 148 bytes a pin of capacity, committed where touched.
 */
import {
  type Allocator,
  assert,
  DECLARED,
  f64Array,
  heapAllocator,
  kindCode,
  limits,
  NONE,
  type PinIndex,
  type TagIndex,
  u32Array,
} from '../../base/index.ts'

/** Tags that sources and features read. */
export const TAGS_PER_PIN = 8
/** Tags that are kept: all, since a rule may block any of them. */
export const TAGS_KEPT: number = limits.tagsPerPinMax
export const DAYS = 8
const DAY_MS = 86_400_000

export type FeatureMemory = {
  /** ms since the epoch; 0 where the catalogue is silent. */
  readonly created: Float64Array
  readonly told: Float64Array
  readonly topic: Uint32Array
  readonly language: Uint32Array
  /** TAGS_KEPT a pin, NONE + 1 = 0 where free. */
  readonly tags: Uint32Array
  /** 1 for hidden or deleted. */
  readonly gone: Uint32Array
  readonly impressions: Uint32Array
  readonly closeups: Uint32Array
  readonly saves: Uint32Array
  readonly hides: Uint32Array
  readonly outbounds: Uint32Array
  /** Newest day in the buckets. */
  readonly day: Uint32Array
  readonly savesByDay: Uint32Array
  /** [0] pins in use. */
  readonly counts: Uint32Array
}

/** What rankers and sources read of pins, whoever fills it. */
export interface FeatureReader {
  readonly columns: FeatureMemory
  /** Highest pin heard of + 1. */
  readonly pinCount: number
  /** Hidden or deleted. */
  isGone(pin: number): boolean
  /** NONE where it has none. */
  topic(pin: number): number
  /** The tag at `slot` of a pin, below TAGS_KEPT, or NONE. */
  tag(pin: number, slot: number): number
}

type PinSaid = {
  readonly topic?: TagIndex
  readonly language?: TagIndex
  readonly tags?: readonly TagIndex[]
}

/** What the state of a pin's actor keeps of what is in the columns. */
export type KeptPin = PinSaid & {
  readonly told: number
  readonly created: number
  readonly gone: boolean
  readonly impressions: number
  readonly closeups: number
  readonly saves: number
  readonly hides: number
  readonly outbounds: number
  /** Newest day of any counter. */
  readonly day: number
  /** Saves of the day in bucket `d`, below DAYS. */
  readonly savesOf: (d: number) => number
}

export class FeatureTable implements FeatureReader {
  readonly columns: FeatureMemory

  constructor(columns: FeatureMemory) {
    this.columns = columns
  }

  static create(capacity: number, allocate: Allocator = heapAllocator): FeatureTable {
    const column = () => u32Array(allocate, capacity)
    return new FeatureTable({
      created: f64Array(allocate, capacity),
      told: f64Array(allocate, capacity),
      topic: column(),
      language: column(),
      tags: u32Array(allocate, capacity * TAGS_KEPT),
      gone: column(),
      impressions: column(),
      closeups: column(),
      saves: column(),
      hides: column(),
      outbounds: column(),
      day: column(),
      savesByDay: u32Array(allocate, capacity * DAYS),
      counts: u32Array(allocate, 2),
    })
  }

  get capacity(): number {
    return this.columns.saves.length
  }

  get pinCount(): number {
    return Atomics.load(this.columns.counts, 0)
  }

  isGone(pin: number): boolean {
    return this.columns.gone[pin] === 1
  }

  topic(pin: number): number {
    return (this.columns.topic[pin]! - 1) >>> 0
  }

  tag(pin: number, slot: number): number {
    return (this.columns.tags[pin * TAGS_KEPT + slot]! - 1) >>> 0
  }

  applyEvent(kind: number, pin: PinIndex, time: number): void {
    this.#reach(pin)
    const c = this.columns
    const today = Math.floor(time / DAY_MS)
    if (kind === kindCode.impression) c.impressions[pin]!++
    else if (kind === kindCode.closeup) c.closeups[pin]!++
    else if (kind === kindCode.hide) c.hides[pin]!++
    else if (kind === kindCode.outbound) c.outbounds[pin]!++
    else if (kind === kindCode.save) c.saves[pin]!++
    else if (kind !== DECLARED) return
    if (today > c.day[pin]!) this.#turnDays(pin, today)
    if (kind !== kindCode.save || today <= c.day[pin]! - DAYS) return
    c.savesByDay[pin * DAYS + (today % DAYS)]!++
  }

  applyPin(
    pin: PinIndex,
    time: number,
    told: PinSaid & { readonly created?: number; readonly hidden?: boolean },
  ): void {
    this.#reach(pin)
    if (time < this.columns.told[pin]!) return
    this.#describe(pin, time, told.created ?? time, told)
    this.columns.gone[pin] = told.hidden === true ? 1 : 0
  }

  #describe(pin: number, time: number, created: number, told: PinSaid): void {
    const c = this.columns
    c.told[pin] = time
    c.created[pin] = created
    c.topic[pin] = ((told.topic ?? NONE) + 1) >>> 0
    c.language[pin] = ((told.language ?? NONE) + 1) >>> 0
    for (let slot = 0; slot < TAGS_KEPT; slot++) {
      c.tags[pin * TAGS_KEPT + slot] = ((told.tags?.[slot] ?? NONE) + 1) >>> 0
    }
  }

  deletePin(pin: PinIndex, time: number): void {
    this.#reach(pin)
    if (time < this.columns.told[pin]!) return
    this.#describe(pin, time, 0, {})
    this.columns.gone[pin] = 1
  }

  /** Counts a pin anew: what was told of it stays. */
  recount(pin: number): void {
    const c = this.columns
    for (const column of [c.impressions, c.closeups, c.saves, c.hides, c.outbounds, c.day]) {
      column[pin] = 0
    }
    c.savesByDay.fill(0, pin * DAYS, (pin + 1) * DAYS)
  }

  /**
   * Puts a pin as it was when its state was kept: counters whatever they are now, what was told of
   * it unless something newer is known.
   */
  restore(pin: PinIndex, kept: KeptPin): void {
    this.#reach(pin)
    const c = this.columns
    c.impressions[pin] = kept.impressions
    c.closeups[pin] = kept.closeups
    c.saves[pin] = kept.saves
    c.hides[pin] = kept.hides
    c.outbounds[pin] = kept.outbounds
    c.day[pin] = kept.day
    for (let d = 0; d < DAYS; d++) c.savesByDay[pin * DAYS + d] = kept.savesOf(d)
    if (kept.told < c.told[pin]!) return
    this.#describe(pin, kept.told, kept.created, kept)
    c.gone[pin] = kept.gone ? 1 : 0
  }

  #reach(pin: number): void {
    assert(pin < this.capacity, 'pins are numbered below the reserved capacity')
    const { counts } = this.columns
    for (;;) {
      const count = Atomics.load(counts, 0)
      if (pin < count || Atomics.compareExchange(counts, 0, count, pin + 1) === count) return
    }
  }

  /** Clears the days that `today` pushes out. */
  #turnDays(pin: number, today: number): void {
    const { day, savesByDay } = this.columns
    for (let d = Math.max(day[pin]! + 1, today - DAYS + 1); d <= today; d++) {
      savesByDay[pin * DAYS + (d % DAYS)] = 0
    }
    day[pin] = today
  }
}
