/** The most saved pins: what is left to say to somebody of whom nothing is known. */
import { always, type Source } from '../pipeline/stage.ts'

export type PopularSourceOptions = {
  readonly top: number
}

export const popularSourceDefaults: PopularSourceOptions = Object.freeze({ top: 100 })

export function popularSource(given: Partial<PopularSourceOptions> = {}): Source {
  const options = { ...popularSourceDefaults, ...given }
  return {
    kind: 'source',
    name: 'popular',
    top: options.top,
    budgetMs: 1,
    enabled: always,
    find({ services, candidates }) {
      const { popular } = services.catalogue()
      popular.subarray(0, options.top).forEach((pin, rank) => {
        candidates.add('popular', pin, 1 / (1 + rank))
      })
    },
  }
}
