/**
 * What the feature table knows of some pins, gathered into columns of their own: a pin of a large
 * table is a miss of the cache, and gathered in loops that do nothing else the misses overlap.
 * Features then read what lies side by side.
 */
import { assert } from '../../base/index.ts'
import { DAYS, type FeatureReader, FIRST_DAY, facts, RECORD } from './feature-table.ts'

/** Pins that are gathered together: their facts stay in a core's own cache. */
export const FACTS = 1_024
/** Tags of a pin that features read. */
export const FACT_TAGS = 8
const DAY_MS = 86_400_000
/** Ages in days whose shares are computed once a request. */
const SHARES = 64

assert((DAYS & (DAYS - 1)) === 0, 'days are found by a mask')

export class PinFacts {
  readonly #places = new Uint32Array(FACTS)
  readonly saves = new Uint32Array(FACTS)
  readonly impressions = new Uint32Array(FACTS)
  readonly closeups = new Uint32Array(FACTS)
  readonly hides = new Uint32Array(FACTS)
  /** ms since the epoch; 0 where the catalogue is silent. */
  readonly created = new Float64Array(FACTS)
  /** NONE where there is none. */
  readonly topic = new Uint32Array(FACTS)
  /** FACT_TAGS a pin, NONE from the first that it lacks. */
  readonly tags = new Uint32Array(FACTS * FACT_TAGS)
  /** Newest day with any event, in days since the epoch. */
  readonly day = new Uint32Array(FACTS)
  /** DAYS a pin: saves of that day and of those before it. */
  readonly savesBack = new Uint32Array(FACTS * DAYS)
  /** Their sum. */
  readonly #savesLately = new Uint32Array(FACTS)

  /** Of candidates `indices[from + i]`, for i below `count`; a pin unheard of is all zeros. */
  gather(
    reader: FeatureReader,
    pins: Uint32Array,
    indices: ArrayLike<number>,
    from: number,
    count: number,
  ): void {
    assert(count <= FACTS, 'pins are gathered a few at a time')
    const { columns } = reader
    const wanted = this.#places.subarray(0, count)
    for (let row = 0; row < count; row++) wanted[row] = pins[indices[from + row]!]!
    this.#gatherRecords(columns.records, wanted)
    for (let row = 0; row < count; row++) this.created[row] = columns.created[wanted[row]!] ?? 0
    this.#gatherTags(columns.tags, columns.tags.length / columns.created.length, wanted)
  }

  /** Saves of the last days, halved for each `halfLifeDays` of age, at time `at`. */
  recentSaves(at: number, halfLifeDays: number): (row: number) => number {
    const { day, savesBack } = this
    const lately = this.#savesLately
    const today = Math.floor(at / DAY_MS)
    const share = (age: number) => 0.5 ** (age / halfLifeDays)
    // A power costs more than all the rest.
    const shares = Float64Array.from({ length: SHARES }, (_, age) => share(age))
    return (row) => {
      if (lately[row] === 0) return 0
      const since = today - day[row]!
      const at = row * DAYS
      let sum = 0
      // What lies in the future of `at` is not counted.
      for (let back = Math.max(0, -since); back < DAYS; back++) {
        sum += savesBack[at + back]! * shares[back]!
      }
      if (sum === 0) return 0
      return sum * (since >= 0 && since < SHARES ? shares[since]! : share(since))
    }
  }

  #gatherTags(tags: Uint32Array, perPin: number, wanted: Uint32Array): void {
    this.tags[0] = lookedAt(tags, perPin, wanted)
    for (let row = 0; row < wanted.length; row++) {
      const at = wanted[row]! * perPin
      const to = row * FACT_TAGS
      for (let slot = 0; slot < FACT_TAGS; slot++) {
        this.tags[to + slot] = ((tags[at + slot] ?? 0) - 1) >>> 0
      }
    }
  }

  #gatherRecords(records: Uint32Array, wanted: Uint32Array): void {
    this.saves[0] = lookedAt(records, RECORD, wanted)
    for (let row = 0; row < wanted.length; row++) {
      // A pin unheard of has no record.
      const at = Math.min(wanted[row]! * RECORD, records.length)
      this.topic[row] = ((records[at + facts.topic] ?? 0) - 1) >>> 0
      this.saves[row] = records[at + facts.saves] ?? 0
      this.impressions[row] = records[at + facts.impressions] ?? 0
      this.closeups[row] = records[at + facts.closeups] ?? 0
      this.hides[row] = records[at + facts.hides] ?? 0
      this.day[row] = records[at + facts.day] ?? 0
      this.#gatherDays(records, at + FIRST_DAY, row)
    }
  }

  #gatherDays(records: Uint32Array, at: number, row: number): void {
    const { savesBack } = this
    const newest = this.day[row]!
    const to = row * DAYS
    let saves = 0
    // Nothing is known of days before the first of 1970.
    const days = Math.min(DAYS, newest + 1)
    for (let back = 0; back < days; back++) {
      const count = records[at + ((newest - back) & (DAYS - 1))] ?? 0
      savesBack[to + back] = count
      saves += count
    }
    for (let back = days; back < DAYS; back++) savesBack[to + back] = 0
    this.#savesLately[row] = saves
  }
}

/**
 * Waits for the first line of each together, so that all are at hand. What it gives says nothing;
 * it is put somewhere, so that they are read at all.
 */
function lookedAt(words: Uint32Array, perPin: number, wanted: Uint32Array): number {
  let seen = 0
  for (let row = 0; row < wanted.length; row++) seen += words[wanted[row]! * perPin] ?? 0
  return seen
}
