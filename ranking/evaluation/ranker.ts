/** Ranks all items for users, those of the query masked; ties and NaN against the model. */

import type { BatchModel } from '../models/batch-model.ts'
import { type Dataset, historyOf } from './dataset.ts'

/** Users that are scored together. */
export const BATCH = 256

/** The k best items of one user, best first. */
export type Ranked = { readonly user: number; readonly top: readonly number[] }

/** In the order of `users`; `relevantOf` says which items lose their ties. */
export async function* ranked(
  model: BatchModel,
  data: Dataset,
  users: readonly number[],
  k: number,
  relevantOf: (user: number) => ReadonlySet<number>,
): AsyncIterable<Ranked> {
  const { batch: together = BATCH } = model
  for (let from = 0; from < users.length; from += together) {
    const batch = users.slice(from, from + together)
    const histories = batch.map((user) => historyOf(data, user))
    const { columns, values } = await model.score({ users: batch, histories })
    for (const [i, user] of batch.entries()) {
      const scores = values.subarray(i * columns, (i + 1) * columns)
      for (const item of histories[i]!) scores[item] = Number.NEGATIVE_INFINITY
      yield { user, top: bestOf(scores, k, relevantOf(user)) }
    }
  }
}

/**
 * The k best by score; of equal scores the relevant come last. One pass with insertion: k is small.
 */
export function bestOf(
  scores: Float32Array | Float64Array,
  k: number,
  relevant: ReadonlySet<number>,
): number[] {
  const items: number[] = []
  const values: number[] = []
  let worst = Number.NEGATIVE_INFINITY
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item]!
    // NaN fails this test, as does the mask.
    if (!(score >= worst) || score === Number.NEGATIVE_INFINITY) continue
    if (items.length === k && score === worst && relevant.has(item)) continue
    let at = items.length
    const late = relevant.has(item)
    while (
      at > 0 &&
      (values[at - 1]! < score ||
        (values[at - 1] === score && !late && relevant.has(items[at - 1]!)))
    )
      at--
    items.splice(at, 0, item)
    values.splice(at, 0, score)
    if (items.length > k) {
      items.pop()
      values.pop()
    }
    if (items.length === k) worst = values[k - 1]!
  }
  return items
}
