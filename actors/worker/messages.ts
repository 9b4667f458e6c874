/**
 * What the main thread and its workers say to each other, beside the blocks in the ring. An ask
 * carries how much was written to the ring before it, so that reads see earlier writes.
 */
import type {
  DeclaredKinds,
  InternerMemory,
  NumberedMemory,
  Space,
  WireError,
} from '../../base/index.ts'
import type { ViewMemory } from '../../graph/index.ts'
import type {
  CooccurrenceMemory,
  DeepMemory,
  FeatureMemory,
  FittedMemory,
  JobMemory,
  SlateRules,
  UserContext,
} from '../../ranking/index.ts'
import type { Folded } from '../engine-options.ts'
import type { RecommendAsk } from '../recommend-ask.ts'
import type { DeadLetter } from '../shard/dead-letter.ts'
import type { CataloguePayload } from '../shard/record-block.ts'
import type { Section } from '../snapshots/section.ts'
import type { RingMemory } from './block-ring.ts'
import type { Blamed } from './vitals.ts'

export type WorkerSetup = {
  readonly ring: RingMemory
  /** Among how many the actors are divided. */
  readonly workers: number
  readonly names: Readonly<Record<Space, InternerMemory | NumberedMemory>>
  readonly features: FeatureMemory
  readonly boardCapacity: number
  readonly writesGraph: boolean
  /** The thread's number among those that walk the same graph. */
  readonly desk: number
  /** The bound of state in memory and the file for what is beyond, if there is one. */
  readonly memory: { readonly bytesMax: number; readonly path: string } | undefined
  /** What the host watches it by. */
  readonly vitals: SharedArrayBuffer
  /** Takes the place of a thread that ended, and begins with care. */
  readonly takesOver: boolean
  readonly blamed: readonly Blamed[]
  readonly folds: Folded
  /** False where nobody is recommended anything: what only that needs is not built. */
  readonly ranks: boolean
  /** The share of fresh edges that makes a merge due, where it is not as usual. */
  readonly freshShare?: number
  /** Of a core, what epochs are built with in the background; all of it by default. */
  readonly buildShare?: number
  readonly types: readonly TypeModule[]
  readonly kinds: DeclaredKinds
}

/** An actor type by the module that exports it: what a thread can load for itself. */
export type TypeModule = {
  /** URL of the module. */
  readonly module: string
  /** Name of the exported AnyActorType. */
  readonly exported: string
  readonly space: Space
}

/** Questions a worker answers. */
export type Ask =
  | { readonly what: 'recommend'; readonly ask: RecommendAsk }
  /** The same for a user whose actor lives elsewhere. */
  | {
      readonly what: 'rank'
      readonly user: UserContext
      readonly ask: Omit<RecommendAsk, 'user'>
    }
  /** What an actor tells a ranker of its user. */
  | { readonly what: 'context'; readonly user: number }
  /** Part of what another worker was asked to rank. */
  | { readonly what: 'help'; readonly job: JobMemory }
  /** What the graph knows of a board. */
  | { readonly what: 'board'; readonly board: number }
  | { readonly what: 'cards'; readonly pins: readonly number[] }
  | { readonly what: 'inspect'; readonly space: 'user' | 'pin'; readonly key: number }
  | { readonly what: 'top-users'; readonly limit: number }
  | { readonly what: 'digest' }
  /** Over what lies in this host, by its numbers: fast, for runs that give the same ones. */
  | { readonly what: 'numbers-digest' }
  /** How many actions the users in memory keep. */
  | { readonly what: 'kept-actions' }
  | { readonly what: 'stats' }
  /** The last rows of features that it answered with, by model: `RowsOfModel[]`. */
  | { readonly what: 'scored' }
  /** Builds an epoch at once and publishes it; its graph alone, the rest in the background. */
  | { readonly what: 'build'; readonly part?: 'graph' }
  | {
      readonly what: 'call'
      readonly call: { readonly type: string; readonly key: number; readonly method: string }
      readonly argument: unknown
      readonly state?: Uint8Array
    }
  | { readonly what: 'evict'; readonly type: string; readonly key: number }
  | {
      readonly what: 'restore'
      readonly type: string
      readonly key: number
      readonly state?: Uint8Array
    }
  | { readonly what: 'use-model'; readonly bytes: Uint8Array }
  | { readonly what: 'use-deep'; readonly memory: DeepMemory }
  | { readonly what: 'use-fitted'; readonly memory: FittedMemory }
  | { readonly what: 'use-rules'; readonly rules: SlateRules }
  /** Background builds are off until the log has been read. */
  | { readonly what: 'open' }
  /** What it takes from here on need not be folded with care. */
  | { readonly what: 'trust' }
  /** Brings back what a snapshot has of this worker, before the first block. */
  | { readonly what: 'load'; readonly folder: string; readonly sections: readonly Section[] }

export type EpochMemory = {
  readonly view: ViewMemory
  /** What its graph takes, and the one before it took about. */
  readonly bytes: number
  readonly sequences: CooccurrenceMemory | undefined
  readonly owners: Uint32Array | undefined
}

/** What comes with a block and does not fit the ring. */
export type Attachment = {
  readonly payloads: Map<number, CataloguePayload>
  /** Keep everything as it is when the block is folded, in files of this folder. */
  readonly snapshot?: string
}

export type ToWorker =
  /** What belongs to a block in the ring, by its number. */
  | { readonly type: 'attachment'; readonly number: number; readonly attachment: Attachment }
  /** To be answered when `after` blocks are folded. */
  | { readonly type: 'ask'; readonly id: number; readonly ask: Ask; readonly after: number }
  | { readonly type: 'epoch'; readonly epoch: EpochMemory }
  | { readonly type: 'stop' }

export type FromWorker =
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly error: WireError }
  /** What is served from now on; `shared` where other workers walk it as well. */
  | { readonly type: 'epoch'; readonly epoch: number; readonly shared?: EpochMemory }
  | { readonly type: 'dead-letter'; readonly letter: DeadLetter }
  /** Another worker may take part. */
  | { readonly type: 'job'; readonly job: JobMemory }
  /** This worker's part of a snapshot is on the disk, or cannot be. */
  | { readonly type: 'snapshot'; readonly folder: string; readonly sections: readonly Section[] }
  | { readonly type: 'no-snapshot'; readonly folder: string; readonly error: WireError }

export type WorkerStats = {
  readonly users: number
  readonly pins: number
  readonly turns: number
  readonly folded: number
  readonly edges: number
  readonly boards: number
  readonly epoch: number
  /** State of users and pins in memory. */
  readonly stateBytes: number
  readonly userBytes: number
  readonly pinBytes: number
  /** The same with what lies idle between them. */
  readonly reservedBytes: number
  /** What the graph takes: the table of edges, and the epoch that is walked. */
  readonly edgeBytes: number
  readonly epochBytes: number
  /** Blocks by the time they took: bucket n is up to 2^(n / 4) µs. */
  readonly blockTimes: readonly number[]
  /** How often one of them left memory, and came back. */
  readonly evictions: number
  readonly activations: number
  readonly model: string | undefined
  readonly fitted: string | undefined
  readonly counters: Readonly<Record<string, number>>
}
