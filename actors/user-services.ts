/** What reads of a user may use. */
import type { DeclaredKinds, Names, TagIndex } from '../base/index.ts'

export type UserServices = {
  /** The weight of a declared kind by the number of its name. */
  readonly kindWeight: (label: TagIndex) => number
}

/** A name that is declared no more weighs 0: what it did stays in the log and says nothing. */
export function userServices(declared: DeclaredKinds, names: Pick<Names, 'tag'>): UserServices {
  const known = new Map<TagIndex, number>()
  const kindWeight = (label: TagIndex): number => {
    let weight = known.get(label)
    if (weight === undefined) {
      weight = declared.get(names.tag.id(label)) ?? 0
      known.set(label, weight)
    }
    return weight
  }
  return { kindWeight }
}
