/**
 * What is asked of a ranker and what it answers. Pins are dense numbers here (`PinIndex` of the
 * answering host); the edge turns them into outside ids.
 */

import type { BoardIndex, EpochMs, PinIndex, TagIndex } from '../../base/index.ts'
import type { RequestPlace } from './request-place.ts'

/** A pin the user acted on, as a place where walks start. */
export type Seed = {
  readonly pin: PinIndex
  /** Positive; kinds and age are already in it. */
  readonly weight: number
  readonly time: EpochMs
}

/** What the user's actor tells a ranker: everything personal that ranking may know. */
export type UserContext = {
  /** False for a user of whom nothing is known: the cold-start rungs answer. */
  readonly known: boolean
  /** Of the outside id; 0 for a stranger. */
  readonly hash: number
  /** Newest first, at most a few dozen. */
  readonly seeds: readonly Seed[]
  /** Pins not to be shown again: saved (newest first), then hidden, then lately seen. */
  readonly exclude: readonly PinIndex[]
  /** How many of them, at the beginning, are saved. */
  readonly savedCount: number
  /** Topics the user follows. */
  readonly topics: readonly TagIndex[]
  /** The user's own boards, most recently used first. */
  readonly boards: readonly BoardIndex[]
  readonly saves: number
  readonly closeups: number
  readonly impressions: number
  /** Time of the last action; 0 when there is none. */
  readonly lastActive: EpochMs
}

/** A board for which pins are sought, as everything that was said of it. */
export type BoardFacts = {
  /** Empty where it has none. */
  readonly title: string
  /** What is on it, newest first, but for pins that are gone. */
  readonly pins: readonly PinIndex[]
  /** The newest of them, weighed by age as a user's seeds are. */
  readonly seeds: readonly Seed[]
}

export type GenerationName = 'tags' | 'collaborative' | 'mixed' | 'deep'

/**
 * The ladder of answers, best first. `title` and `owner` are of boards without pins: by the words
 * of the title, by what is known of who owns it.
 */
export const rungs = ['full', 'light', 'title', 'owner', 'cached', 'popular'] as const
export type Rung = (typeof rungs)[number]

export type RankRequest = {
  readonly user: UserContext
  /** Pins to answer, 1 to limits.recommendationsMax. */
  readonly limit: number
  readonly generation: GenerationName
  /**
   * Candidates to choose from, where fewer than the generation's bound: of each source its part.
   */
  readonly candidates?: number
  readonly exclude: readonly PinIndex[]
  /** Time of the request; with `seed`, the whole of its randomness. */
  readonly at: EpochMs
  readonly seed: number
  /** Absolute, on the ranker's monotonic clock; stages that would start later are dropped. */
  readonly deadline: number
  readonly explain: boolean
  /** Where the answer is looked at; as `placeDefaults` where absent. */
  readonly device?: RequestPlace['device']
  readonly surface?: RequestPlace['surface']
  /** Names of stages switched off for this request. */
  readonly off: readonly string[]
  /** Instead of a user's seeds: pins related to these (GET /v1/pins/{id}/related). */
  readonly relatedTo?: readonly PinIndex[]
  /** The board that pins are sought for; the user is its owner. */
  readonly board?: BoardFacts
  /** Tags and topics that are asked for by name, with weights up to 1. */
  readonly wanted?: ReadonlyMap<number, number>
  /** What was made ahead for this user by a fitted model, best first. */
  readonly list?: MadeList
  /** Whether the answer shall bring the list that a fitted model gave, to be kept. */
  readonly wantsList?: boolean
  /** What the last answers to this user had: shown again only where nothing else is left. */
  readonly served?: readonly PinIndex[]
}

/** The best for a user by the fitted model of a version, by its items. */
export type MadeList = {
  readonly version: string
  readonly items: readonly number[]
  readonly scores: readonly number[]
}

export type RankedPin = {
  readonly pin: PinIndex
  readonly score: number
  /**
   * Probability, over the draw of exploration alone, that it stands at this rank, in (0, 1]: 1
   * where nothing is by chance. For the context of its impression.
   */
  readonly propensity: number
  /** Names of the sources that proposed it. */
  readonly sources: readonly string[]
  /** The seed that spoke loudest for it: "because you saved …". */
  readonly because?: PinIndex
  /** Feature values by name; only when `explain`. */
  readonly features?: Readonly<Record<string, number>>
}

export type TraceEntry = {
  readonly stage: string
  readonly kind: 'source' | 'hydrator' | 'filter' | 'scorer' | 'selector' | 'effect'
  readonly outcome: 'ok' | 'failed' | 'late' | 'off'
  readonly ms: number
  readonly candidatesIn: number
  readonly candidatesOut: number
  /** Why it was dropped. */
  readonly reason?: string
  /** Candidates that it dropped, by the rule that did. */
  readonly dropped?: Readonly<Record<string, number>>
}

export type RankReply = {
  readonly pins: readonly RankedPin[]
  readonly rung: Rung
  readonly generation: GenerationName
  /** Graph epoch that answered. */
  readonly epoch: number
  /** Version of the model that scored, absent on rungs without one. */
  readonly model?: string
  /** Where it was wanted and was made now. */
  readonly list?: MadeList
  readonly trace: readonly TraceEntry[]
}
