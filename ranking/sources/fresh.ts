/** The newest pins, by the time the catalogue gives them. */
import { always, type Source } from '../pipeline/stage.ts'

export type FreshSourceOptions = {
  readonly top: number
}

export const freshSourceDefaults: FreshSourceOptions = Object.freeze({ top: 50 })

export function freshSource(given: Partial<FreshSourceOptions> = {}): Source {
  const options = { ...freshSourceDefaults, ...given }
  return {
    kind: 'source',
    name: 'fresh',
    top: options.top,
    budgetMs: 1,
    enabled: always,
    find({ services, candidates }) {
      services
        .catalogue()
        .fresh.subarray(0, options.top)
        .forEach((pin, rank) => {
          candidates.add('fresh', pin, 1 / (1 + rank))
        })
    },
  }
}
