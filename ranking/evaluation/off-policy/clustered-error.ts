/** How far a mean over rows may be off, where rows of one cluster depend on each other. */
import { pinwheelError } from '../../../base/index.ts'
import { studentBound } from '../statistics/index.ts'

/** Standard errors of means over the same rows. */
export class ClusteredError {
  /** The cluster of each row, from 0; undefined where each row is its own. */
  readonly #clusterOf: Uint32Array | undefined
  readonly clusters: number
  /** What a mean may be off in standard errors, 95 %: Student's t over clusters. */
  readonly bound: number

  /** EVALUATION_DATA below two clusters: one says nothing of others. */
  constructor(rows: number, clusters?: Uint32Array) {
    const known = new Map<number, number>()
    this.#clusterOf = clusters?.map((cluster) => {
      const number = known.get(cluster) ?? known.size
      known.set(cluster, number)
      return number
    })
    this.clusters = clusters === undefined ? rows : known.size
    if (this.clusters < 2) {
      const reason = `${this.clusters} users or rows have no spread; two and more have`
      throw pinwheelError('EVALUATION_DATA', { reason })
    }
    this.bound = studentBound(0.05, this.clusters - 1)
  }

  /**
   * Of a mean whose value depends on row i by `residuals[i]` / rows, to the first order: the value
   * less its mean for a plain one. The number of rows a cluster has may be by chance too.
   */
  of(residuals: Float64Array): number {
    let squares = 0
    for (const residual of this.#sums(residuals)) squares += residual * residual
    return Math.sqrt((squares * this.clusters) / (this.clusters - 1)) / residuals.length
  }

  #sums(residuals: Float64Array): Float64Array {
    if (this.#clusterOf === undefined) return residuals
    const sums = new Float64Array(this.clusters)
    for (let row = 0; row < residuals.length; row++) sums[this.#clusterOf[row]!]! += residuals[row]!
    return sums
  }
}
