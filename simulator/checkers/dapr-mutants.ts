/** Bugs that only a test plants, each in what lies around the real code. */
import type { ClusterBugs } from '../faults/index.ts'
import type { DaprLawName } from './dapr-laws.ts'

export type DaprMutant = { readonly breaks: DaprLawName; readonly plant: () => ClusterBugs }

export const daprMutants = {
  'a store that ignores etags': {
    breaks: 'appliedOnce',
    plant: () => ({
      world: ({ store }) => {
        store.ignoresEtags = true
      },
    }),
  },
} satisfies Record<string, DaprMutant>
export type DaprMutantName = keyof typeof daprMutants
