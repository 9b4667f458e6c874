/**
 * The recommender as its callers see it, over a cluster: entries to the stream, what is known of a
 * user from their shard, pins with their cards from a ranker, all through the sidecar.
 */
import { type Clock, type Entry, pinwheelError, type Random } from '../../base/index.ts'
import type { GenerationName } from '../../ranking/index.ts'
import { BEHIND, FeedPath, type Invoke, isOfHosts, type RankerFacts } from '../hosts/dapr/index.ts'
import type { StreamSizes } from '../ingest/index.ts'
import type { PinActivity, PinActorCard } from '../pin-actor.ts'
import { stranger } from '../recommend-ask.ts'
import type { Answer, PinCard } from '../recommender/answer.ts'
import type { ModelReport } from '../recommender/model-reports.ts'
import type {
  BoardAsk,
  PinDetail,
  Recommendation,
  RelatedAsk,
  UserAsk,
} from '../recommender/recommender.ts'
import { ServedMemory } from '../recommender/served-memory.ts'
import { DegradedFeeds } from './degraded-feeds.ts'
import { EdgeIntake, type EdgeVerdict } from './edge-intake.ts'
import type { EdgeLog } from './edge-log.ts'
import type { FeedCache } from './feed-cache.ts'
import { type Place, placeOf, reached } from './reach.ts'

export type ClusterRecommenderOptions = {
  readonly log: Omit<EdgeLog, 'close'>
  readonly invoke: Invoke
  readonly clock: Clock
  readonly deadlineMs: number
  /** Names requests and gives seeds where the caller gives none. */
  readonly random: Random
  readonly cache?: FeedCache
}

/** Between two questions to a ranker what there is, and how old what it said may be. */
const FACTS_EVERY_MS = 1_000
const FACTS_OLD_MS = 10_000
/** For what people look up, with nobody waiting for a page of pins. */
const LOOKUP_MS = 5_000
/** Of a feed's time, what its user's shard has. */
const CONTEXT_SHARE = 0.4

/** For whom, or for what, pins are ranked, as it crosses hosts. */
type Asked = Omit<UserAsk, 'user' | 'after'> & {
  readonly board?: string
  readonly relatedTo?: readonly string[]
  /** Pins of the last answers, where the rules leave those out. */
  readonly served?: readonly string[]
}

/** An answer of a ranker, and what it says of itself. */
type Told = Answer & { readonly stale?: true; readonly behindMs?: number }

export class ClusterRecommender {
  readonly #options: ClusterRecommenderOptions
  readonly #intake: EdgeIntake
  readonly #path: FeedPath
  readonly #degraded: DegradedFeeds
  readonly #served = new ServedMemory<string>()
  readonly #counters: Record<string, number> = {}
  readonly #end: () => void
  #facts: RankerFacts | undefined
  #factsAt = Number.NEGATIVE_INFINITY

  constructor(options: ClusterRecommenderOptions) {
    this.#options = options
    const { log, invoke, clock, cache } = options
    this.#intake = new EdgeIntake(log)
    const count = (name: string) => this.#count(name)
    this.#path = new FeedPath({ invoke, clock, count })
    const askPopular = (limit: number) => {
      const ask = { limit, generation: 'mixed', exclude: [], explain: false } as const
      return this.#rank('', stranger, ask, this.#until(LOOKUP_MS))
    }
    this.#degraded = new DegradedFeeds({ clock, cache, askPopular })
    this.#end = clock.every(FACTS_EVERY_MS, () => void this.refresh())
  }

  close(): void {
    this.#end()
    this.#degraded.close()
  }

  /** Asks a ranker what there is, and until there is anything also what is popular. */
  async refresh(): Promise<void> {
    try {
      this.#facts = (await this.#lookUp('', 'facts', null)) as RankerFacts
      this.#factsAt = this.#options.clock.monotonic()
      await this.#degraded.begin()
    } catch {
      // What was said last grows old, and `status` says so.
    }
  }

  async ingest(entries: readonly Entry[]): Promise<{ position: string; verdicts: EdgeVerdict[] }> {
    const taken = await this.#intake.append(entries)
    for (const { kind, id } of entries) {
      if (kind !== 'delete-user') continue
      this.#served.forget(id)
      void this.#degraded.forget(id)
    }
    const resent = taken.verdicts.filter((verdict) => verdict === 'duplicate').length
    this.#count('entries_accepted', taken.verdicts.length - resent)
    this.#count('entries_duplicate', resent)
    return taken
  }

