/**
 * How good ideas for a board are by how much is on it, asked of the code that serves.
 *
 * Boards are held out of the log: with them whatever their owner, or whoever saved to them, did to
 * their pins anywhere, so that neither graph nor counters nor a user's memory know. The rest is
 * folded; then the first 0, 1, 3 and 10 saves on each come back, the graph is built anew, and each
 * board is asked for. What counts is its pins from the eleventh on, the same in every row. The same
 * boards have their owner's ordinary feed and what is popular beside it, both without what the
 * owner knows. Who saves a pin elsewhere may have done so later: boards are held out, not a time.
 */
import {
  bySpace,
  type Clock,
  type DeclaredKinds,
  type Entry,
  type EventEntry,
  Interner,
  isEvent,
  type Names,
  noDeclaredKinds,
  pinwheelError,
  Random,
} from '../../base/index.ts'
import {
  FeatureTable,
  type Figure,
  meanFigure,
  type Rung,
  userMetrics,
} from '../../ranking/index.ts'
import { Engine } from '../engine.ts'
import { Feeder } from '../projections/feeder.ts'
import type { OwnedBoard, RecommendAsk } from '../recommend-ask.ts'
import { Frames } from './frames.ts'

export const coldBoardsDefaults = Object.freeze({
  heldBoards: 400,
  pins: Object.freeze([0, 1, 3, 10]),
  /** Least pins of a board beyond the most that are told. */
  targetsMin: 5,
})

export type ColdBoardsOptions = {
  readonly at: number
  readonly seed: number
  readonly clock: Clock
  readonly heldBoards?: number
  readonly kinds?: DeclaredKinds
  readonly onProgress?: (asked: number, total: number) => void
}

export type ColdBoardsRow = {
  /** Pins on each board. */
  readonly pins: number
  /** Boards by the rung that answered. */
  readonly rungs: Readonly<Partial<Record<Rung, number>>>
  readonly ideas: Figure
  readonly feed: Figure
  readonly popular: Figure
}
export type ColdBoards = {
  readonly boards: number
  /** Of them all, on average. */
  readonly targets: number
  readonly seed: number
  readonly rows: readonly ColdBoardsRow[]
}

type Entries = AsyncIterable<Entry> | Iterable<Entry>
type Held = {
  readonly id: string
  readonly owner: string
  /** By time, each pin once. */
  readonly saves: readonly EventEntry[]
}

/** `entries` gives the log, twice. EVALUATION_DATA where no board has pins enough. */
export async function coldBoards(
  entries: () => Entries | Promise<Entries>,
  options: ColdBoardsOptions,
): Promise<ColdBoards> {
  const { at, seed, onProgress = () => {} } = options
  const told = await boardsOf(await entries())
  const chosen = drawn(told.boards, options)
  const known = new Known(told, options)
  const isHidden = hiding(chosen)
  for await (const entry of await entries()) if (!isHidden(entry)) known.tell(entry)
  known.build()
  const held = chosen.filter(({ id }) => known.has(id))
  const most = Math.max(...coldBoardsDefaults.pins)
  const targets = held.map(({ saves }) => new Set(saves.slice(most).map(({ pin }) => pin!)))
  const rows: ColdBoardsRow[] = []
  let before = 0
  for (const [n, pins] of coldBoardsDefaults.pins.entries()) {
    for (const { saves } of held) for (const save of saves.slice(before, pins)) known.tell(save)
    before = pins
    known.build()
    const rungs: Partial<Record<Rung, number>> = {}
    const found = { ideas: [] as Found[], feed: [] as Found[], popular: [] as Found[] }
    for (const [i, { id }] of held.entries()) {
      const answers = await known.ask(id, at)
      rungs[answers.rung] = (rungs[answers.rung] ?? 0) + 1
      const judge = (ranked: readonly string[]) => judged(ranked, targets[i]!, at)
      found.ideas.push(judge(answers.ideas))
      found.feed.push(judge(answers.feed))
      found.popular.push(judge(answers.popular))
      onProgress(n * held.length + i + 1, coldBoardsDefaults.pins.length * held.length)
    }
    const mean = (of: readonly Found[]) => meanFigure(of, seed)
    const { ideas, feed, popular } = found
    rows.push({ pins, rungs, ideas: mean(ideas), feed: mean(feed), popular: mean(popular) })
  }
  const sum = targets.reduce((n, { size }) => n + size, 0)
  return { boards: held.length, targets: sum / held.length, seed, rows }
}

type Told = {
  readonly boards: ReadonlyMap<string, Held>
  readonly pins: number
  readonly boardsNamed: number
}

