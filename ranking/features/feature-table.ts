/**
 * What ranking knows of pins, by PinIndex: the only view of pins that rankers read, as the port
 * `FeatureReader`. Here also the table that a projection of the log fills.
 *
 * What features read of every candidate lies in one record a pin, as long as a line of a cache: a
 * pin of a large table is a miss a line. Columns come from an allocator with a fixed capacity, so
 * every thread of a host reads the same memory. One thread writes a given pin. Counters are sums,
 * descriptions latest-wins, and the day buckets keep the newest `DAYS` days seen of any counted
 * kind, as a pin's actor does: the table is a function of the multiset of entries, and of the
 * actors' states (`restore`). Memory: 152 bytes a pin of capacity, committed where touched.
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
import { likenessOf, type SaidOfThing } from './likeness.ts'

/** Tags that sources and features read. */
export const TAGS_PER_PIN = 8
/** Tags that are kept: all, since a rule may block any of them. */
export const TAGS_KEPT: number = limits.tagsPerPinMax
export const DAYS = 8
const DAY_MS = 86_400_000

/** Words of a record before the days. */
export const facts = {
  /** + 1; 0 where there is none. */
  topic: 0,
  /** + 1, too. */
  language: 1,
  impressions: 2,
  closeups: 3,
  saves: 4,
  hides: 5,
  outbounds: 6,
  /** Newest day in the buckets, in days since the epoch. */
  day: 7,
} as const
/** Saves of day d are in word FIRST_DAY + d % DAYS. */
export const FIRST_DAY = 8
export const RECORD: number = FIRST_DAY + DAYS
export type Fact = keyof typeof facts

export type FeatureMemory = {
  /** RECORD words a pin: `facts`, then saves of DAYS days. */
  readonly records: Uint32Array
  /** ms since the epoch; 0 where the catalogue is silent. */
  readonly created: Float64Array
  readonly told: Float64Array
  /** 1 for hidden or deleted: asked of many pins of which nothing else is read. */
  readonly gone: Uint32Array
  /** TAGS_KEPT a pin, NONE + 1 = 0 where free. */
  readonly tags: Uint32Array
  /** Equal for pins that are the same thing (`likenessOf`); 0 where nothing tells. */
  readonly likeness: Uint32Array
  /** [0] pins in use. */
  readonly counts: Uint32Array
}

/** Events as blocks of records have them. */
export type EventColumns = {
  readonly kind: Uint8Array
  readonly pin: Uint32Array
  /** ms since the epoch. */
  readonly time: Float64Array
}

const UNCOUNTED = 0xff
/** Counted by nobody, but its day is a day of the pin's. */
const DATED = 0xfe
/** The word of a record that counts a kind. */
const counters = new Uint8Array(256).fill(UNCOUNTED)
counters[kindCode.impression] = facts.impressions
counters[kindCode.closeup] = facts.closeups
counters[kindCode.save] = facts.saves
counters[kindCode.hide] = facts.hides
counters[kindCode.outbound] = facts.outbounds
counters[DECLARED] = DATED

/** What rankers and sources read of pins, whoever fills it. */
export interface FeatureReader {
  readonly columns: FeatureMemory
  /** Highest pin heard of + 1. */
  readonly pinCount: number
  /** A word of a pin's record; 0 of a pin unheard of. */
  fact(pin: number, fact: Fact): number
  /** Hidden or deleted. */
  isGone(pin: number): boolean
  /** NONE where it has none. */
  topic(pin: number): number
  /** The tag at `slot` of a pin, below TAGS_KEPT, or NONE. */
  tag(pin: number, slot: number): number
}

