/**
 * The stage contract. A composition is a list of small stages of six kinds; each may be switched
 * off for a request, has a time budget, and leaves a trace entry. A stage that throws or would
 * start after its time is dropped, counted and named; the request goes on.
 */

import type { GraphView } from '../../graph/index.ts'
import type { FoldedUser } from '../pin-factors/index.ts'
import type { Candidates } from './candidates.ts'
import type { RankRequest, Rung } from './request.ts'
import type { RankingServices, RankScratch } from './services.ts'
import type { Tastes } from './tastes.ts'

/** One request in the making: what stages read and write. */
export type Ranking = {
  readonly request: RankRequest
  readonly services: RankingServices
  /** Taken once, so that every stage sees the same epoch. */
  readonly view: GraphView
  readonly candidates: Candidates
  readonly scratch: RankScratch
  readonly tastes: Tastes
  /** The user among the factors of the deep ranker: computed when it is first asked for. */
  readonly folded: () => FoldedUser | undefined
  /** Candidate indices in the order of the answer; set by a selector. */
  slate: number[]
  /** Probability of each rank of the slate; absent where nothing is by chance. */
  propensities?: readonly number[]
  /** Candidates that the stage at work dropped, by the rule that did: for the trace. */
  dropped?: Record<string, number>
  /** Rows of features that a model scored: row i is of the candidate `indices[i]`. */
  features?: {
    readonly names: readonly string[]
    readonly matrix: Float32Array
    readonly indices: Uint32Array
  }
  model?: string
  /** What the fitted model says of the user, once its source has asked it. */
  fitted?: {
    readonly version: string
    /** Undefined for a pin that it does not know. */
    readonly scoreOf: (pin: number) => number | undefined
    /** Whether it said so ahead, in the list that came with the request. */
    readonly isListed?: true
    /** Its best items that may be shown, and the scores of all; where it was asked now. */
    readonly best?: Uint32Array
    readonly values?: ArrayLike<number>
  }
}

type Common = {
  readonly name: string
  /** Dropped when less than this is left before the request's deadline. */
  readonly budgetMs: number
  readonly enabled: (request: RankRequest) => boolean
  /** Neither a request nor lateness leaves it out. */
  readonly required?: true
}

export type Source = Common & {
  readonly kind: 'source'
  /** Candidates that it brings at most, where that is bounded. */
  readonly top?: number
  /** False when it has nothing to find with. */
  readonly find: (ranking: Ranking) => unknown
}
export type Hydrator = Common & {
  readonly kind: 'hydrator'
  readonly hydrate: (ranking: Ranking) => void
}
export type Filter = Common & {
  readonly kind: 'filter'
  /** Whether to drop the candidate. */
  readonly drops: (ranking: Ranking) => (index: number) => boolean
}
/** Scorers form a ladder: the first that succeeds decides, and names the rung. */
export type Scorer = Common & {
  readonly kind: 'scorer'
  readonly rung: Rung
  /** False when it has nothing to score with (no model yet): the next one is asked. */
  readonly score: (ranking: Ranking) => boolean | Promise<boolean>
}
export type Selector = Common & {
  readonly kind: 'selector'
  readonly select: (ranking: Ranking) => void
}
export type SideEffect = Common & {
  readonly kind: 'effect'
  /** False when it has nothing to work with. */
  readonly run: (ranking: Ranking) => unknown
}
export type Stage = Source | Hydrator | Filter | Scorer | Selector | SideEffect

export const always = (): boolean => true

export type Composition = {
  readonly sources: readonly Source[]
  readonly hydrators: readonly Hydrator[]
  readonly filters: readonly Filter[]
  readonly scorers: readonly Scorer[]
  readonly selector: Selector
  readonly effects: readonly SideEffect[]
  /** Candidates beyond so many are not taken in; as many as there is room for where absent. */
  readonly candidatesMax?: number
}
