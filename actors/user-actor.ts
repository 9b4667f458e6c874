/**
 * A user: the last actions, what was seen lately, boards and followed topics; from them, on
 * request, the context that ranking starts from.
 *
 * All of it is a fold of the user's entries. `boards` also learns from board entries of the owner,
 * which may come from another partition: every column there is a sum or a latest-wins by time, so
 * the order between partitions does not matter.
 */
import {
  type BoardIndex,
  DECLARED,
  type EventKind,
  eventKinds,
  eventSlot,
  flagShape,
  hashId,
  imageOffset,
  isEventCode,
  kindCode,
  limits,
  listShape,
  NONE,
  nothingShape,
  numberShape,
  type PinIndex,
  placeOf,
  recordShape,
  refShape,
  type ShapeOf,
  type TagIndex,
} from '../base/index.ts'
import { type ActorContext, actorType } from './actor.ts'
import type { EntryBatch, EntryView } from './shard/record-block.ts'
import type { UserServices } from './user-services.ts'
import { userState } from './user-state.ts'

/** How a user's actions become seeds of walks. */
export const seedDefaults = Object.freeze({
  count: 48,
  /** The weight of a seed halves every so many newer actions. */
  halfLife: 24,
})

export const seedShape = recordShape({
  pin: refShape<PinIndex>('pin'),
  weight: numberShape(0),
  time: numberShape(),
})
export const userContextShape = recordShape({
  known: flagShape,
  hash: numberShape(0),
  seeds: listShape(seedShape, 1000),
  exclude: listShape(refShape<PinIndex>('pin'), 4000),
  savedCount: numberShape(0, limits.actionsPerUserMax),
  topics: listShape(refShape<TagIndex>('tag'), 64),
  boards: listShape(refShape<BoardIndex>('board'), 256),
  saves: numberShape(0),
  closeups: numberShape(0),
  impressions: numberShape(0),
  lastActive: numberShape(),
})
export type UserActorContext = ShapeOf<typeof userContextShape>

/** Where a row has its counts and the time of the last event, in words. */
const COUNTS_AT = imageOffset(userState, 'counts') >>> 2
const ACTIVE_AT = imageOffset(userState, 'lastActive') >>> 2
const IMPRESSION = kindCode.impression
const SAVE = kindCode.save

export class UserActor {
  readonly #context: ActorContext<typeof userState.fields>
  readonly #services: UserServices

  constructor(context: ActorContext<typeof userState.fields>, services: UserServices) {
    this.#context = context
    this.#services = services
  }

