/** Weights of declared kinds by the number of their name on this host. */
import type { DeclaredKinds, Names, TagIndex } from '../base/index.ts'

/** 0 for a name that is declared no more: what it did stays in the log and says nothing. */
export function kindWeights(declared: DeclaredKinds, names: Pick<Names, 'tag'>) {
  const known = new Map<TagIndex, number>()
  return (label: TagIndex): number => {
    let weight = known.get(label)
    if (weight === undefined) {
      weight = declared.get(names.tag.id(label)) ?? 0
      known.set(label, weight)
    }
    return weight
  }
}