/** Boards that their owner named, with what was saved to them and not taken back. */
async function boardsOf(entries: Entries): Promise<Told> {
  const owners = new Map<string, string>()
  const saves = new Map<string, Map<string, EventEntry>>()
  const pins = new Set<string>()
  const users = new Set<string>()
  for await (const entry of entries) {
    if (entry.kind === 'board') owners.set(entry.id, (entry as { user: string }).user)
    if (entry.kind === 'delete-board') owners.delete(entry.id)
    if (entry.kind === 'pin') pins.add(entry.id)
    if (!isEvent(entry)) continue
    users.add(entry.user)
    if (entry.pin === undefined) continue
    pins.add(entry.pin)
    if (entry.board === undefined) continue
    const on = saves.get(entry.board) ?? new Map<string, EventEntry>()
    saves.set(entry.board, on)
    if (entry.kind === 'unsave') on.delete(entry.pin)
    else if (entry.kind === 'save' && !on.has(entry.pin)) on.set(entry.pin, entry)
  }
  const boards = new Map<string, Held>()
  for (const [id, owner] of owners) {
    const on = [...(saves.get(id)?.values() ?? [])].sort((a, b) => a.time - b.time)
    boards.set(id, { id, owner, saves: on })
  }
  // Each user may have a board without a name.
  return { boards, pins: pins.size, boardsNamed: owners.size + saves.size + users.size }
}

function drawn(
  boards: ReadonlyMap<string, Held>,
  { seed, heldBoards = coldBoardsDefaults.heldBoards }: ColdBoardsOptions,
): Held[] {
  const least = Math.max(...coldBoardsDefaults.pins) + coldBoardsDefaults.targetsMin
  const fit = [...boards.values()].filter(({ saves }) => saves.length >= least)
  const most = Math.min(heldBoards, Math.ceil(boards.size / 2))
  const held = new Random(seed).split('cold boards').shuffle(fit).slice(0, most)
  if (held.length > 0) return held
  throw pinwheelError('EVALUATION_DATA', { reason: `no board has ${least} pins or more` })
}

function hiding(held: readonly Held[]): (entry: Entry) => boolean {
  const boards = new Set(held.map(({ id }) => id))
  const acts = new Set<string>()
  const act = (user: string, pin: string) => JSON.stringify([user, pin])
  for (const { owner, saves } of held) {
    for (const { user, pin } of saves) acts.add(act(user, pin!)).add(act(owner, pin!))
  }
  return (entry) => {
    if (!isEvent(entry) || entry.pin === undefined) return false
    const isOn = entry.board !== undefined && boards.has(entry.board)
    return isOn || acts.has(act(entry.user, entry.pin))
  }
}

type Answers = {
  readonly rung: Rung
  readonly ideas: readonly string[]
  readonly feed: readonly string[]
  readonly popular: readonly string[]
}

/** Everything that was told, folded by an engine that serves. */
class Known {
  readonly #names: Names = bySpace(() => new Interner())
  readonly #engine: Engine
  readonly #feeder: Feeder
  readonly #seed: number
  readonly #frames = new Frames()
  #latest = 0

  constructor({ pins, boardsNamed }: Told, { clock, seed, kinds }: ColdBoardsOptions) {
    const names = this.#names
    this.#engine = new Engine({
      names,
      features: FeatureTable.create(pins + 1),
      clock,
      boardCapacity: boardsNamed + 1,
      writesGraph: true,
      kinds: kinds ?? noDeclaredKinds,
    })
    this.#feeder = new Feeder({ names, partitions: 1, emit: (b) => this.#engine.deliver(b) })
    this.#seed = seed
  }

  tell(entry: Entry): void {
    this.#latest = Math.max(this.#latest, entry.time)
    const full = this.#frames.add(entry)
    if (full) this.#feeder.feed(full)
  }

  build(): void {
    const rest = this.#frames.rest()
    if (rest) this.#feeder.feed(rest)
    this.#feeder.flush()
    this.#engine.buildNow()
  }

  /** False for a board that is gone, or whose owner is. */
  has(board: string): boolean {
    return this.#board(board) !== undefined
  }

  async ask(board: string, limit: number): Promise<Answers> {
    const { owner: user, ...facts } = this.#board(board)!
    const common = { user, limit, exclude: [], explain: false, deadlineMs: 60_000 }
    const when = { at: this.#latest, seed: this.#seed }
    const ask: RecommendAsk = { ...common, ...when, generation: 'mixed', off: [] }
    const ideas = await this.#engine.recommend({ ...ask, board: facts })
    const feed = await this.#engine.recommend(ask)
    const byCounts: RecommendAsk = { ...ask, generation: 'tags', off: ['tags'] }
    const popular = await this.#engine.recommend(byCounts)
    const ids = ({ pins }: typeof ideas) => pins.map(({ pin }) => this.#names.pin.id(pin))
    return { rung: ideas.rung, ideas: ids(ideas), feed: ids(feed), popular: ids(popular) }
  }

  #board(id: string): OwnedBoard | undefined {
    const board = this.#names.board.find(id)
    return board < 0 ? undefined : this.#engine.graph?.board(board)
  }
}

type Found = { readonly recall: number; readonly ndcg: number }

function judged(ranked: readonly string[], targets: ReadonlySet<string>, at: number): Found {
  const relevant = new Set([...targets].map((_, i) => i))
  const numbers = new Map([...targets].map((pin, i) => [pin, i]))
  const places = ranked.map((pin) => numbers.get(pin) ?? -1)
  return userMetrics(places, relevant, relevant.size, at)
}
