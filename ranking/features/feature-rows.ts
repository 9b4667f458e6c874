/**
 * What a feature table has of a pin as words, for whoever keeps it: most of them are 0, and left
 * out.
 *
 * A row: u32 pin; u32 which of its words follow (bit i: word i) and, from bit 22 on, how many tags;
 * then those words. Words in order: the record, gone, likeness, f64 told, f64 created. The layout
 * is part of the format of snapshots.
 */
import { type FeatureTable, facts, RECORD, TAGS_KEPT } from './feature-table.ts'

const GONE = RECORD
const LIKENESS = GONE + 1
const TOLD = LIKENESS + 1
const CREATED = TOLD + 2
const WORDS = CREATED + 2
const HEAD = 2
/** Words that events count. */
const COUNTED = (1 << RECORD) - (1 << facts.impressions)

export class FeatureRows {
  readonly #table: FeatureTable
  readonly #words = new Uint32Array(WORDS)
  /** When it was told, and made, in the last of these. */
  readonly #times = new Float64Array(this.#words.buffer, 4 * TOLD, 2)
  readonly #row = new Uint32Array(HEAD + WORDS + TAGS_KEPT)

  constructor(table: FeatureTable) {
    this.#table = table
  }

  /** A view that the next call changes. */
  rowOf(pin: number): Uint32Array {
    const { records, gone, likeness, told, created, tags } = this.#table.columns
    const words = this.#words
    for (let i = 0; i < RECORD; i++) words[i] = records[pin * RECORD + i]!
    words[GONE] = gone[pin]!
    words[LIKENESS] = likeness[pin]!
    this.#times[0] = told[pin]!
    this.#times[1] = created[pin]!
    const row = this.#row
    let mask = 0
    let end = HEAD
    for (let i = 0; i < WORDS; i++) {
      if (words[i] === 0) continue
      mask |= 1 << i
      row[end++] = words[i]!
    }
    let count = TAGS_KEPT
    while (count > 0 && tags[pin * TAGS_KEPT + count - 1] === 0) count--
    for (let slot = 0; slot < count; slot++) row[end++] = tags[pin * TAGS_KEPT + slot]!
    row[0] = pin
    row[1] = mask | (count << WORDS)
    return row.subarray(0, end)
  }

  /**
   * Puts the pins of such rows, one behind the other, as they were: counters whatever they are now,
   * what was told of one unless something newer is known. Others than `isMine` are left alone.
   */
  restore(rows: Uint32Array, isMine: (pin: number) => boolean): void {
    const words = this.#words
    for (let at = 0; at < rows.length; ) {
      const pin = rows[at]!
      const mask = rows[at + 1]!
      at += HEAD
      for (let i = 0; i < WORDS; i++) words[i] = (mask & (1 << i)) === 0 ? 0 : rows[at++]!
      const tagsAt = at
      at += mask >>> WORDS
      if (isMine(pin)) this.#put(pin, mask, rows, tagsAt)
    }
  }

  #put(pin: number, mask: number, rows: Uint32Array, tagsAt: number): void {
    const { records, gone, likeness, told, created, tags } = this.#table.columns
    const words = this.#words
    this.#table.reach(pin)
    const at = pin * RECORD
    for (let i = facts.impressions; i < RECORD; i++) records[at + i] = words[i]!
    // Of most nothing was told: where nothing is known, either, memory stays as it is.
    const isTold = (mask & ~COUNTED) !== 0
    if (this.#times[0]! < told[pin]! || (!isTold && told[pin] === 0)) return
    told[pin] = this.#times[0]!
    created[pin] = this.#times[1]!
    records[at + facts.topic] = words[facts.topic]!
    records[at + facts.language] = words[facts.language]!
    gone[pin] = words[GONE]!
    likeness[pin] = words[LIKENESS]!
    const first = pin * TAGS_KEPT
    const count = mask >>> WORDS
    for (let slot = 0; slot < TAGS_KEPT; slot++) {
      tags[first + slot] = slot < count ? rows[tagsAt + slot]! : 0
    }
  }
}
