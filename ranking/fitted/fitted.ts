/** A fitted model taken apart: plain arrays that a file can keep and threads can share. */

export type PartArray = Float32Array | Float64Array | Uint32Array

export const formNames = ['linear', 'factors', 'ials', 'neighbours', 'sequences'] as const
export type FormName = (typeof formNames)[number]

export type FittedPart = {
  readonly form: FormName
  /** Of its deviations from the mean in the sum over all parts. */
  readonly weight: number
  readonly numbers: Readonly<Record<string, number>>
  readonly arrays: Readonly<Record<string, PartArray>>
}

/** Users whose rows are kept, by row; no id is. */
export type FittedUsers = {
  /** 32 bits of the outside id. */
  readonly hashes: Uint32Array
  /** Two words a user: of the saves that they were fitted on. */
  readonly prints: Uint32Array
}

export type Fitted = {
  /** Name of the model, as `evaluate` has it. */
  readonly model: string
  /** Outside ids by item, ascending in their code units: ties by item are ties by id. */
  readonly pins: readonly string[]
  readonly users: FittedUsers
  /** One is a model by itself. */
  readonly parts: readonly FittedPart[]
}

/** Two words that tell lists of items apart, in whatever order they are; 0 and 0 of none. */
export function printOf(items: Uint32Array): readonly [number, number] {
  let low = 0
  let high = 0
  for (const item of items) {
    low = (low + mixed(item, 0x9e3779b9)) >>> 0
    high = (high + mixed(item, 0x7f4a7c15)) >>> 0
  }
  return [low, high]
}

function mixed(item: number, seed: number): number {
  let h = Math.imul(item ^ seed, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 13), 0x27d4eb2f)
  return (h ^ (h >>> 16)) >>> 0
}
