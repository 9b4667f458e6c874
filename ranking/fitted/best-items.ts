/** The best of a row of scores in the pipeline's order: quantised, ties by item, which is by id. */
import { TopK } from '../../graph/index.ts'
import { QUANTA } from '../pipeline/by-score.ts'

/** Items that `allowed` lets in, best first. Throws where a score is not a number. */
export function bestItems(
  values: ArrayLike<number>,
  top: number,
  allowed: (item: number) => boolean,
): Uint32Array {
  const heap = new TopK(Math.min(top, values.length))
  for (let item = 0; item < values.length; item++) {
    const score = Math.round(values[item]! * QUANTA)
    if (Number.isNaN(score)) throw new Error('the fitted model gave a score that is not a number')
    if (score >= heap.floor && allowed(item)) heap.offer(item, score)
  }
  return heap.sorted().keys
}
