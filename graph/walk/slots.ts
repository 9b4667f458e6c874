/**
 * Visit counters of the twin: open addressing, as in `kernel/assembly/kernel.ts`, slot for slot.
 * Two words a slot: pin node + 1 (0 where free); visits in 16 bits, label above them.
 */
import { NONE } from '../../base/index.ts'
import { isCrowded, type Joined, SLOT_VISITS_MAX, SLOTS_MIN, slotsFor } from './walk-kernel.ts'

export const GOLDEN = 0x9e3779b9
export const LABEL_MIX = 0x85ebca6b

export class Slots {
  overflowed = false
  #room = new Uint32Array(SLOTS_MIN * 2)
  /** The part of the room in use; it begins small in each query, so that order is the same. */
  words: Uint32Array = this.#room
  #taken = 0

  empty(steps: number): void {
    this.words = this.#clear(slotsFor(steps) * 2)
    this.#taken = 0
    this.overflowed = false
  }

  count(
    at: Uint32Array,
    label: Uint32Array,
    n: number,
    famous: number,
    reached: Uint32Array,
  ): void {
    if (isCrowded(this.#taken, n, this.words.length / 2)) this.#widen()
    const { words } = this
    const mask = words.length / 2 - 1
    for (let w = 0; w < n; w++) {
      if (at[w] === NONE) continue
      const key = at[w]! + 1
      const of = label[w]!
      let h = slotOf(key, of, mask)
      for (;;) {
        const held = words[2 * h]!
        const word = words[2 * h + 1]!
        if (held === 0 || (held === key && word >>> 16 === of)) {
          const visits = word & 0xffff
          if (visits !== SLOT_VISITS_MAX) {
            if (held === 0) this.#taken++
            words[2 * h] = key
            words[2 * h + 1] = (of << 16) | (visits + 1)
            if (visits + 1 === famous) reached[of]!++
            break
          }
          this.overflowed = true
        }
        h = (h + 1) & mask
      }
    }
  }

  join(boosted: boolean): Joined {
    const { words } = this
    const n = words.length / 2
    const index = new Uint32Array(n)
    const pins = new Uint32Array(this.#taken)
    const sums = new Float64Array(this.#taken)
    const best = new Uint32Array(this.#taken)
    const bestVisits = new Uint32Array(this.#taken)
    let rows = 0
    for (let i = 0; i < words.length; i += 2) {
      const pin = words[i]!
      if (pin === 0) continue
      const visits = words[i + 1]! & 0xffff
      const label = words[i + 1]! >>> 16
      let h = slotOf(pin, 0, n - 1)
      while (index[h] !== 0 && pins[index[h]! - 1] !== pin - 1) h = (h + 1) & (n - 1)
      const row = index[h] === 0 ? rows++ : index[h]! - 1
      index[h] = row + 1
      pins[row] = pin - 1
      sums[row]! += boosted ? Math.sqrt(visits) : visits
      const most = bestVisits[row]!
      if (visits > most || (visits === most && label < best[row]!)) {
        best[row] = label
        bestVisits[row] = visits
      }
    }
    return { rows, pins, sums, best }
  }

  #widen(): void {
    const old = this.words.slice()
    const words = this.#clear(old.length * 2)
    const mask = words.length / 2 - 1
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue
      let h = slotOf(old[i]!, old[i + 1]! >>> 16, mask)
      while (words[2 * h] !== 0) h = (h + 1) & mask
      words[2 * h] = old[i]!
      words[2 * h + 1] = old[i + 1]!
    }
    this.words = words
  }

  #clear(length: number): Uint32Array {
    if (this.#room.length < length) this.#room = new Uint32Array(length)
    return this.#room.subarray(0, length).fill(0)
  }
}

/** Where a key is looked for first. */
function slotOf(pinPlusOne: number, label: number, mask: number): number {
  const mixed = Math.imul(pinPlusOne, GOLDEN) ^ Math.imul(label, LABEL_MIX)
  return (mixed ^ (mixed >>> 15)) & mask
}

/** The same as `join` where counts were full, so that one pin and label has several slots. */
export function joinExactly(words: Uint32Array, boosted: boolean): Joined {
  const byPin = new Map<number, Map<number, number>>()
  for (let i = 0; i < words.length; i += 2) {
    if (words[i] === 0) continue
    const pin = words[i]! - 1
    const byLabel = byPin.get(pin) ?? new Map<number, number>()
    byPin.set(pin, byLabel)
    const label = words[i + 1]! >>> 16
    byLabel.set(label, (byLabel.get(label) ?? 0) + (words[i + 1]! & 0xffff))
  }
  const pins = Uint32Array.from(byPin.keys())
  const sums = new Float64Array(pins.length)
  const best = new Uint32Array(pins.length)
  let row = 0
  for (const byLabel of byPin.values()) {
    let most = 0
    for (const [label, visits] of [...byLabel].sort((a, b) => a[0] - b[0])) {
      sums[row]! += boosted ? Math.sqrt(visits) : visits
      if (visits > most) best[row] = label
      most = Math.max(most, visits)
    }
    row++
  }
  return { rows: pins.length, pins, sums, best }
}
