/** The newest pins, by the time the catalogue gives them. */
import { always, type Source } from '../pipeline/stage.ts'

const TOP = 50

export const freshSource: Source = {
  kind: 'source',
  name: 'fresh',
  budgetMs: 1,
  enabled: always,
  find({ services, candidates }) {
    services
      .catalogue()
      .fresh.subarray(0, TOP)
      .forEach((pin, rank) => {
        candidates.add('fresh', pin, 1 / (1 + rank))
      })
  },
}
