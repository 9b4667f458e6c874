/**
 * The last rows of features that a thread answered with, by the version of the model that scored
 * them. Memory: 4 · features bytes a row.
 */
import { assert } from '../../base/index.ts'

export const scoredRowsDefaults = Object.freeze({
  /** Rows kept of a model. */
  rows: 1_024,
  /** Models kept: those that serve, and those which they replaced. */
  models: 4,
})
export type ScoredRowsOptions = { readonly [K in keyof typeof scoredRowsDefaults]: number }

/** Rows of one model, row-major, in no order. */
export type RowsOfModel = { readonly version: string; readonly matrix: Float32Array }

type Ring = {
  readonly matrix: Float32Array
  readonly width: number
  /** Rows taken, and how many all models had taken when it took its last. */
  taken: number
  last: number
}

export class ScoredRows {
  readonly #rings = new Map<string, Ring>()
  #taken = 0
  readonly #options: ScoredRowsOptions

  constructor(options: ScoredRowsOptions = scoredRowsDefaults) {
    this.#options = options
  }

  /** Keeps a copy of a row in the place of the oldest; a model's rows are equally wide. */
  take(version: string, row: Float32Array): void {
    const ring = this.#ringOf(version, row.length)
    assert(ring.width === row.length, 'rows of a model are equally wide')
    ring.last = ++this.#taken
    ring.matrix.set(row, (ring.taken++ % this.#options.rows) * ring.width)
  }

  /** A copy of each model's rows. */
  all(): RowsOfModel[] {
    return Array.from(this.#rings, ([version, { matrix, width, taken }]) => {
      const rows = Math.min(taken, this.#options.rows)
      return { version, matrix: matrix.slice(0, rows * width) }
    })
  }

  #ringOf(version: string, width: number): Ring {
    const known = this.#rings.get(version)
    if (known) return known
    if (this.#rings.size === this.#options.models) this.#dropOldest()
    const matrix = new Float32Array(this.#options.rows * width)
    const ring = { matrix, width, taken: 0, last: 0 }
    this.#rings.set(version, ring)
    return ring
  }

  /** Of the model that was asked least lately. */
  #dropOldest(): void {
    const [[oldest]] = [...this.#rings].sort(([, a], [, b]) => a.last - b.last) as [[string, Ring]]
    this.#rings.delete(oldest)
  }
}