  apply(batch: EntryBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const entry = batch.at(i)
      if (isEventCode(entry.kind)) this.#act(entry)
      else if (entry.kind === kindCode.board) this.#hearOfBoard(entry)
      else if (entry.kind === kindCode['delete-user']) this.#forget()
    }
  }

  /** What ranking may know of this user. */
  context(): UserActorContext {
    const { state } = this.#context
    const saves = state.counts.get(kindCode.save)
    const boards = rows(state.boards, ({ board, last }) => ({ board, last })).sort(
      (a, b) => b.last - a.last || a.board - b.board,
    )
    return {
      hash: hashId(this.#context.id),
      known: state.lastActive > 0 || state.topics.length > 0,
      ...this.#seedsAndExclusions(),
      topics: rows(state.topics, (t) => t.topic as TagIndex),
      boards: boards.map((b) => b.board as BoardIndex),
      saves,
      closeups: state.counts.get(kindCode.closeup),
      impressions: state.counts.get(kindCode.impression),
      lastActive: state.lastActive,
    }
  }

  #act(entry: EntryView): void {
    const { state } = this.#context
    const { kind, time } = entry
    const { page, word } = placeOf(state)
    page.u32[word + COUNTS_AT + eventSlot(kind)]!++
    const active = (word + ACTIVE_AT) >>> 1
    if (time > page.f64[active]!) page.f64[active] = time
    if (kind === IMPRESSION) {
      state.seen.append().pin = entry.pin
      return
    }
    if (kind === kindCode['follow-topic']) {
      const row = state.topics.upsert(entry.label)
      if (time > row.last) row.last = time
      return
    }
    const { next } = state.actions
    next.pin = entry.pin
    next.board = entry.board
    next.label = entry.label
    next.time = time
    next.weight = entry.weight
    next.kind = kind
    state.actions.push()
    if (kind === SAVE && entry.board !== NONE) {
      const board = state.boards.upsert(entry.board)
      board.saves += 1
      if (time > board.last) board.last = time
    }
  }

  #hearOfBoard(entry: EntryView): void {
    const board = this.#context.state.boards.upsert(entry.board)
    if (entry.time < board.told) return
    board.told = entry.time
    board.private = entry.payload?.private === true ? 1 : 0
    if (entry.time > board.last) board.last = entry.time
  }

  #forget(): void {
    const { state } = this.#context
    state.lastActive = 0
    for (let k = 0; k < state.counts.length; k++) state.counts.set(k, 0)
    state.actions.clear()
    state.seen.clear()
    while (state.boards.length > 0) state.boards.remove(state.boards.at(0).board)
    while (state.topics.length > 0) state.topics.remove(state.topics.at(0).topic)
  }

  /** Newest first in log order. */
  #seedsAndExclusions() {
    const seeds = []
    const saved: number[] = []
    const hidden: number[] = []
    for (const [pin, { verdict, strength, time, age }] of this.#sayings()) {
      if (verdict === 'save') saved.push(pin)
      else if (verdict === 'hide') hidden.push(pin)
      if (verdict === 'hide' || verdict === 'unsave' || strength === 0) continue
      if (seeds.length === seedDefaults.count) continue
      const weight = strength * 0.5 ** (age / seedDefaults.halfLife)
      seeds.push({ pin: pin as PinIndex, weight, time })
    }
    const exclude = new Set([...saved, ...hidden])
    const { seen } = this.#context.state
    for (let i = seen.length - 1; i >= 0; i--) exclude.add(seen.at(i).pin)
    return { seeds, exclude: [...exclude] as PinIndex[], savedCount: saved.length }
  }

  /** What the kept actions say of each pin. */
  #sayings(): Map<number, Saying> {
    const { actions } = this.#context.state
    const sayings = new Map<number, Saying>()
    let age = -1
    for (let more = actions.newest(); more; more = actions.older()) {
      age++
      const { pin, kind, time, weight, label } = actions.row
      const means =
        kind === DECLARED ? this.#services.kindWeight(label as TagIndex) : ownWeights[kind]!
      if (means === 0) continue
      let saying = sayings.get(pin)
      if (!saying) {
        saying = { verdict: undefined, decided: 0, strength: 0, time, age }
        sayings.set(pin, saying)
      }
      const verdict = verdicts[kind] ?? (means < 0 ? 'hide' : undefined)
      if (verdict && (saying.verdict === undefined || time > saying.decided)) {
        saying.verdict = verdict
        saying.decided = time
      }
      const strength = means * (weight > 0 ? weight : 1)
      if (strength > saying.strength) saying.strength = strength
      if (time > saying.time) saying.time = time
    }
    return sayings
  }
}

const ownWeights: Readonly<Record<number, number>> = Object.fromEntries(
  Object.entries(eventKinds).map(([name, { weight }]) => [kindCode[name as EventKind], weight]),
)
/** What a look or a click before or after does not undo. */
const verdicts: Readonly<Record<number, Verdict>> = {
  [kindCode.save]: 'save',
  [kindCode.unsave]: 'unsave',
  [kindCode.hide]: 'hide',
}
type Verdict = 'save' | 'unsave' | 'hide'
type Saying = {
  /** The latest in time, ties by log order; undefined when nothing was decided. */
  verdict: Verdict | undefined
  decided: number
  /** Of the strongest action; a save has 1. */
  strength: number
  time: number
  /** Newer actions than the newest on this pin. */
  readonly age: number
}

/** Plain values from a flyweight's rows. */
function rows<Row, T>(view: { length: number; at(i: number): Row }, pick: (row: Row) => T): T[] {
  return Array.from({ length: view.length }, (_, i) => pick(view.at(i)))
}

export const userActor = actorType({
  name: 'User',
  state: userState,
  methods: { context: { kind: 'read', argument: nothingShape, result: userContextShape } },
  create: (context: ActorContext<typeof userState.fields>, services: UserServices) =>
    new UserActor(context, services),
  appends: {
    seen: (kind) => kind === kindCode.impression,
    actions: (kind) => kind !== kindCode.impression && isEventCode(kind),
    boards: (kind) => kind === kindCode.save,
  },
})
