/** What a thread's engine stands on, and what it tells. */
import type { Clock, DeclaredKinds, Names, PageOptions, Space } from '../base/index.ts'
import type { GraphView } from '../graph/index.ts'
import type { Cooccurrence, FeatureTable } from '../ranking/index.ts'
import type { AnyActorType } from './actor.ts'
import type { GraphMemoryOptions } from './projections/graph-projection.ts'
import type { DeadLetter } from './shard/dead-letter.ts'
import type { ColdStore } from './store/index.ts'
import type { Blamed, Vitals } from './worker/vitals.ts'

/** All actors, or pins alone: their cards belong to an answer. */
export type Folded = 'actors' | 'pins'

export type EngineOptions = {
  readonly names: Names
  readonly features: FeatureTable
  readonly clock: Clock
  readonly boardCapacity: number
  /** Whether this engine owns the graph. */
  readonly writesGraph: boolean
  /** The thread's number among those that walk the same graph; 0 where it is alone. */
  readonly desk?: number
  /** Among how many threads actors are dealt out by their numbers; by default this one has all. */
  readonly stride?: number
  /** Of whom it keeps the state; users live elsewhere where it only ranks. */
  readonly folds?: Folded
  /** False where nobody is recommended anything: an epoch is then its graph alone. */
  readonly ranks?: boolean
  /** The share of fresh edges that makes a merge due; by default a tenth. */
  readonly freshShare?: number
  /** Actor types beside users and pins. */
  readonly types?: readonly HostedType[]
  /** Bytes of users and pins in memory; where they go beyond. */
  readonly memory?: StateMemory
  /** How state and graph lie in memory, where it is not as usual. */
  readonly pages?: PageOptions
  readonly graph?: GraphMemoryOptions
  /** Weights of the operator's own kinds of event. */
  readonly kinds?: DeclaredKinds
  readonly onDeadLetter?: (letter: DeadLetter) => void
  /** Entries that ended a thread before: they are left out. */
  readonly blamed?: readonly Blamed[]
  readonly vitals?: Vitals
  /** Hears what every engine of the host shall see. */
  readonly onEpoch?: (epoch: Epoch) => void
}

/** How much state of a thread's actors is in memory, and where the rest is. */
export type StateMemory = {
  readonly bytesMax: number
  readonly coldOf: (type: string) => ColdStore
}

/** An actor type and the space whose ids name its actors. */
export type HostedType = { readonly type: AnyActorType; readonly space: Space }

/** A generation of everything that is built in the background. */
export type Epoch = {
  readonly view: GraphView
  readonly sequences: Cooccurrence | undefined
  /** UserIndex by BoardIndex, NONE where nobody is known. */
  readonly owners: Uint32Array | undefined
}

/** An actor's state as plain data with outside ids, and the length of its compact bytes. */
export type Inspected = {
  readonly state: Readonly<Record<string, unknown>>
  readonly storedBytes: number
}
