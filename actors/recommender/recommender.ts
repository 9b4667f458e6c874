/**
 * The recommender as its callers see it: outside ids in, outside ids and cards out, over the
 * embedded host. It runs outside any actor's turn: context from the user's actor, a ranked slate
 * from the generation, cards from the pins' actors.
 */
import {
  type Clock,
  type Entry,
  NONE,
  type PinIndex,
  pinwheelError,
  type Random,
} from '../../base/index.ts'
import type {
  GenerationName,
  ListBook,
  Manifest,
  RankReply,
  RequestPlace,
} from '../../ranking/index.ts'
import type { Verdict } from '../hosts/embedded/intake.ts'
import { knownIndex } from '../hosts/embedded/outside-ids.ts'
import type { Runtime } from '../hosts/embedded/runtime.ts'
import type { PinActivity } from '../pin-actor.ts'
import type { OwnedBoard } from '../recommend-ask.ts'
import { type Answer, answerOf, cardWithIds, type PinCard } from './answer.ts'
import { type ModelReport, modelReports } from './model-reports.ts'
import { ServedMemory } from './served-memory.ts'

export type PinDetail = PinCard & { readonly recent: PinActivity }

export type UserAsk = Partial<RequestPlace> & {
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
export type RelatedAsk = { readonly pin: string; readonly limit: number; readonly explain: boolean }

/** As of a user; the board's owner is the user. */
export type BoardAsk = Omit<UserAsk, 'user'> & { readonly board: string }

export type Recommendation = Answer & {
  readonly board?: string
  readonly user?: string
  readonly request: string
  /** `after` was not reached before the deadline. */
  readonly stale?: true
}

export type RecommenderOptions = {
  readonly runtime: Runtime
  readonly clock: Clock
  readonly deadlineMs: number
  /** Names requests and gives seeds where the caller gives none. */
  readonly random: Random
  /** Lists of generation 2 that were made ahead, and where those made now are kept. */
  readonly lists?: Pick<ListBook, 'find' | 'keep'>
  /** Of the rankers that serve. */
  readonly manifests?: () => Iterable<Manifest>
}

const STATS_EVERY_MS = 1000
const WAIT_MS = 2

export class Recommender {
  readonly #runtime: Runtime
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #random: Random
  readonly #lists: RecommenderOptions['lists']
  readonly #manifests: () => Iterable<Manifest>
  readonly #served = new ServedMemory<PinIndex>()
  readonly #counters: Record<string, number> = {}
  #totals = { users: 0, pins: 0, boards: 0, edges: 0, model: undefined as string | undefined }
  #stopStats: () => void

  constructor(options: RecommenderOptions) {
    this.#runtime = options.runtime
    this.#clock = options.clock
    this.#deadlineMs = options.deadlineMs
    this.#random = options.random
    this.#lists = options.lists
    this.#manifests = options.manifests ?? (() => [])
    this.#stopStats = options.clock.every(STATS_EVERY_MS, () => void this.refresh().catch(() => {}))
  }

  close(): void {
    this.#stopStats()
  }

  async ingest(entries: readonly Entry[]): Promise<{ position: string; verdicts: Verdict[] }> {
    const { position, verdicts } = await this.#runtime.ingest(entries)
    for (const { kind, id } of entries) if (kind === 'delete-user') this.#served.forget(id)
    this.#count('entries_accepted', verdicts.filter((v) => v === 'accepted').length)
    this.#count('entries_duplicate', verdicts.filter((v) => v === 'duplicate').length)
    return { position, verdicts: [...verdicts] }
  }

  /** An unknown user gets the cold-start rungs. */
  async recommend(ask: UserAsk): Promise<Recommendation> {
    const stale = !(await this.#reached(ask.after, ask.user))
    const { names, rules } = this.#runtime
    const user = names.user.find(ask.user)
    const at = ask.at ?? this.#clock.now()
    const served = this.#served.of(ask.user, at, rules.served)
    const exclude = ask.exclude.map((id) => names.pin.find(id)).filter((pin) => pin >= 0)
    const reply = await this.#runtime.recommend({
      user: user < 0 ? NONE : user,
      limit: ask.limit,
      generation: ask.generation,
      exclude,
      explain: ask.explain,
      ...(ask.device && { device: ask.device }),
      ...(ask.surface && { surface: ask.surface }),
      ...(served.length > 0 && { served }),
      ...(await this.#listFor(ask)),
      at,
      seed: ask.seed ?? this.#random.u32(),
      deadlineMs: this.#deadlineMs,
      off: ask.off ?? [],
    })
    this.#count(`answers_${reply.rung}`)
    if (reply.list) {
      const { version, items, scores } = reply.list
      const own = { items: Uint32Array.from(items), scores: Float32Array.from(scores) }
      this.#lists?.keep(ask.user, { version, at: this.#clock.now(), ...own })
    }
    if (rules.served.requests > 0) {
      const pins = reply.pins.map(({ pin }) => pin)
      this.#served.remember(ask.user, at, pins)
    }
    const answer = await this.#answer(reply, ask.explain)
    return { user: ask.user, ...answer, ...(stale && { stale: true as const }) }
  }

  /** What was made ahead for this user, where the generation has such lists. */
  async #listFor({ user, generation, off = [] }: UserAsk) {
    if (generation !== 'collaborative' || !this.#lists || off.includes('lists')) return {}
    const made = await this.#lists.find(user)
    if (!made) return { wantsList: true }
    const { version, items, scores } = made
    this.#count('answers_listed')
    // Of a model that is no more, another is wanted.
    return { wantsList: true, list: { version, items: [...items], scores: [...scores] } }
  }

  /**
   * For the eyes of the board's owner, whom the answer names: it leaves out what they saved, hid or
   * saw, and a private board has no other answer. BOARD_UNKNOWN for one of which nothing was heard,
   * or that is gone.
   */
  async forBoard({ board: id, after, exclude, ...ask }: BoardAsk): Promise<Recommendation> {
    const { names } = this.#runtime
    const heard = await this.#reached(after, id)
    const found = await this.#board(id)
    const user = names.user.id(found.owner)
    // What is on it may be in the owner's partition.
    const saved = await this.#reached(after, user)
    const { owner, ...board } = after === undefined ? found : await this.#board(id)
    const reply = await this.#runtime.recommend({
      user: owner,
      board,
      limit: ask.limit,
      generation: ask.generation,
      exclude: exclude.map((pin) => names.pin.find(pin)).filter((pin) => pin >= 0),
      explain: ask.explain,
      ...(ask.device && { device: ask.device }),
      ...(ask.surface && { surface: ask.surface }),
      at: ask.at ?? this.#clock.now(),
      seed: ask.seed ?? this.#random.u32(),
      deadlineMs: this.#deadlineMs,
      off: ask.off ?? [],
    })
    this.#count(`answers_board_${reply.rung}`)
    const answer = await this.#answer(reply, ask.explain)
    return { board: id, user, ...answer, ...(!(heard && saved) && { stale: true as const }) }
  }

  async #board(id: string): Promise<OwnedBoard> {
    const board = this.#runtime.names.board.find(id)
    const found = board < 0 ? undefined : await this.#runtime.board(board)
    if (!found) throw pinwheelError('BOARD_UNKNOWN', { id })
    return found
  }

  /** PIN_UNKNOWN for a pin of which nothing was heard. */
  async related(ask: RelatedAsk): Promise<Recommendation> {
    const pin = knownIndex(this.#runtime.names, 'pin', ask.pin)
    const reply = await this.#runtime.recommend({
      user: NONE,
      limit: ask.limit,
      generation: 'collaborative',
      exclude: [pin],
      relatedTo: [pin],
      explain: ask.explain,
      at: this.#clock.now(),
      seed: 1,
      deadlineMs: this.#deadlineMs,
      off: ['popular'],
    })
    return this.#answer(reply, ask.explain)
  }

  /** PIN_UNKNOWN for a pin of which nothing was heard, or that is gone. */
  async pin(id: string): Promise<PinDetail> {
    const pin = knownIndex(this.#runtime.names, 'pin', id) as PinIndex
    const ask = { at: this.#clock.now() }
    const activity = this.#runtime.asks.ask('Pin', id, 'activity', ask)
    const [[card], recent] = await Promise.all([this.#runtime.cards([pin]), activity])
    if (!card || card.gone) throw pinwheelError('PIN_UNKNOWN', { id })
    return { ...cardWithIds(pin, card, this.#runtime.names), recent: recent as PinActivity }
  }

  /** USER_UNKNOWN for a user of whom nothing was heard. */
  async userState(id: string, after?: string): Promise<object> {
    const fresh = await this.#reached(after, id)
    const user = knownIndex(this.#runtime.names, 'user', id)
    const { state } = await this.#runtime.inspect('user', user)
    return { id, ...(!fresh && { stale: true }), state }
  }

  async users(limit: number): Promise<{ id: string; saves: number }[]> {
    const users = await this.#runtime.topUsers(limit)
    return users.map(({ user, saves }) => ({ id: this.#runtime.names.user.id(user), saves }))
  }

  /** Of the rankers that serve, each with its features, the most drifted first. */
  async models(): Promise<ModelReport[]> {
    return modelReports(this.#manifests(), await this.#runtime.scored())
  }

  status() {
    const { failure, epoch, entries, lag } = this.#runtime
    const { model, ...totals } = this.#totals
    return {
      ready: failure === undefined,
      reasons: failure === undefined ? [] : [failure],
      epoch,
      entries,
      lag,
      ...totals,
      ...(model !== undefined && { model }),
    }
  }

  async lags(): Promise<[]> {
    return []
  }

  async stream(): Promise<undefined> {}

  counters(): Readonly<Record<string, number>> {
    const { log, resends, deadLetters } = this.#runtime
    return {
      ...this.#counters,
      log_fsyncs: log.stats.fsyncs,
      log_bytes: log.stats.bytes,
      entries_resent: resends,
      dead_letters: deadLetters.length,
    }
  }

  /** Reads the workers' totals for `status`. */
  async refresh(): Promise<void> {
    const stats = await this.#runtime.stats()
    const sum = (of: (s: (typeof stats)[number]) => number) => stats.reduce((n, s) => n + of(s), 0)
    this.#totals = {
      users: sum((s) => s.users),
      pins: sum((s) => s.pins),
      boards: sum((s) => s.boards),
      edges: sum((s) => s.edges),
      model: stats[0]?.model,
    }
    this.#counters['actor_turns'] = sum((s) => s.turns)
    this.#counters['actor_evictions'] = sum((s) => s.evictions)
    this.#counters['actor_activations'] = sum((s) => s.activations)
    for (const name of new Set(stats.flatMap((s) => Object.keys(s.counters)))) {
      this.#counters[`stage_${name.replace(/\W+/g, '_')}`] = sum((s) => s.counters[name] ?? 0)
    }
  }

  /** Waits until `after` is applied for this id, up to the deadline; false when it was not. */
  async #reached(after: string | undefined, id: string): Promise<boolean> {
    const until = this.#clock.monotonic() + this.#deadlineMs
    while (!this.#runtime.hasApplied(after, id)) {
      if (this.#clock.monotonic() > until) return false
      await this.#clock.sleep(WAIT_MS)
    }
    return true
  }

  async #answer(reply: RankReply, explain: boolean): Promise<Recommendation> {
    const { names } = this.#runtime
    const cards = (pins: readonly PinIndex[]) => this.#runtime.cards(pins)
    const answer = await answerOf(reply, explain, { names, cards })
    return { request: this.#random.u32().toString(36), ...answer }
  }

  #count(name: string, by = 1): void {
    this.#counters[name] = (this.#counters[name] ?? 0) + by
  }
}
