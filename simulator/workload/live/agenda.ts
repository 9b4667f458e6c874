/**
 * What people are about to do, by the instant at which it is due: a binary heap. Of two that are
 * due at once, who was put in first comes first, so that a run is a function of its seed.
 * O(log n) a step; 32 bytes an item beside the item itself.
 */
type Row<T> = { readonly at: number; readonly order: number; readonly item: T }

export class Agenda<T> {
  readonly #rows: Row<T>[] = []
  #put = 0

  get size(): number {
    return this.#rows.length
  }

  put(at: number, item: T): void {
    const rows = this.#rows
    const row = { at, order: this.#put++, item }
    let hole = rows.length
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (!isBefore(row, rows[parent]!)) break
      rows[hole] = rows[parent]!
      hole = parent
    }
    rows[hole] = row
  }

  /** Takes out what has been due the longest, if anything is due by `at`. */
  take(at: number): T | undefined {
    const rows = this.#rows
    const first = rows[0]
    if (!first || first.at > at) return undefined
    const last = rows.pop()!
    if (rows.length > 0) this.#sink(last)
    return first.item
  }

  #sink(row: Row<T>): void {
    const rows = this.#rows
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= rows.length) break
      if (child + 1 < rows.length && isBefore(rows[child + 1]!, rows[child]!)) child++
      if (!isBefore(rows[child]!, row)) break
      rows[hole] = rows[child]!
      hole = child
    }
    rows[hole] = row
  }
}

function isBefore(a: Row<unknown>, b: Row<unknown>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
