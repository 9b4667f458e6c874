/** Means over users, or over whatever is asked for one by one, with what chance may do to them. */
import { type Interval, meanDrawn, userInterval } from './labelled/index.ts'

export type Figure = {
  readonly recall: number
  readonly ndcg: number
  readonly ndcgInterval: Interval
}

/** Of at least one. */
export function meanFigure(
  found: readonly { readonly recall: number; readonly ndcg: number }[],
  seed: number,
): Figure {
  const mean = (of: (one: (typeof found)[number]) => number) =>
    found.reduce((sum, one) => sum + of(one), 0) / found.length
  const ndcgInterval = userInterval(found.length, seed, meanDrawn(found.map(({ ndcg }) => ndcg)))
  return { recall: mean(({ recall }) => recall), ndcg: mean(({ ndcg }) => ndcg), ndcgInterval }
}
