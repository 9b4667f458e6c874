/** Keeps some rows of what is answered, where the host wants to know how they drift. */
import { always, type SideEffect } from '../pipeline/stage.ts'

/** Rows of an answer, evenly over its ranks. */
export const SAMPLED_ROWS = 8

export const sampleEffect: SideEffect = {
  kind: 'effect',
  name: 'sample',
  budgetMs: 0,
  enabled: always,
  run({ services: { scored }, features, model, slate, request }) {
    if (!scored || !features || model === undefined) return false
    const { indices, matrix, names } = features
    const answered = slate.slice(0, request.limit)
    const count = Math.min(SAMPLED_ROWS, answered.length)
    for (let n = 0; n < count; n++) {
      const row = indices.indexOf(answered[Math.floor((n * answered.length) / count)]!)
      scored.take(model, matrix.subarray(row * names.length, (row + 1) * names.length))
    }
    return true
  },
}
