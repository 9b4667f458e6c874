/** The most saved pins: what is left to say to somebody of whom nothing is known. */
import { always, type Source } from '../pipeline/stage.ts'

const TOP = 100

export const popularSource: Source = {
  kind: 'source',
  name: 'popular',
  budgetMs: 1,
  enabled: always,
  find({ services, candidates }) {
    const { popular } = services.catalogue()
    popular.subarray(0, TOP).forEach((pin, rank) => {
      candidates.add('popular', pin, 1 / (1 + rank))
    })
  },
}
