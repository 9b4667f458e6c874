/**
 * What may not be shown: pins gone from the catalogue, known to the user, or refused by the
 * request.
 */
import { always, type Filter } from './stage.ts'

export const goneFilter: Filter = {
  kind: 'filter',
  name: 'gone',
  budgetMs: 0,
  enabled: always,
  drops: ({ candidates, services, view }) => {
    const { delta } = view
    return (i) => {
      const pin = candidates.pins[i]!
      return services.features.isGone(pin) || delta.isHidden(pin)
    }
  },
}

export const knownFilter: Filter = {
  kind: 'filter',
  name: 'known',
  budgetMs: 0,
  enabled: always,
  drops: ({ candidates, request }) => {
    const known = new Set<number>(request.user.exclude)
    for (const pin of request.exclude) known.add(pin)
    for (const pin of request.relatedTo ?? []) known.add(pin)
    return (i) => known.has(candidates.pins[i]!)
  },
}