type PinSaid = Pick<SaidOfThing, 'title' | 'image'> & {
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
  /** Where loads go that nobody needs. */
  readonly #loads = { seen: 0 }

  constructor(columns: FeatureMemory) {
    this.columns = columns
  }

  static create(capacity: number, allocate: Allocator = heapAllocator): FeatureTable {
    const column = () => u32Array(allocate, capacity)
    return new FeatureTable({
      records: u32Array(allocate, capacity * RECORD),
      created: f64Array(allocate, capacity),
      told: f64Array(allocate, capacity),
      gone: column(),
      tags: u32Array(allocate, capacity * TAGS_KEPT),
      likeness: column(),
      counts: u32Array(allocate, 2),
    })
  }

  get capacity(): number {
    return this.columns.created.length
  }

  get pinCount(): number {
    return Atomics.load(this.columns.counts, 0)
  }

  fact(pin: number, fact: Fact): number {
    return this.columns.records[pin * RECORD + facts[fact]] ?? 0
  }

  isGone(pin: number): boolean {
    return this.columns.gone[pin] === 1
  }

  topic(pin: number): number {
    return (this.fact(pin, 'topic') - 1) >>> 0
  }

  tag(pin: number, slot: number): number {
    return (this.columns.tags[pin * TAGS_KEPT + slot]! - 1) >>> 0
  }

  applyEvent(kind: number, pin: PinIndex, time: number): void {
    this.reach(pin)
    this.#count(pin, kind, time)
  }

  /**
   * The same for events at `places` of these columns. Their records are loaded before any is
   * changed: each is a miss of the cache, and misses that do not wait for each other overlap.
   */
  applyEvents({ kind, pin, time }: EventColumns, places: Uint32Array, count: number): void {
    const { records } = this.columns
    let highest = 0
    let seen = 0
    for (let i = 0; i < count; i++) {
      const index = pin[places[i]!]!
      if (index > highest) highest = index
      seen |= records[index * RECORD]!
    }
    // Kept, so that the loads are not seen as useless.
    this.#loads.seen = seen
    if (count > 0) this.reach(highest)
    for (let i = 0; i < count; i++) {
      const place = places[i]!
      this.#count(pin[place]!, kind[place]!, time[place]!)
    }
  }

  #count(pin: number, kind: number, time: number): void {
    const counter = counters[kind]!
    if (counter === UNCOUNTED) return
    const { records } = this.columns
    const at = pin * RECORD
    const today = Math.floor(time / DAY_MS)
    if (counter !== DATED) records[at + counter]!++
    const newest = records[at + facts.day]!
    if (today > newest) this.#turnDays(at, today)
    else if (today <= newest - DAYS) return
    if (kind === kindCode.save) records[at + FIRST_DAY + (today % DAYS)]!++
  }

  applyPin(
    pin: PinIndex,
    time: number,
    told: PinSaid & { readonly created?: number; readonly hidden?: boolean },
  ): void {
    this.reach(pin)
    if (time < this.columns.told[pin]!) return
    this.#describe(pin, time, told.created ?? time, told)
    this.columns.gone[pin] = told.hidden === true ? 1 : 0
  }

  #describe(pin: number, time: number, created: number, told: PinSaid): void {
    const c = this.columns
    c.told[pin] = time
    c.created[pin] = created
    c.records[pin * RECORD + facts.topic] = ((told.topic ?? NONE) + 1) >>> 0
    c.records[pin * RECORD + facts.language] = ((told.language ?? NONE) + 1) >>> 0
    c.likeness[pin] = likenessOf(told)
    for (let slot = 0; slot < TAGS_KEPT; slot++) {
      c.tags[pin * TAGS_KEPT + slot] = ((told.tags?.[slot] ?? NONE) + 1) >>> 0
    }
  }

  deletePin(pin: PinIndex, time: number): void {
    this.reach(pin)
    if (time < this.columns.told[pin]!) return
    this.#describe(pin, time, 0, {})
    this.columns.gone[pin] = 1
  }

  /** Counts a pin anew: what was told of it stays. */
  recount(pin: number): void {
    this.columns.records.fill(0, pin * RECORD + facts.impressions, (pin + 1) * RECORD)
  }

  /**
   * Puts a pin as it was when its state was kept: counters whatever they are now, what was told of
   * it unless something newer is known.
   */
  restore(pin: PinIndex, kept: KeptPin): void {
    this.reach(pin)
    const { records, told, gone } = this.columns
    const at = pin * RECORD
    records[at + facts.impressions] = kept.impressions
    records[at + facts.closeups] = kept.closeups
    records[at + facts.saves] = kept.saves
    records[at + facts.hides] = kept.hides
    records[at + facts.outbounds] = kept.outbounds
    records[at + facts.day] = kept.day
    for (let d = 0; d < DAYS; d++) records[at + FIRST_DAY + d] = kept.savesOf(d)
    if (kept.told < told[pin]!) return
    this.#describe(pin, kept.told, kept.created, kept)
    gone[pin] = kept.gone ? 1 : 0
  }

  /** There is such a pin. */
  reach(pin: number): void {
    assert(pin < this.capacity, 'pins are numbered below the reserved capacity')
    const { counts } = this.columns
    for (;;) {
      const count = Atomics.load(counts, 0)
      if (pin < count || Atomics.compareExchange(counts, 0, count, pin + 1) === count) return
    }
  }

  /** Clears the days of the record `at` that `today` pushes out. */
  #turnDays(at: number, today: number): void {
    const { records } = this.columns
    for (let d = Math.max(records[at + facts.day]! + 1, today - DAYS + 1); d <= today; d++) {
      records[at + FIRST_DAY + (d % DAYS)] = 0
    }
    records[at + facts.day] = today
  }
}
