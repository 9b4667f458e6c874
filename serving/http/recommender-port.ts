/**
 * What the HTTP surface needs of the recommender. The server knows nothing below this line: neither
 * threads nor logs nor graphs. `actors/recommender` answers it in the running program, a map in the
 * memory of a test answers it there.
 */
import type { Entry } from '../../base/index.ts'
import type {
  FeatureDrift,
  GenerationName,
  ModelKind,
  RequestPlace,
  Rung,
  TraceEntry,
} from '../../ranking/index.ts'

export interface Recommender {
  /** Entries are already checked by `entryProblem`. Resolves when they are durable. */
  ingest(entries: readonly Entry[]): Promise<IngestReply>
  /** An unknown user is answered too: from the cold-start rungs. */
  recommend(ask: RecommendAsk): Promise<RecommendReply>
  /** BOARD_UNKNOWN when nobody has spoken of the board, or it is gone. */
  forBoard(ask: BoardAsk): Promise<RecommendReply>
  /** PIN_UNKNOWN when nobody has spoken of the pin. */
  related(ask: RelatedAsk): Promise<RecommendReply>
  /** PIN_UNKNOWN when nobody has spoken of the pin, or it is gone. */
  pin(id: string): Promise<PinDetail>
  /** USER_UNKNOWN when no entry has named the user. */
  userState(id: string, after?: string): Promise<object>
  /** Some users with the most saves first: for the chooser of the feed page. */
  users(limit: number): Promise<readonly UserSummary[]>
  /** The rankers that serve, with how their features drift. */
  models(): Promise<readonly ModelReport[]>
  status(): Status
  /**
   * Of a cluster: how long the oldest entry of each partition waits for the actors. Empty where
   * entries are taken in by the process that answers: `lag` of its status tells then.
   */
  lags(): Promise<readonly { readonly partition: number; readonly seconds: number }[]>
  /** Of a cluster: bytes that its log has and may have, and messages that nobody could read. */
  stream(): Promise<
    { readonly bytes: number; readonly bytesMax: number; readonly deadLetters: number } | undefined
  >
  /** Totals since the start, by snake_case name: for /metrics. */
  counters(): Readonly<Record<string, number>>
}

export type IngestReply = {
  /** Opaque; reads take it as `after`. */
  readonly position: string
  /** One for each entry, in order. */
  readonly verdicts: readonly ('accepted' | 'duplicate')[]
}

export type RecommendAsk = Partial<RequestPlace> & {
  readonly user: string
  readonly limit: number
  readonly generation: GenerationName
  readonly exclude: readonly string[]
  readonly explain: boolean
  readonly after?: string
  readonly at?: number
  readonly seed?: number
  readonly off?: readonly string[]
}

export type BoardAsk = Omit<RecommendAsk, 'user'> & { readonly board: string }

export type RelatedAsk = {
  readonly pin: string
  readonly limit: number
  readonly explain: boolean
}

export type RecommendReply = {
  readonly board?: string
  readonly user?: string
  /** Names this answer in the context of impressions. */
  readonly request: string
  readonly generation: GenerationName
  readonly rung: Rung
  readonly epoch: number
  readonly model?: string
  /** `after` was not reached before the deadline. */
  readonly stale?: true
  readonly items: readonly RecommendedPin[]
  /** Only when asked to explain. */
  readonly trace?: readonly TraceEntry[]
}

export type RecommendedPin = {
  readonly pin: string
  readonly score: number
  /** Probability with which it stands at its rank, (0, 1]: into the context of its impression. */
  readonly propensity: number
  readonly sources: readonly string[]
  /** The saved pin that spoke loudest for this one, and its title where it has one. */
  readonly because?: string
  readonly becauseTitle?: string
  readonly features?: Readonly<Record<string, number>>
  readonly card: PinCard
}

export type PinCard = {
  readonly id: string
  readonly title?: string
  readonly description?: string
  readonly image?: string
  readonly topic?: string
  readonly tags: readonly string[]
  readonly language?: string
  readonly created?: number
  readonly saves: number
  readonly closeups: number
  readonly impressions: number
  readonly hides: number
  readonly outbounds: number
  /** Events of kinds that the operator declared. */
  readonly declared: number
  /** Known from events only: no catalogue entry has described it. */
  readonly stub: boolean
}

export type PinCounter = 'saves' | 'closeups' | 'impressions' | 'hides' | 'outbounds' | 'declared'
export type PinDetail = PinCard & {
  /** Counts of the last days, fading. */
  readonly recent: Readonly<Record<PinCounter, number>>
}

export type UserSummary = { readonly id: string; readonly saves: number }

export type ModelReport = {
  readonly kind: ModelKind
  readonly version: string
  /** ms since 1970. */
  readonly trainedAt: number
  /** Of the log, that it learned from. */
  readonly entries: number
  readonly metrics: Readonly<Record<string, number | string>>
  /** Of the last answers, that `features` speaks of. */
  readonly rows: number
  /** The most drifted first; empty while rows are too few to tell. */
  readonly features: readonly FeatureDrift[]
}

export type Status = {
  readonly ready: boolean
  /** Why it is not ready yet. */
  readonly reasons: readonly string[]
  readonly epoch: number
  readonly model?: string
  readonly users: number
  readonly pins: number
  readonly boards: number
  readonly edges: number
  readonly entries: number
  /** Entries that are acknowledged and not yet with their actors; 0 of a cluster, see `lags`. */
  readonly lag: number
}
