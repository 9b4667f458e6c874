/**
 * A recommender in a page of code, for tests of what stands on the port: it keeps entries in maps
 * and answers pins of the topics that a user saved. No log, no actors, no walk; only the promises
 * of the port are real (duplicates, positions, read-your-writes, errors by code).
 */
import { type Entry, isEvent, type PinEntry, pinwheelError } from '../../base/index.ts'
import type {
  BoardAsk,
  ModelReport,
  PinCard,
  PinDetail,
  RecommendAsk,
  RecommendedPin,
  Recommender,
  RecommendReply,
  RelatedAsk,
} from './recommender-port.ts'

type User = { readonly saved: Set<string>; readonly gone: Set<string>; actions: number }
type Card = { -readonly [K in keyof PinCard]: PinCard[K] }

export class MemoryRecommender implements Recommender {
  readonly #users = new Map<string, User>()
  readonly #pins = new Map<string, Card>()
  readonly #boards = new Map<string, { readonly user: string; readonly pins: Set<string> }>()
  readonly #known = new Set<string>()
  #entries = 0
  #requests = 0
  ready = true

  async ingest(entries: readonly Entry[]) {
    const verdicts = entries.map((entry) => {
      const name = JSON.stringify([isEvent(entry) ? entry.user : entry.kind, entry.id, entry.time])
      if (this.#known.has(name)) return 'duplicate'
      this.#known.add(name)
      this.#entries++
      this.#apply(entry)
      return 'accepted'
    })
    return { position: `m${this.#entries}`, verdicts }
  }

  async recommend(ask: RecommendAsk): Promise<RecommendReply> {
    this.#await(ask.after)
    const user = this.#users.get(ask.user)
    const gone = new Set([...ask.exclude, ...(user?.saved ?? []), ...(user?.gone ?? [])])
    const seeds = [...(user?.saved ?? [])].reverse()
    const reply = this.#answer({ ...ask, gone, seeds })
    const rung = user && user.actions > 0 ? 'full' : 'popular'
    return { user: ask.user, ...reply, generation: ask.generation, rung }
  }

  async forBoard({ board: id, ...ask }: BoardAsk): Promise<RecommendReply> {
    this.#await(ask.after)
    const board = this.#boards.get(id)
    if (!board) throw pinwheelError('BOARD_UNKNOWN', { id })
    const owner = this.#user(board.user)
    const gone = new Set([...ask.exclude, ...board.pins, ...owner.saved, ...owner.gone])
    const reply = this.#answer({ ...ask, gone, seeds: [...board.pins].reverse() })
    const rung = board.pins.size > 0 ? 'full' : 'owner'
    return { board: id, user: board.user, ...reply, generation: ask.generation, rung }
  }

  async related({ pin, limit, explain }: RelatedAsk): Promise<RecommendReply> {
    if (!this.#pins.has(pin)) throw pinwheelError('PIN_UNKNOWN', { id: pin })
    return this.#answer({ limit, explain, gone: new Set([pin]), seeds: [pin] })
  }

  async pin(id: string): Promise<PinDetail> {
    const card = this.#pins.get(id)
    if (!card) throw pinwheelError('PIN_UNKNOWN', { id })
    const { saves, closeups, impressions, hides, outbounds, declared } = card
    return { ...card, recent: { saves, closeups, impressions, hides, outbounds, declared } }
  }

  async userState(id: string, after?: string): Promise<object> {
    this.#await(after)
    const user = this.#users.get(id)
    if (!user) throw pinwheelError('USER_UNKNOWN', { id })
    return { saved: [...user.saved], gone: [...user.gone], actions: user.actions }
  }

  async users(limit: number) {
    const all = [...this.#users].map(([id, user]) => ({ id, saves: user.saved.size }))
    return all.sort((a, b) => b.saves - a.saves || (a.id < b.id ? -1 : 1)).slice(0, limit)
  }

  async models(): Promise<ModelReport[]> {
    const told = { mean: 1, deviation: 1, atDefault: 0.5 }
    const features = [{ name: 'saves', drift: 0.25, taught: told, asked: told }]
    const metrics = { auc: 0.75, bestFeature: 'saves' }
    const about = { trainedAt: 1, entries: this.#entries, metrics, rows: 300, features }
    return [{ kind: 'light', version: 'memory-1', ...about }]
  }

  status() {
    const reasons = this.ready ? [] : ['the demo world is still replayed']
    const sizes = { users: this.#users.size, pins: this.#pins.size, boards: 0, edges: 0 }
    return { ready: this.ready, reasons, epoch: 1, ...sizes, entries: this.#entries, lag: 0 }
  }

  async lags() {
    return [{ partition: 0, seconds: 0.5 }]
  }

  async stream() {
    return { bytes: 800, bytesMax: 1_000, deadLetters: 2 }
  }

  counters() {
    return { entries: this.#entries, requests: this.#requests }
  }

  #apply(entry: Entry): void {
    if (!isEvent(entry)) {
      if (entry.kind === 'pin') this.#describe(entry)
      if (entry.kind === 'user') this.#user(entry.id)
      if (entry.kind === 'board') this.#board(entry.id, entry.user)
      return
    }
    const user = this.#user(entry.user)
    user.actions++
    if (entry.pin === undefined) return
    if (entry.kind === 'save' && entry.board !== undefined) {
      this.#board(entry.board, entry.user).pins.add(entry.pin)
    }
    const card = this.#card(entry.pin)
    if (entry.kind === 'impression') card.impressions++
    if (entry.kind === 'closeup') card.closeups++
    if (entry.kind === 'unsave') user.saved.delete(entry.pin)
    if (entry.kind === 'save' && !user.saved.has(entry.pin)) {
      user.saved.add(entry.pin)
      card.saves++
    }
    if (entry.kind === 'hide') {
      user.gone.add(entry.pin)
      card.hides++
    }
  }

  #describe({ kind: _kind, time: _time, hidden: _hidden, ...told }: PinEntry): void {
    Object.assign(this.#card(told.id), told, { stub: false })
  }

  #card(id: string): Card {
    const zero = { saves: 0, closeups: 0, impressions: 0, hides: 0, outbounds: 0, declared: 0 }
    const card = this.#pins.get(id) ?? { id, tags: [], ...zero, stub: true }
    this.#pins.set(id, card)
    return card
  }

  #board(id: string, user: string) {
    const board = this.#boards.get(id) ?? { user, pins: new Set<string>() }
    this.#boards.set(id, board)
    return board
  }

  #user(id: string): User {
    const user = this.#users.get(id) ?? { saved: new Set(), gone: new Set(), actions: 0 }
    this.#users.set(id, user)
    return user
  }

  #await(after: string | undefined): void {
    if (after === undefined) return
    if (!/^m\d{1,9}$/.test(after)) throw pinwheelError('POSITION_BAD', { value: after })
  }

  #answer(ask: {
    readonly limit: number
    readonly explain: boolean
    readonly gone: ReadonlySet<string>
    readonly seeds: readonly string[]
  }): RecommendReply {
    const because = new Map<string, string>()
    for (const seed of ask.seeds) {
      const topic = this.#pins.get(seed)?.topic
      if (topic !== undefined && !because.has(topic)) because.set(topic, seed)
    }
    const items = [...this.#pins.values()]
      .filter((card) => !ask.gone.has(card.id))
      .map((card) => this.#item(card, because.get(card.topic ?? ''), ask.explain))
      .sort((a, b) => b.score - a.score || (a.pin < b.pin ? -1 : 1))
    const candidatesIn = items.length
    const counted = { candidatesIn, candidatesOut: Math.min(candidatesIn, ask.limit), ms: 0.1 }
    return {
      request: `r${++this.#requests}`,
      generation: 'mixed',
      rung: 'full',
      epoch: 1,
      model: 'memory-1',
      items: items.slice(0, ask.limit),
      ...(ask.explain && {
        trace: [
          { stage: 'topics', kind: 'source', outcome: 'ok', ...counted },
          { stage: 'slate', kind: 'selector', outcome: 'ok', ...counted },
        ],
      }),
    }
  }

  #item(card: PinCard, because: string | undefined, explain: boolean): RecommendedPin {
    const title = because === undefined ? undefined : this.#pins.get(because)?.title
    const features = { topic: because === undefined ? 0 : 1, saves: Math.log1p(card.saves) }
    return {
      pin: card.id,
      score: features.topic + features.saves / 10,
      propensity: 1,
      sources: because === undefined ? ['popular'] : ['topics', 'popular'],
      ...(because !== undefined && { because }),
      ...(title !== undefined && { becauseTitle: title }),
      ...(explain && { features }),
      card: { ...card },
    }
  }
}
