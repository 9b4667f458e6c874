/**
 * The area under the ROC curve as the share of pairs, a saved and an unsaved row, that scores put
 * in the right order (Hanley and McNeil, Radiology 1982). A tie is half a pair. A score that is not
 * a number stands where it hurts: below all where it was saved, above all where not.
 */

/** Rows that are sorted once, to be counted under many weights. */
export class SortedRows {
  /** Rows from the lowest score on, and by place where a new score begins. */
  readonly #order: Uint32Array
  readonly #begins: Uint8Array
  readonly #saved: Uint8Array

  constructor(scores: ArrayLike<number>, saved: Uint8Array) {
    const values = Float64Array.from(saved, (label, i) => {
      const score = scores[i]!
      if (!Number.isNaN(score)) return score
      return label === 1 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
    })
    // Rows without a number are apart from those that are infinite: they win no tie.
    const late = Int8Array.from(saved, (label, i) => {
      return Number.isNaN(scores[i]!) ? (label === 1 ? -1 : 1) : 0
    })
    const order = Uint32Array.from(saved.keys()).sort((a, b) => {
      const [x, y] = [values[a]!, values[b]!]
      return x === y ? late[a]! - late[b]! : x < y ? -1 : 1
    })
    this.#order = order
    this.#saved = saved
    this.#begins = Uint8Array.from(order, (row, i) => {
      if (i === 0) return 1
      const before = order[i - 1]!
      return values[before] === values[row] && late[before] === late[row] ? 0 : 1
    })
  }

  /** O(rows); NaN where one class weighs nothing. `weightOf` is asked once a row. */
  auc(weightOf: (row: number) => number = () => 1): number {
    let below = 0
    let positives = 0
    let pairs = 0
    // Of the score under way.
    let [tiedPositives, tiedNegatives] = [0, 0]
    for (let i = 0; i < this.#order.length; i++) {
      const row = this.#order[i]!
      if (this.#begins[i] === 1) {
        pairs += tiedPositives * (below + tiedNegatives / 2)
        below += tiedNegatives
        positives += tiedPositives
        tiedPositives = 0
        tiedNegatives = 0
      }
      if (this.#saved[row] === 1) tiedPositives += weightOf(row)
      else tiedNegatives += weightOf(row)
    }
    pairs += tiedPositives * (below + tiedNegatives / 2)
    return pairs / ((positives + tiedPositives) * (below + tiedNegatives))
  }
}

/** Of all rows alike; NaN where they are of one class. */
export function aucOf(scores: ArrayLike<number>, saved: Uint8Array): number {
  return new SortedRows(scores, saved).auc()
}