  /** An unknown user gets the cold-start rungs. */
  async recommend({ user, after, ...ask }: UserAsk): Promise<Recommendation> {
    const until = this.#until(this.#options.deadlineMs)
    const place = this.#placeOf(after, user)
    const isReached = await reached(place, this.#half(until), this.#options)
    const window = this.#facts?.served ?? noWindow
    const at = ask.at ?? this.#options.clock.now()
    const served = this.#served.of(user, at, window)
    const asked = { ...ask, at, ...(served.length > 0 && { served }) }
    const answer = await this.#feed(user, asked, { until, ...(place && { since: place }) })
    this.#count(`answers_${answer.rung}`)
    if (window.requests > 0) {
      const pins = answer.items.map(({ pin }) => pin)
      this.#served.remember(user, at, pins)
    }
    return this.#named({ user, ...answer, ...(!isReached && { stale: true as const }) })
  }

  /** BOARD_UNKNOWN for one of which nothing was heard, or that is gone. */
  async forBoard({ board, after, ...ask }: BoardAsk): Promise<Recommendation> {
    const until = this.#until(this.#options.deadlineMs)
    const of = this.#placeOf(after, board)
    const heard = await reached(of, this.#half(until), this.#options)
    const owner = { until, body: () => board }
    const user = String(await this.#path.rank(board, 'ownerOf', owner))
    const place = this.#placeOf(after, user)
    const saved = await reached(place, this.#half(until), this.#options)
    const context = (await this.#path.context(user, until)) ?? stranger
    const since = place ?? of
    const answer = await this.#rank(user, context, { ...ask, board }, until, since)
    this.#count(`answers_board_${answer.rung}`)
    const isStale = !(heard && saved) || answer.stale === true
    return this.#named({ board, user, ...answer, ...(isStale && { stale: true as const }) })
  }

  /** PIN_UNKNOWN for a pin of which nothing was heard. */
  async related({ pin, limit, explain }: RelatedAsk): Promise<Recommendation> {
    const generation: GenerationName = 'collaborative'
    const near = { relatedTo: [pin], exclude: [pin], off: ['popular'] }
    const ask = { limit, generation, explain, ...near, seed: 1 }
    const until = this.#until(this.#options.deadlineMs)
    return this.#named(await this.#rank(pin, stranger, ask, until))
  }

  /** PIN_UNKNOWN for a pin of which nothing was heard, or that is gone. */
  async pin(id: string): Promise<PinDetail> {
    const until = this.#until(LOOKUP_MS)
    const argument = { at: this.#options.clock.now() }
    const [card, recent] = await Promise.all([
      this.#path.ask('Pin', id, { method: 'card', until }),
      this.#path.ask('Pin', id, { method: 'activity', argument, until }),
    ])
    const { gone, ...rest } = card as PinCard & Pick<PinActorCard, 'gone'>
    if (gone) throw pinwheelError('PIN_UNKNOWN', { id })
    return { ...rest, id, recent: recent as PinActivity }
  }

  /** USER_UNKNOWN for a user of whom nothing was heard. */
  async userState(id: string, after?: string): Promise<object> {
    const until = this.#until(LOOKUP_MS)
    const isFresh = await reached(this.#placeOf(after, id), this.#half(until), this.#options)
    const state = await this.#path.inspect('User', id, until)
    return { id, ...(!isFresh && { stale: true }), state }
  }

  async users(limit: number): Promise<{ id: string; saves: number }[]> {
    return (await this.#lookUp('', 'users', limit)) as { id: string; saves: number }[]
  }

  async models(): Promise<ModelReport[]> {
    return (await this.#lookUp('', 'models', null)) as ModelReport[]
  }

  status() {
    const old = this.#options.clock.monotonic() - this.#factsAt
    const { positions: _positions, served: _served, ...told } = this.#facts ?? nothing
    const { model, behindMs, ...sizes } = told
    const reasons = old > FACTS_OLD_MS ? ['no ranker answers'] : []
    const seconds = Math.round(behindMs / 1000)
    if (behindMs >= BEHIND.fromMs) reasons.push(`the ranker that was asked is ${seconds} s behind`)
    // A ranker that was there serves as cached and popular answers; one never seen does not.
    const ready = this.#facts !== undefined
    return { ready, reasons, ...sizes, lag: 0, ...(model !== undefined && { model }) }
  }

  /** How long the oldest entry of each partition waits for its shards; of those that say so. */
  async lags(): Promise<{ readonly partition: number; readonly seconds: number }[]> {
    const { invoke, log, clock } = this.#options
    const all = Array.from({ length: log.partitions }, async (_, partition) => {
      const call = { type: 'Partition', id: String(partition), method: 'position' }
      const has = await invoke(call, {}, LOOKUP_MS).catch(() => undefined)
      // Nobody delivers it: everything since then waits, but nobody knows since when.
      if (typeof has !== 'number') return []
      const since = await log.waitingSince(partition, has).catch(() => undefined)
      const seconds = since === undefined ? 0 : Math.max(0, clock.now() - since) / 1000
      return [{ partition, seconds }]
    })
    return (await Promise.all(all)).flat()
  }

  /** Undefined where nobody says. */
  async stream(): Promise<StreamSizes | undefined> {
    return this.#options.log.sizes().catch(() => undefined)
  }

  counters(): Readonly<Record<string, number>> {
    return this.#counters
  }

  async #feed(
    user: string,
    ask: Asked,
    { until, since }: { readonly until: number; readonly since?: Place },
  ): Promise<Answer & { readonly stale?: true }> {
    const wanted = { user, ...ask }
    const now = this.#options.clock.monotonic()
    let context: unknown
    try {
      context = await this.#path.context(user, now + (until - now) * CONTEXT_SHARE)
    } catch (error) {
      if (!isOfHosts(error)) throw error
      this.#count('contexts_missed')
      const cached = await this.#degraded.cached(wanted)
      if (cached) return cached
    }
    try {
      const answer = await this.#rank(user, context ?? stranger, ask, until, since)
      this.#degraded.remember(user, answer)
      return answer
    } catch (error) {
      if (!isOfHosts(error)) throw error
      this.#count('rankings_missed')
      const lower = (await this.#degraded.cached(wanted)) ?? this.#degraded.popular(wanted)
      if (lower) return lower
      throw error
    }
  }

  async #rank(
    of: string,
    user: unknown,
    ask: Asked,
    until: number,
    since?: Place,
  ): Promise<Answer & { readonly stale?: true }> {
    const { clock, random } = this.#options
    const at = ask.at ?? clock.now()
    const seed = ask.seed ?? random.u32()
    const off = ask.off ?? []
    const whole = { ...ask, user, at, seed, off, ...(since && { since }) }
    const body = (deadlineMs: number) => ({ ...whole, deadlineMs })
    const told = (await this.#path.rank(of, 'answer', { until, body })) as Told
    const { behindMs = 0, ...answer } = told
    return { ...answer, ...(behindMs >= BEHIND.fromMs && { stale: true as const }) }
  }

  #lookUp(of: string, method: string, body: unknown): Promise<unknown> {
    return this.#path.rank(of, method, { until: this.#until(LOOKUP_MS), body: () => body })
  }

  #until(ms: number): number {
    return this.#options.clock.monotonic() + ms
  }

  /** Of the time that is left until then, half. */
  #half(until: number): number {
    const now = this.#options.clock.monotonic()
    return now + (until - now) / 2
  }

  #placeOf(after: string | undefined, id: string): Place | undefined {
    return placeOf(after, id, this.#options.log.partitions)
  }

  #named(answer: Omit<Recommendation, 'request'>): Recommendation {
    return { ...answer, request: this.#options.random.u32().toString(36) }
  }

  #count(name: string, by = 1): void {
    this.#counters[name] = (this.#counters[name] ?? 0) + by
  }
}

const noWindow = { requests: 0, hours: 0 }
const nothing: RankerFacts = {
  ...{ users: 0, pins: 0, boards: 0, edges: 0, entries: 0, epoch: 0 },
  served: noWindow,
  positions: [],
  behindMs: 0,
}
