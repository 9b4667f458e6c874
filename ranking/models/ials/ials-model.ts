/**
 * Scores by implicit ALS: every history is folded in, that is solved for with the items fixed, so
 * that a user who is new or has changed is one solve away and none is kept.
 *
 * A user: n³ / 6 + n² d / 2 steps for n saves up to d, n d² / 2 + d³ / 6 for more; then items × d
 * for the scores.
 */
import type { Gemm, Matrix } from '../../onnx/index.ts'
import type { BatchModel, Scores, UserBatch } from '../batch-model.ts'
import { type Ials, ridgeOf } from './ials.ts'
import { type IalsMemory, ialsMemory } from './ials-memory.ts'
import { type SolveRows, wasmRidge } from './ridge-kernel.ts'

/** Users that are solved by one call of the kernel. */
const USERS = 256
/** Room for saves of one call, at least; and as much as one user can have. */
const PAIRS = 1 << 15

export class IalsModel implements BatchModel {
  readonly ials: Ials
  readonly #gemm: Gemm
  readonly #memory: IalsMemory
  readonly #solve: SolveRows

  /** MODEL_TOO_LARGE, KERNEL_MISSING. */
  constructor(ials: Ials, gemm: Gemm) {
    const { rows: items, columns: dimensions, values } = ials.items
    const pairs = Math.max(items, PAIRS)
    this.ials = ials
    this.#gemm = gemm
    this.#memory = ialsMemory({ users: USERS, items, pairs, dimensions, threads: 1 })
    this.#memory.items.factors.set(values)
    this.#memory.diagonal.set(ials.diagonal)
    this.#solve = wasmRidge(this.#memory, 0)
  }

  /** The factors of users with these histories, which have no repeats. */
  foldIn(histories: readonly Uint32Array[]): Matrix {
    const { rows: items, columns } = this.ials.items
    const { factors, offsets, indices, ridges } = this.#memory.users
    const values = new Float32Array(histories.length * columns)
    for (let first = 0; first < histories.length; ) {
      let count = 0
      for (; count < USERS && first + count < histories.length; count++) {
        const history = histories[first + count]!
        const end = offsets[count]! + history.length
        if (end > indices.length) break
        indices.set(history, offsets[count])
        offsets[count + 1] = end
        ridges[count] = ridgeOf(history.length, items, this.ials.options)
      }
      this.#solve('users', 0, count)
      values.set(factors.subarray(0, count * columns), first * columns)
      first += count
    }
    return { rows: histories.length, columns, values }
  }

  score({ histories }: UserBatch): Promise<Scores> {
    const { items } = this.ials
    return this.#gemm.multiply({ a: this.foldIn(histories), b: items, transposeB: true })
  }
}
