/**
 * All vectors, one after the other: the oracle, and the faster way for few vectors, for a filter
 * that allows few, and for a large k.
 *
 * The scan goes by bytes and keeps some more than k; floats then rank those. A vector is lost only
 * where its bytes put it behind all of that margin: `README.md` has how often.
 */
import type { Desk, Ranked } from './desk.ts'
import type { VectorIndex } from './vector-index.ts'
import { told } from './vector-memory.ts'

/** Candidates beyond k. */
export const margin = (k: number) => 48 + (k >> 2)

export class ScanIndex implements VectorIndex {
  readonly name = 'scan'
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  search(k: number): Ranked {
    this.begin(k)
    if (this.#desk.hasFilter) this.#desk.scanAllowed()
    else this.#desk.scanRows(0, Atomics.load(this.#desk.memory.told, told.rowCount))
    return this.#desk.rank(k)
  }

  /** For who scans in pieces. */
  begin(k: number): void {
    this.#desk.beginChoice(k + margin(k))
  }
}
