/**
 * The best pins by the factors of the deep ranker, for what the user saved or for pins that others
 * shall be related to. Exact among all that have factors.
 */
import type { Source } from '../pipeline/stage.ts'
import { excluded } from './seeds.ts'

export type FactorsSourceOptions = { readonly top: number }

export const factorsSourceDefaults: FactorsSourceOptions = Object.freeze({ top: 1_000 })

export function factorsSource(given: Partial<FactorsSourceOptions> = {}): Source {
  const { top } = { ...factorsSourceDefaults, ...given }
  return {
    kind: 'source',
    name: 'factors',
    top,
    budgetMs: 5,
    enabled: ({ user, relatedTo }) => relatedTo !== undefined || user.savedCount > 0,
    find({ request, candidates, folded }) {
      const user = folded()
      if (!user) return false
      const { pins, scores } = user.best(top, new Set(excluded(request)))
      // Where a pin stands at 0 it was not named: the worst are left out, who like nothing of it.
      pins.forEach((pin, i) => {
        if (scores[i]! > 0) candidates.add('factors', pin, scores[i]!)
      })
      return true
    },
  }
}
