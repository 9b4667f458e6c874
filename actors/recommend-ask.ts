/** What is asked of a host for a user, and what is known of somebody of whom nothing is. */
import type { EpochMs } from '../base/index.ts'
import type {
  BoardFacts,
  GenerationName,
  MadeList,
  RequestPlace,
  UserContext,
} from '../ranking/index.ts'

/** A board as its owner's, by UserIndex. */
export type OwnedBoard = BoardFacts & { readonly owner: number }

export type RecommendAsk = Partial<RequestPlace> & {
  /** NONE for somebody never heard of. */
  readonly user: number
  readonly limit: number
  readonly generation: GenerationName
  /** Candidates to choose from, where fewer than the generation's bound. */
  readonly candidates?: number
  readonly exclude: readonly number[]
  readonly relatedTo?: readonly number[]
  /** What pins are sought for; the user is its owner. */
  readonly board?: BoardFacts
  /** What was made ahead, and whether what is made now shall come with the answer. */
  readonly list?: MadeList
  readonly wantsList?: boolean
  /** What the last answers had. */
  readonly served?: readonly number[]
  readonly explain: boolean
  readonly at: EpochMs
  readonly seed: number
  readonly deadlineMs: number
  readonly off: readonly string[]
}

/** Whom nobody has heard of. */
export const stranger: UserContext = Object.freeze({
  known: false,
  hash: 0,
  seeds: [],
  exclude: [],
  savedCount: 0,
  topics: [],
  boards: [],
  saves: 0,
  closeups: 0,
  impressions: 0,
  lastActive: 0,
})
